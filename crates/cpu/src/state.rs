//! The values of a graph's parameters, shared by all plans made of it.

use crate::CpuError;
use crate::kernels::Bf16;
use crate::lower::Split;
use crate::memory::Memory;
use gradwise_graph::{Graph, Parameter, ParameterId};
use std::borrow::Cow;

/// The values of all parameters: weights, and what the optimizer remembers.
///
/// They stand in one block of memory, which is big enough for huge pages: a step goes
/// through all of them, and with small pages would wait for their addresses.
#[derive(Debug)]
pub struct State {
    memory: Memory,
    parameters: Vec<Value>,
}

#[derive(Debug)]
struct Value {
    name: String,
    /// Where it starts, and the room that it has.
    start: usize,
    room: usize,
    len: usize,
    /// How the numbers stand, if not as a matrix of f32.
    halves: Option<(Split, &'static Bf16)>,
}

impl Value {
    fn of(parameter: &Parameter) -> Result<Value, CpuError> {
        let name = parameter.name.clone();
        let count = parameter.sizes.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
        let Some(len) = count.filter(|n| *n < usize::MAX / 16) else {
            return Err(CpuError::Memory { what: name, bytes: usize::MAX });
        };
        let room = Split::of_sizes(0, &parameter.sizes).map_or(len, |split| split.len().max(len));
        Ok(Value { name, start: 0, room, len, halves: None })
    }

    fn values<'m>(&self, memory: &'m Memory) -> Cow<'m, [f32]> {
        let stored = &memory.as_slice()[self.start..][..self.room];
        match &self.halves {
            None => Cow::Borrowed(&stored[..self.len]),
            Some((split, bf16)) => {
                let mut values = vec![0.0; self.len];
                split.join(stored, &mut values, bf16);
                Cow::Owned(values)
            }
        }
    }

    fn write(&self, memory: &mut Memory, values: &[f32]) {
        let stored = &mut memory.as_mut_slice()[self.start..][..self.room];
        match self.halves {
            None => stored[..self.len].copy_from_slice(values),
            Some((split, bf16)) => {
                // What a tile has beyond the matrix is zero.
                stored.fill(0.0);
                split.halve(values, stored, bf16);
            }
        }
    }

    /// Has the numbers stand as a plan wants them.
    fn stand(
        &mut self,
        memory: &mut Memory,
        split: Option<Split>,
        bf16: Option<&'static Bf16>,
    ) -> Result<(), CpuError> {
        let wanted = split.zip(bf16);
        if wanted.map(|(split, _)| split) == self.halves.map(|(split, _)| split) {
            return Ok(());
        }
        if let Some((split, _)) = wanted.filter(|(split, _)| split.len() > self.room) {
            return Err(CpuError::Memory { what: self.name.clone(), bytes: 4 * split.len() });
        }
        let values = self.values(memory).into_owned();
        self.halves = wanted;
        self.write(memory, &values);
        Ok(())
    }
}

/// Parameters start at cache lines, and not all at the same place of a page: what one
/// instruction reads and another writes would be taken for the same address.
fn places(values: &mut [Value]) -> usize {
    const LINE: usize = 16;
    const APART: usize = 5 * LINE;
    values.iter_mut().fold(0, |end, value| {
        value.start = end;
        end + value.room.next_multiple_of(LINE) + APART
    })
}

impl State {
    /// Each parameter of `graph` with its first value.
    ///
    /// # Errors
    /// Memory that could not be had.
    pub fn new(graph: &Graph) -> Result<State, CpuError> {
        let of_graph = graph.parameters();
        let mut parameters =
            of_graph.iter().map(Value::of).collect::<Result<Vec<_>, CpuError>>()?;
        let mut memory = Memory::new(places(&mut parameters), "the parameters")?;
        for (value, parameter) in parameters.iter().zip(of_graph.iter()) {
            let to = &mut memory.as_mut_slice()[value.start..][..value.len];
            parameter.initializer.fill(to);
        }
        Ok(State { memory, parameters })
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
        let value = self.parameters.get(id.index());
        value.map_or(Cow::Borrowed(&[]), |value| value.values(&self.memory))
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
        match self.parameters.get(id.index()) {
            Some(value) if value.len == found => {
                value.write(&mut self.memory, values);
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
        let value = self.parameters.get_mut(parameter).ok_or(other)?;
        value.stand(&mut self.memory, split, bf16)?;
        Ok(self.memory.start().wrapping_add(value.start))
    }
}
