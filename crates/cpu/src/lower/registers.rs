//! Gives the values inside of a loop registers: blocks of scratch memory that stay
//! in the first-level cache, so as few as possible. The tile that the head has filled
//! is one too once nobody reads it any more.

use super::group::Loop;
use super::ir::{Ir, Source, View};
use crate::exec::step::Place;
use std::collections::HashMap;

/// Who holds which register while a loop's body is emitted.
#[derive(Debug)]
pub(crate) struct Registers {
    /// The last position in the body at which each item is read.
    last_use: HashMap<usize, usize>,
    held: HashMap<usize, Place>,
    /// Of parameters whose halves were joined, to the end of the loop.
    joined: HashMap<usize, Place>,
    free: Vec<Place>,
    count: usize,
}

impl Registers {
    /// For a loop's body; with its head's item, if that stands in scratch memory only.
    pub fn new(ir: &Ir, this: &Loop, head: Option<usize>) -> Self {
        let mut last_use = HashMap::new();
        for (position, &index) in this.body.iter().enumerate() {
            last_use.entry(index).or_insert(position);
            for item in ir.items[index].operands.iter().filter_map(|v| v.item()) {
                last_use.insert(item, position);
            }
        }
        Registers {
            last_use,
            held: head.map(|item| (item, Place::Head)).into_iter().collect(),
            joined: HashMap::new(),
            free: Vec::new(),
            count: 0,
        }
    }

    /// A register for an item's result, to the end of the loop if `kept`.
    pub fn take(&mut self, item: usize, kept: bool) -> Place {
        let register = self.any();
        self.held.insert(item, register);
        if kept {
            self.last_use.insert(item, usize::MAX);
        }
        register
    }

    fn any(&mut self) -> Place {
        self.free.pop().unwrap_or_else(|| {
            self.count += 1;
            Place::Register(self.count - 1)
        })
    }

    /// A register for a parameter's elements.
    pub fn join(&mut self, parameter: usize) -> Place {
        let register = self.any();
        self.joined.insert(parameter, register);
        register
    }

    /// The register that holds the elements of the view's source.
    pub fn of_view(&self, view: &View) -> Option<Place> {
        match view.source {
            Source::Parameter(parameter) => self.joined.get(&parameter).copied(),
            Source::Item(item) => self.of(item),
            _ => None,
        }
    }

    /// The register that holds the item.
    pub fn of(&self, item: usize) -> Option<Place> {
        self.held.get(&item).copied()
    }

    /// Frees what no position from `position` + 1 on reads: what stands there may be
    /// overwritten, element by element, by what is computed at `position`.
    pub fn free_after(&mut self, position: usize) {
        let last_use = &self.last_use;
        let done = |item: &usize| last_use.get(item).is_none_or(|&last| last <= position);
        let items: Vec<usize> = self.held.keys().copied().filter(|i| done(i)).collect();
        let mut freed: Vec<Place> =
            items.iter().filter_map(|item| self.held.remove(item)).collect();
        freed.sort_unstable_by_key(|place| match place {
            Place::Register(i) => *i,
            _ => usize::MAX,
        });
        self.free.extend(freed);
    }
}
