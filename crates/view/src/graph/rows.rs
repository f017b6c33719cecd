//! Where shapes stand from top to bottom in their lane, with few crossings.
//!
//! The layered method of Sugiyama, Tagawa and Toda (1981): a line that passes over
//! slots gets a point in each, points of a slot are ordered by the mean place of
//! their neighbours, and then moved towards them as far as their distances allow
//! (a least-squares problem that pooling adjacent violators solves exactly).

use super::sketch::{Lane, Sketch};
use super::slots::Slots;

/// Sweeps over all slots, there and back; more change nothing visible.
const SWEEPS: usize = 60;
/// Of these the first also change the order within slots.
const ORDERING: usize = 8;
/// The weight of the middle of a lane, where that of a neighbour is 1.
const GRAVITY: f32 = 0.12;
/// The distance of a line from what it passes.
const LINE: f32 = 16.0;

/// A place in a lane's slot: a shape, or a point that a line passes through.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// The shape; none for a point of a line.
    pub vertex: Option<usize>,
    /// The slot.
    pub slot: usize,
    /// The height of the centre, from the lane's own zero.
    pub y: f32,
    height: f32,
    /// Whether it stands above the others of its slot, as its line goes up.
    first: bool,
    neighbours: Vec<(usize, f32)>,
}

/// The cells of one lane and the points that each edge passes through.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub cells: Vec<Cell>,
    /// For edges of the lane, by position, the cells between their ends.
    pub through: Vec<(usize, Vec<usize>)>,
    /// The uppermost edge of a shape, and the lowest.
    pub extent: (f32, f32),
}

/// Arranges one lane; `height` is that of a shape with its labels.
pub(super) fn arrange(
    sketch: &Sketch,
    slots: &Slots,
    lane: Lane,
    height: impl Fn(usize) -> f32,
) -> Rows {
    let mut rows = Rows::default();
    let mut cell_of = vec![None; sketch.vertices.len()];
    for (vertex, _) in sketch.vertices.iter().enumerate().filter(|(_, v)| v.lane == lane) {
        let cell = rows.add(Some(vertex), slots.of[vertex], height(vertex));
        rows.cells[cell].first = rises(sketch, vertex);
        cell_of[vertex] = Some(cell);
    }
    for (index, edge) in sketch.edges.iter().enumerate() {
        if let (Some(from), Some(to)) = (cell_of[edge.from], cell_of[edge.to]) {
            let leaf = sketch.edges.iter().all(|e| e.to != edge.from);
            let scalar = sketch.vertices[edge.from].shape.is_empty();
            rows.connect(index, from, to, if leaf || scalar { 0.05 } else { 1.0 });
        }
    }
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); slots.count];
    rows.cells.iter().enumerate().for_each(|(i, cell)| columns[cell.slot].push(i));
    rows.settle(&mut columns);
    let top = rows.shapes().map(|c| c.y - c.height / 2.0).fold(f32::INFINITY, f32::min);
    let bottom = rows.shapes().map(|c| c.y + c.height / 2.0).fold(f32::NEG_INFINITY, f32::max);
    rows.extent = if top <= bottom { (top, bottom) } else { (0.0, 0.0) };
    rows
}

/// Whether a line leads from a shape to the lane above.
fn rises(sketch: &Sketch, vertex: usize) -> bool {
    let lane = sketch.vertices[vertex].lane;
    sketch.edges.iter().any(|e| e.from == vertex && sketch.vertices[e.to].lane < lane)
}

impl Rows {
    fn shapes(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter()
    }

    fn add(&mut self, vertex: Option<usize>, slot: usize, height: f32) -> usize {
        self.cells.push(Cell {
            vertex,
            slot,
            y: 0.0,
            height,
            first: false,
            neighbours: Vec::new(),
        });
        self.cells.len() - 1
    }

    /// Joins two cells by a line, with a point in every slot between them.
    fn connect(&mut self, edge: usize, from: usize, to: usize, weight: f32) {
        let (a, b) = (self.cells[from].slot, self.cells[to].slot);
        let between: Vec<usize> =
            if a < b { (a + 1..b).collect() } else { (b + 1..a).rev().collect() };
        let mut before = from;
        let mut points = Vec::new();
        for slot in between {
            let point = self.add(None, slot, LINE);
            self.join(before, point, weight);
            points.push(point);
            before = point;
        }
        self.join(before, to, weight);
        self.through.push((edge, points));
    }

    fn join(&mut self, a: usize, b: usize, weight: f32) {
        self.cells[a].neighbours.push((b, weight));
        self.cells[b].neighbours.push((a, weight));
    }

    fn settle(&mut self, columns: &mut [Vec<usize>]) {
        for column in columns.iter() {
            self.place(column);
        }
        for sweep in 0..SWEEPS {
            for step in 0..columns.len() {
                let slot = if sweep % 2 == 0 { step } else { columns.len() - 1 - step };
                if sweep < ORDERING {
                    let key = |&i: &usize| (!self.cells[i].first, self.wish(i));
                    columns[slot].sort_by(|a, b| {
                        let ((a, wish_a), (b, wish_b)) = (key(a), key(b));
                        a.cmp(&b).then(wish_a.total_cmp(&wish_b))
                    });
                }
                self.place(&columns[slot]);
            }
        }
    }

    /// Where a cell would like to be: the mean of its neighbours, and a little of
    /// the middle, so that a lane does not drift.
    fn wish(&self, cell: usize) -> f32 {
        let own = &self.cells[cell];
        let total: f32 = GRAVITY + own.neighbours.iter().map(|(_, weight)| weight).sum::<f32>();
        own.neighbours.iter().map(|&(n, weight)| weight * self.cells[n].y).sum::<f32>() / total
    }

    /// Puts the cells of a slot, in their order, as near to their wishes as their
    /// heights allow.
    fn place(&mut self, column: &[usize]) {
        let mut offset = 0.0;
        let mut offsets = Vec::with_capacity(column.len());
        for (position, &cell) in column.iter().enumerate() {
            if position > 0 {
                let above = self.cells[column[position - 1]].height;
                offset += (above + self.cells[cell].height) / 2.0;
            }
            offsets.push(offset);
        }
        let wishes: Vec<f32> =
            column.iter().zip(&offsets).map(|(&cell, offset)| self.wish(cell) - offset).collect();
        for ((&cell, offset), base) in column.iter().zip(&offsets).zip(nondecreasing(&wishes)) {
            self.cells[cell].y = base + offset;
        }
    }
}

/// The nearest sequence that never falls, in least squares.
fn nondecreasing(values: &[f32]) -> Vec<f32> {
    let mut pools: Vec<(f32, usize)> = Vec::new();
    for &value in values {
        pools.push((value, 1));
        while let [.., (a, n), (b, m)] = pools[..]
            && a > b
        {
            pools.truncate(pools.len() - 2);
            pools.push(((a * n as f32 + b * m as f32) / (n + m) as f32, n + m));
        }
    }
    pools.iter().flat_map(|&(value, count)| std::iter::repeat_n(value, count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pooling_keeps_order_and_mean() {
        assert_eq!(nondecreasing(&[1.0, 2.0, 3.0]), [1.0, 2.0, 3.0]);
        assert_eq!(nondecreasing(&[3.0, 1.0, 2.0]), [2.0, 2.0, 2.0]);
        assert_eq!(nondecreasing(&[0.0, 4.0, 2.0, 9.0]), [0.0, 3.0, 3.0, 9.0]);
        assert!(nondecreasing(&[]).is_empty());
    }
}
