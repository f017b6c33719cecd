//! Gives the values inside of a loop registers: blocks of scratch memory that stay
//! in the first-level cache, so as few as possible.

use super::group::Loop;
use super::ir::Ir;
use std::collections::HashMap;

/// Who holds which register while a loop's body is emitted.
#[derive(Debug)]
pub(crate) struct Registers {
    /// The last position in the body at which each item is read.
    last_use: HashMap<usize, usize>,
    held: HashMap<usize, usize>,
    /// Of parameters whose halves were joined, to the end of the loop.
    joined: HashMap<usize, usize>,
    free: Vec<usize>,
    count: usize,
}

impl Registers {
    pub fn new(ir: &Ir, this: &Loop) -> Self {
        let mut last_use = HashMap::new();
        for (position, &index) in this.body.iter().enumerate() {
            last_use.entry(index).or_insert(position);
            for item in ir.items[index].operands.iter().filter_map(|v| v.item()) {
                last_use.insert(item, position);
            }
        }
        Registers {
            last_use,
            held: HashMap::new(),
            joined: HashMap::new(),
            free: Vec::new(),
            count: 0,
        }
    }

    /// A register for an item's result, to the end of the loop if `kept`.
    pub fn take(&mut self, item: usize, kept: bool) -> usize {
        let register = self.any();
        self.held.insert(item, register);
        if kept {
            self.last_use.insert(item, usize::MAX);
        }
        register
    }

    fn any(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.count += 1;
            self.count - 1
        })
    }

    /// A register for a parameter's elements.
    pub fn join(&mut self, parameter: usize) -> usize {
        let register = self.any();
        self.joined.insert(parameter, register);
        register
    }

    /// The register that holds a parameter's elements.
    pub fn of_parameter(&self, parameter: usize) -> Option<usize> {
        self.joined.get(&parameter).copied()
    }

    /// The register that holds the item.
    pub fn of(&self, item: usize) -> Option<usize> {
        self.held.get(&item).copied()
    }

    /// Frees what is not read after `position`.
    pub fn free_after(&mut self, position: usize) {
        let last_use = &self.last_use;
        let done = |item: &usize| last_use.get(item).is_none_or(|&last| last <= position);
        let items: Vec<usize> = self.held.keys().copied().filter(|i| done(i)).collect();
        let mut freed: Vec<usize> =
            items.iter().filter_map(|item| self.held.remove(item)).collect();
        freed.sort_unstable();
        self.free.extend(freed);
    }
}
