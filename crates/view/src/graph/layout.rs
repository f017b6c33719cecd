//! From slots and rows to pixels: sizes of shapes, lanes and layers, ways of lines.

use super::Values;
use super::rows::{self, Rows};
use super::sketch::{Kind, Lane, Sketch, Vertex};
use super::slots::{self, Slots};
use crate::paint::text_width;

/// Text sizes in pixels.
pub(super) const LABEL: f32 = 12.0;
pub(super) const SMALL: f32 = 10.0;
/// From the edge of the picture to what is in it.
const MARGIN: f32 = 24.0;
/// Above the layers: the picture's title and theirs.
const HEAD: f32 = 66.0;
/// Below them: the legend.
const FOOT: f32 = 48.0;
/// Between a layer's box and what is in it.
const PADDING: f32 = 12.0;
/// Between lanes.
const LANE_GAP: f32 = 40.0;
/// The shortest line between two shapes.
const SHORTEST: f32 = 30.0;

/// Where everything is.
#[derive(Debug)]
pub(super) struct Layout {
    pub width: f32,
    pub height: f32,
    pub places: Vec<Place>,
    /// For each edge the points between its ends that it passes through, each
    /// with the half width over which it runs level.
    pub ways: Vec<Vec<(f32, f32, f32)>>,
    /// Left and right of each layer's box.
    pub boxes: Vec<(f32, f32)>,
    /// Top and bottom of all boxes.
    pub band: (f32, f32),
    /// For each edge label its lines, the value's shape and its numbers.
    pub labels: Vec<[String; 2]>,
}

/// A shape's centre and size.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

/// Finds the place of everything.
pub(super) fn arrange(
    sketch: &Sketch,
    shapes: &[gradwise_graph::Shape],
    values: Option<&Values>,
) -> Layout {
    let slots = slots::assign(sketch);
    let labels: Vec<[String; 2]> =
        sketch.vertices.iter().map(|v| words(v, shapes, values)).collect();
    let mut places: Vec<Place> =
        sketch.vertices.iter().zip(&labels).map(|(v, l)| sized(v, l)).collect();
    let columns = Columns::new(sketch, &slots, &places, &labels);
    let mut ways = vec![Vec::new(); sketch.edges.len()];
    let mut top = HEAD + PADDING;
    let mut bottom = top;
    for lane in Lane::ALL {
        if !sketch.vertices.iter().any(|v| v.lane == lane) {
            continue;
        }
        let room = |v: usize| places[v].height + below(lane, &labels[v]) + 20.0;
        let rows = rows::arrange(sketch, &slots, lane, room);
        place_lane(&rows, top, &columns, &mut places, &mut ways);
        bottom = top + rows.extent.1 - rows.extent.0;
        top = bottom + LANE_GAP;
    }
    let right = sketch.vertices.iter().zip(&places).zip(&labels).map(|((v, place), label)| {
        let text = label.iter().map(|l| text_width(l, SMALL)).fold(0.0, f32::max) + 8.0;
        let beside = matches!(v.lane, Lane::Forward | Lane::Update);
        place.x + place.width / 2.0 + if beside { text } else { 0.0 }
    });
    let right = right.fold(columns.right, f32::max);
    Layout {
        width: right + MARGIN,
        height: bottom + PADDING + FOOT,
        places,
        ways,
        boxes: columns.boxes,
        band: (HEAD, bottom + PADDING),
        labels,
    }
}

/// The lines beside a shape's outgoing edge. A parameter wears its own shape.
fn words(
    vertex: &Vertex,
    shapes: &[gradwise_graph::Shape],
    values: Option<&Values>,
) -> [String; 2] {
    let numbers = values
        .zip(shapes.get(vertex.node))
        .map_or(String::new(), |(values, shape)| values.summary(vertex.node, shape));
    match vertex.kind {
        Kind::Parameter(_) => [String::new(), numbers],
        _ => [vertex.shape.clone(), numbers],
    }
}

