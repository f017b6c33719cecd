//! The layers of a graph in the order of its forward pass, and what belongs to them.
//!
//! A node that has no layer is put where a reader looks for it: an input beside
//! what first uses it, the rest of the forward pass after the layers that it
//! comes from, everything else at the end.

use gradwise_graph::{Node, Op, Pass};
use std::collections::BTreeMap;

/// Layers and who belongs to them.
pub(super) struct Grouping {
    /// The titles in drawing order; empty for nodes without a layer.
    pub titles: Vec<String>,
    /// For each node the position of its layer.
    pub of: Vec<usize>,
}

/// A group before it has a position: sorted by this key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Position of the layer it follows, in steps of 2; layers themselves are odd.
    order: usize,
    title: String,
}

/// Assigns every node to a group.
pub(super) fn assign(nodes: &[Node], shown: &[bool]) -> Grouping {
    let layers = layers(nodes, shown);
    let behind = behind(nodes, &layers);
    let origins = origins(nodes, &layers);
    let feeds = feeds(nodes);
    let last = Key { order: 2 * layers.len() + 2, title: String::new() };
    let mut keys: Vec<Key> = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.iter().enumerate() {
        let layer =
            |position: usize, title: &str| Key { order: 2 * position + 1, title: title.into() };
        let key = match (layers.get(&*node.scope), origins[index]) {
            (Some(&position), _) => layer(position, &node.scope),
            (None, Origin::Layer(position, title)) => layer(position, title),
            _ if feeds[index] && node.pass == Pass::Forward && !node.operands.is_empty() => {
                Key { order: behind[index].map_or(0, |p| 2 * p + 2), title: String::new() }
            }
            _ => last.clone(),
        };
        keys.push(key);
    }
    place_leaves(nodes, &feeds, &mut keys);
    number(&keys, shown)
}

/// Layers by title, with their positions: by first node, as layers are built in
/// the order in which they compute.
fn layers<'n>(nodes: &'n [Node], shown: &[bool]) -> BTreeMap<&'n str, usize> {
    let mut layers = BTreeMap::new();
    for (node, _) in nodes.iter().zip(shown).filter(|(n, shown)| **shown && !n.scope.is_empty()) {
        let next = layers.len();
        layers.entry(&*node.scope).or_insert(next);
    }
    layers
}

/// The layers whose parameters a value is computed from, and nothing else.
#[derive(Clone, Copy, PartialEq)]
enum Origin<'n> {
    /// It is made of numbers alone.
    Nowhere,
    /// Of one layer's parameters, as a penalty is.
    Layer(usize, &'n str),
    /// Of more than that.
    Wider,
}

/// Where the value of each node comes from: what is made of one layer's parameters
/// belongs to that layer, whoever wrote it.
fn origins<'n>(nodes: &'n [Node], layers: &BTreeMap<&str, usize>) -> Vec<Origin<'n>> {
    let mut origins: Vec<Origin<'n>> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let origin = match (&node.op, layers.get(&*node.scope)) {
            (Op::Parameter(_), Some(&position)) => Origin::Layer(position, &node.scope),
            (Op::Parameter(_) | Op::Input, _) => Origin::Wider,
            _ => node.operands.iter().fold(Origin::Nowhere, |found, o| {
                match (found, origins[o.index()]) {
                    (found, Origin::Nowhere) => found,
                    (Origin::Nowhere, other) => other,
                    (found, other) if found == other => found,
                    _ => Origin::Wider,
                }
            }),
        };
        origins.push(origin);
    }
    origins
}

/// For each node the last layer that it is computed from.
fn behind(nodes: &[Node], layers: &BTreeMap<&str, usize>) -> Vec<Option<usize>> {
    let mut behind: Vec<Option<usize>> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let own = layers.get(&*node.scope).copied();
        let before = node.operands.iter().filter_map(|o| behind[o.index()]).max();
        behind.push(own.max(before));
    }
    behind
}

/// Whether a forward node that has a layer is computed from each node.
fn feeds(nodes: &[Node]) -> Vec<bool> {
    let mut feeds = vec![false; nodes.len()];
    for index in (0..nodes.len()).rev().filter(|&i| nodes[i].pass == Pass::Forward) {
        if feeds[index] || !nodes[index].scope.is_empty() {
            nodes[index].operands.iter().for_each(|o| feeds[o.index()] = true);
        }
    }
    feeds
}

/// Puts leaves without a layer beside their first user, or in front of it where
/// that is the first thing that computes.
fn place_leaves(nodes: &[Node], feeds: &[bool], keys: &mut [Key]) {
    let first = keys.iter().zip(nodes).filter(|(_, n)| !n.operands.is_empty());
    let first = first.map(|(key, _)| key.order).min().unwrap_or(0);
    for index in 0..nodes.len() {
        if !nodes[index].operands.is_empty() || !nodes[index].scope.is_empty() {
            continue;
        }
        let uses = |n: &Node| n.operands.iter().any(|o| o.index() == index);
        let Some(user) = nodes.iter().position(uses) else { continue };
        let in_front = keys[user].order == first && feeds[index];
        keys[index] = match in_front {
            true => Key { order: 0, title: String::new() },
            false => keys[user].clone(),
        };
    }
}

fn number(keys: &[Key], shown: &[bool]) -> Grouping {
    let used = keys.iter().zip(shown).filter(|(_, shown)| **shown);
    let mut sorted: Vec<&Key> = used.map(|(key, _)| key).collect();
    sorted.sort();
    sorted.dedup();
    let of = keys.iter().map(|key| sorted.binary_search(&key).unwrap_or(0)).collect();
    Grouping { titles: sorted.iter().map(|key| key.title.clone()).collect(), of }
}
