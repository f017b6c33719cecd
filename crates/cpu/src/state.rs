//! The values of a graph's parameters, shared by all plans made of it.

use crate::CpuError;
use crate::kernels::{Bf16, Layout};
use crate::lower::Kept;
use crate::memory::Memory;
use gradwise_graph::{Graph, ParameterId};

/// The values of all parameters: weights, and what the optimizer remembers.
#[derive(Debug)]
pub struct State {
    parameters: Vec<Value>,
}

#[derive(Debug)]
struct Value {
    name: String,
    memory: Memory,
    /// Packed for products of bf16 numbers, where a plan wants it so.
    packed: Vec<Packed>,
}

#[derive(Debug)]
struct Packed {
    layout: Layout,
    memory: Memory,
    /// Whether it was packed from the present values.
    current: bool,
}

impl State {
    /// Each parameter of `graph` with its first value.
    ///
    /// # Errors
    /// Memory that could not be had.
    pub fn new(graph: &Graph) -> Result<State, CpuError> {
        let value = |parameter: &gradwise_graph::Parameter| {
            let count = parameter.sizes.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
            let mut memory = Memory::new(count.unwrap_or(usize::MAX), &parameter.name)?;
            parameter.initializer.fill(memory.as_mut_slice());
            Ok(Value { name: parameter.name.clone(), memory, packed: Vec::new() })
        };
        let parameters = graph.parameters().iter().map(value).collect::<Result<_, CpuError>>()?;
        Ok(State { parameters })
    }

    /// How many parameters there are.
    pub fn len(&self) -> usize {
        self.parameters.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.parameters.is_empty()
    }

    /// A parameter's elements, row-major; empty if it does not exist.
    pub fn values(&self, id: ParameterId) -> &[f32] {
        self.parameters.get(id.index()).map_or(&[], |v| v.memory.as_slice())
    }

    /// A copy of a parameter's elements, row-major.
    pub fn read(&self, id: ParameterId) -> Vec<f32> {
        self.values(id).to_vec()
    }

    /// Gives a parameter new elements.
    ///
    /// # Errors
    /// A wrong number of them.
    pub fn write(&mut self, id: ParameterId, values: &[f32]) -> Result<(), CpuError> {
        let found = values.len();
        match self.parameters.get_mut(id.index()) {
            Some(value) if value.memory.as_slice().len() == found => {
                value.memory.as_mut_slice().copy_from_slice(values);
                value.packed.iter_mut().for_each(|packed| packed.current = false);
                Ok(())
            }
            Some(value) => {
                let expected = value.memory.as_slice().len();
                Err(CpuError::Length { name: value.name.clone(), expected, found })
            }
            None => Err(CpuError::OtherState { expected: id.index() + 1, found: self.len() }),
        }
    }

    /// The address of a packed copy that is up to date.
    pub(crate) fn packed(&mut self, kept: &Kept, bf16: &Bf16) -> Result<*mut f32, CpuError> {
        let other = CpuError::OtherState { expected: kept.parameter + 1, found: self.len() };
        let value = self.parameters.get_mut(kept.parameter).ok_or(other)?;
        let at = match value.packed.iter().position(|p| p.layout == kept.layout) {
            Some(at) => at,
            None => {
                let len = kept.layout.len(kept.rows, kept.cols);
                let memory = Memory::new(len, "a packed parameter")?;
                value.packed.push(Packed { layout: kept.layout, memory, current: false });
                value.packed.len() - 1
            }
        };
        let (values, packed) = (&value.memory, &mut value.packed[at]);
        if !packed.current {
            kept.pack(values.as_slice(), &mut packed.memory, bf16);
            packed.current = true;
        }
        Ok(packed.memory.start())
    }

    /// Notes that these parameters are about to change, but for copies that follow.
    pub(crate) fn outdate(&mut self, updated: &[usize], follow: &[Kept]) {
        for &parameter in updated {
            let Some(value) = self.parameters.get_mut(parameter) else { continue };
            for packed in &mut value.packed {
                let same = |k: &Kept| k.parameter == parameter && k.layout == packed.layout;
                packed.current &= follow.iter().any(same);
            }
        }
    }

    /// The addresses of all parameters.
    pub(crate) fn starts(&mut self) -> impl Iterator<Item = (*mut f32, usize)> {
        self.parameters.iter_mut().map(|v| (v.memory.start(), v.memory.as_slice().len()))
    }
}
