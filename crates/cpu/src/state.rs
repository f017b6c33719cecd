//! The values of a graph's parameters, shared by all plans made of it.

use crate::CpuError;
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
            Ok(Value { name: parameter.name.clone(), memory })
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
                Ok(())
            }
            Some(value) => {
                let expected = value.memory.as_slice().len();
                Err(CpuError::Length { name: value.name.clone(), expected, found })
            }
            None => Err(CpuError::OtherState { expected: id.index() + 1, found: self.len() }),
        }
    }

    /// The addresses of all parameters.
    pub(crate) fn starts(&mut self) -> impl Iterator<Item = (*mut f32, usize)> {
        self.parameters.iter_mut().map(|v| (v.memory.start(), v.memory.as_slice().len()))
    }
}