fn sized(vertex: &Vertex, words: &[String; 2]) -> Place {
    let mut width = text_width(&vertex.label, LABEL).max(text_width(&vertex.detail, SMALL)) + 20.0;
    if matches!(vertex.kind, Kind::Parameter(_)) {
        width = width.max(text_width(&words[1], SMALL) + 6.0) + 6.0;
    }
    let height = if vertex.detail.is_empty() { 26.0 } else { 38.0 };
    Place { x: 0.0, y: 0.0, width: width.max(30.0), height }
}

/// The room that numbers take below a shape.
fn below(lane: Lane, words: &[String; 2]) -> f32 {
    if lane == Lane::Parameter && !words[1].is_empty() { 14.0 } else { 0.0 }
}

/// Where slots and layers' boxes stand from left to right.
struct Columns {
    centres: Vec<f32>,
    widths: Vec<f32>,
    boxes: Vec<(f32, f32)>,
    right: f32,
}

impl Columns {
    fn new(sketch: &Sketch, slots: &Slots, places: &[Place], labels: &[[String; 2]]) -> Columns {
        let mut widths = vec![12.0f32; slots.count];
        let mut gaps = vec![SHORTEST; slots.count + 1];
        for (index, vertex) in sketch.vertices.iter().enumerate() {
            let slot = slots.of[index];
            widths[slot] = widths[slot].max(places[index].width);
            if vertex.lane == Lane::Parameter {
                continue;
            }
            let text = labels[index].iter().map(|l| text_width(l, SMALL)).fold(0.0, f32::max);
            let gap = if vertex.lane == Lane::Backward { slot } else { slot + 1 };
            gaps[gap] = gaps[gap].max(text + 24.0);
        }
        // Backward labels stand to the left of their shapes, also of the first ones.
        let right = MARGIN + gaps[0] - SHORTEST;
        let mut columns = Columns { centres: Vec::new(), widths, boxes: Vec::new(), right };
        for group in 0..sketch.groups.len() {
            let end = slots.first.get(group + 1).copied().unwrap_or(slots.count);
            let last = group + 1 == sketch.groups.len();
            columns.add_group(slots.first[group]..end, &gaps, last);
            columns.widen_for_title(&sketch.groups[group]);
        }
        columns
    }

    /// Adds a layer's slots; its box ends before the labels that leave it do, so
    /// that these stand between the boxes.
    fn add_group(&mut self, slots: std::ops::Range<usize>, gaps: &[f32], last: bool) {
        let left = self.right;
        let mut x = left + PADDING;
        for slot in slots.clone() {
            self.centres.push(x + self.widths[slot] / 2.0);
            x += self.widths[slot];
            if slot + 1 < slots.end {
                x += gaps[slot + 1];
            }
        }
        let right = x + PADDING;
        self.boxes.push((left, right));
        let between = gaps.get(slots.end).copied().unwrap_or(0.0) - 2.0 * PADDING;
        self.right = if last { right } else { right + between.max(26.0) };
    }

    fn widen_for_title(&mut self, title: &str) {
        let Some((left, right)) = self.boxes.last_mut() else { return };
        let missing = text_width(title, LABEL) + 8.0 - (*right - *left);
        if missing > 0.0 {
            *right += missing;
            self.right += missing;
        }
    }
}

fn place_lane(
    rows: &Rows,
    top: f32,
    columns: &Columns,
    places: &mut [Place],
    ways: &mut [Vec<(f32, f32, f32)>],
) {
    let y = |cell: &rows::Cell| top + cell.y - rows.extent.0;
    for cell in &rows.cells {
        if let Some(vertex) = cell.vertex {
            places[vertex].x = columns.centres[cell.slot];
            places[vertex].y = y(cell);
        }
    }
    for (edge, points) in &rows.through {
        let point = |&i: &usize| {
            let cell = &rows.cells[i];
            (columns.centres[cell.slot], y(cell), columns.widths[cell.slot] / 2.0)
        };
        ways[*edge] = points.iter().map(point).collect();
    }
}
