//! The values of a graph's parameters, shared by all plans made of it.

use crate::CpuError;
use crate::kernels::Bf16;
use crate::lower::Split;
use crate::memory::Memory;
use gradwise_graph::{Graph, ParameterId};
use std::borrow::Cow;

/// The values of all parameters: weights, and what the optimizer remembers.
#[derive(Debug)]
pub struct State {
    parameters: Vec<Value>,
}

#[derive(Debug)]
struct Value {
    name: String,
    len: usize,
    memory: Memory,
    /// How the numbers stand in the memory, if not as a matrix of f32.
    halves: Option<(Split, &'static Bf16)>,
}

impl Value {
    fn values(&self) -> Cow<'_, [f32]> {
        match &self.halves {
            None => Cow::Borrowed(&self.memory.as_slice()[..self.len]),
            Some((split, bf16)) => {
                let mut values = vec![0.0; self.len];
                split.join(&self.memory, &mut values, bf16);
                Cow::Owned(values)
            }
        }
    }

    /// Has the numbers stand as a plan wants them, and returns where.
    fn stand(
        &mut self,
        split: Option<Split>,
        bf16: Option<&'static Bf16>,
    ) -> Result<*mut f32, CpuError> {
        let wanted = split.zip(bf16);
        if wanted.map(|(split, _)| split) != self.halves.map(|(split, _)| split) {
            let len = wanted.map_or(self.len, |(split, _)| split.len());
            let mut memory = Memory::new(len, &self.name)?;
            match wanted {
                Some((split, bf16)) => split.halve(&self.values(), &mut memory, bf16),
                None => memory.as_mut_slice().copy_from_slice(&self.values()),
            }
            (self.memory, self.halves) = (memory, wanted);
        }
        Ok(self.memory.start())
    }
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
            let len = memory.as_slice().len();
            Ok(Value { name: parameter.name.clone(), len, memory, halves: None })
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

    /// A parameter's elements, row-major; empty if it does not exist. A copy if they
    /// stand in another form, as weights of a plan with bf16 products do.
    pub fn values(&self, id: ParameterId) -> Cow<'_, [f32]> {
        self.parameters.get(id.index()).map_or(Cow::Borrowed(&[]), Value::values)
    }

    /// A copy of a parameter's elements, row-major.
    pub fn read(&self, id: ParameterId) -> Vec<f32> {
        self.values(id).into_owned()
    }

    /// Gives a parameter new elements.
    ///
    /// # Errors
    /// A wrong number of them.
    pub fn write(&mut self, id: ParameterId, values: &[f32]) -> Result<(), CpuError> {
        let found = values.len();
        match self.parameters.get_mut(id.index()) {
            Some(value) if value.len == found => {
                match value.halves {
                    None => value.memory.as_mut_slice().copy_from_slice(values),
                    Some((split, bf16)) => split.halve(values, &mut value.memory, bf16),
                }
                Ok(())
            }
            Some(value) => {
                let (name, expected) = (value.name.clone(), value.len);
                Err(CpuError::Length { name, expected, found })
            }
            None => Err(CpuError::OtherState { expected: id.index() + 1, found: self.len() }),
        }
    }

    /// How many elements a parameter has.
    pub(crate) fn count(&self, parameter: usize) -> Option<usize> {
        self.parameters.get(parameter).map(|value| value.len)
    }

    /// The address of a parameter: of a matrix of f32, or of both its halves.
    pub(crate) fn start(
        &mut self,
        parameter: usize,
        split: Option<Split>,
        bf16: Option<&'static Bf16>,
    ) -> Result<*mut f32, CpuError> {
        let other = CpuError::OtherState { expected: parameter + 1, found: self.len() };
        self.parameters.get_mut(parameter).ok_or(other)?.stand(split, bf16)
    }
}
