//! The lines between shapes: level within a lane, upright between lanes.

use super::layout::{Layout, Place};
use super::sketch::{Edge, Flow, Sketch};
use crate::paint::{Dash, Fill, Ink, Mark, Scene, Segment, Series, Stroke};

/// The length of an arrow's head.
const HEAD: f32 = 6.5;

/// How a line looks by what runs along it.
pub(super) fn stroke(flow: Flow) -> Stroke {
    match flow {
        Flow::Forward => Stroke::solid(Ink::Series(Series::Blue), 1.5),
        Flow::Backward => Stroke::dashed(Ink::Series(Series::Vermilion), 1.5, Dash::Dashed),
        Flow::Update => Stroke::dashed(Ink::Series(Series::Green), 1.5, Dash::DashDot),
        Flow::Kept => Stroke { opacity: 0.75, ..Stroke::dashed(Ink::Quiet, 0.9, Dash::Dotted) },
    }
}

/// Paints one line with its head.
pub(super) fn paint(scene: &mut Scene, sketch: &Sketch, layout: &Layout, index: usize) {
    let edge = sketch.edges[index];
    let (from, to) = (layout.places[edge.from], layout.places[edge.to]);
    let shift = shift(sketch, layout, index);
    let style = stroke(edge.flow);
    let (segments, head) = if is_level(sketch, edge) {
        level(from, to, &layout.ways[index], shift)
    } else {
        match detour(sketch, layout, edge) {
            Some(around) => sideways(from, to, around),
            None => upright(from, to, shift),
        }
    };
    scene.push(Mark::Path { segments, fill: None, stroke: Some(style) });
    let fill = Fill { ink: style.ink, opacity: style.opacity };
    scene.push(Mark::area(head, fill));
}

fn is_level(sketch: &Sketch, edge: Edge) -> bool {
    sketch.vertices[edge.from].lane == sketch.vertices[edge.to].lane
}

/// How far from the middle of a side a line arrives, so that lines which arrive
/// together do not cover each other: in the order in which they come.
fn shift(sketch: &Sketch, layout: &Layout, index: usize) -> f32 {
    let edge = sketch.edges[index];
    let level = is_level(sketch, edge);
    let (target, above) =
        (layout.places[edge.to], |e: &Edge| layout.places[e.from].y < layout.places[e.to].y);
    let together = |e: &&Edge| {
        e.to == edge.to && is_level(sketch, **e) == level && (level || above(e) == above(&edge))
    };
    let key = |e: &Edge| {
        let place = layout.places[e.from];
        if level { place.y } else { place.x }
    };
    let arriving: Vec<&Edge> = sketch.edges.iter().filter(together).collect();
    let before = arriving.iter().filter(|e| (key(e), e.from) < (key(&edge), edge.from)).count();
    let side = if level { target.height } else { target.width };
    let step = (side * 0.6 / arriving.len() as f32).min(11.0);
    (before as f32 - (arriving.len() as f32 - 1.0) / 2.0) * step
}

type Head = [(f32, f32); 3];

/// Out of one side, through level stretches, into the other side.
fn level(from: Place, to: Place, way: &[(f32, f32, f32)], shift: f32) -> (Vec<Segment>, Head) {
    let sign = if to.x >= from.x { 1.0 } else { -1.0 };
    let start = (from.x + sign * from.width / 2.0, from.y);
    let end = (to.x - sign * to.width / 2.0, to.y + shift);
    let mut segments = vec![Segment::Move(start.0, start.1)];
    let mut at = start;
    let mut bend = |segments: &mut Vec<Segment>, x: f32, y: f32| {
        let middle = (at.0 + x) / 2.0;
        segments.push(Segment::Curve([middle, at.1, middle, y, x, y]));
        at = (x, y);
    };
    for &(x, y, half) in way {
        bend(&mut segments, x - sign * half, y);
        bend(&mut segments, x + sign * half, y);
    }
    bend(&mut segments, end.0 - sign * HEAD * 0.8, end.1);
    let back = end.0 - sign * HEAD;
    (segments, [end, (back, end.1 - HEAD / 2.0), (back, end.1 + HEAD / 2.0)])
}

/// Out of the top or bottom, into the bottom or top.
fn upright(from: Place, to: Place, shift: f32) -> (Vec<Segment>, Head) {
    let sign = if to.y >= from.y { 1.0 } else { -1.0 };
    let start = (from.x, from.y + sign * from.height / 2.0);
    let end = (to.x + shift, to.y - sign * to.height / 2.0);
    let tip = end.1 - sign * HEAD * 0.8;
    let middle = (start.1 + tip) / 2.0;
    let segments = vec![
        Segment::Move(start.0, start.1),
        Segment::Curve([start.0, middle, end.0, middle, end.0, tip]),
    ];
    let back = end.1 - sign * HEAD;
    (segments, [end, (end.0 - HEAD / 2.0, back), (end.0 + HEAD / 2.0, back)])
}

/// Where a straight line up or down would run through other shapes, the left or
/// right of them: on that side where their words do not stand.
fn detour(sketch: &Sketch, layout: &Layout, edge: Edge) -> Option<f32> {
    let (from, to) = (layout.places[edge.from], layout.places[edge.to]);
    if edge.flow == Flow::Kept || (from.x - to.x).abs() > 12.0 {
        return None;
    }
    let (low, high) = (from.y.min(to.y), from.y.max(to.y));
    let in_way = |&v: &usize| {
        let place = layout.places[v];
        let between = place.y > low && place.y < high;
        v != edge.from && v != edge.to && between && (place.x - from.x).abs() < place.width / 2.0
    };
    let blocking: Vec<usize> = (0..sketch.vertices.len()).filter(in_way).collect();
    let half = blocking.iter().map(|&v| layout.places[v].width / 2.0).reduce(f32::max)?;
    let backward =
        blocking.iter().any(|&v| sketch.vertices[v].lane == super::sketch::Lane::Backward);
    Some(from.x + if backward { half + 9.0 } else { -half - 9.0 })
}

/// Out of the top or bottom, along `x`, into the bottom or top.
fn sideways(from: Place, to: Place, x: f32) -> (Vec<Segment>, Head) {
    let sign = if to.y >= from.y { 1.0 } else { -1.0 };
    let start = (from.x, from.y + sign * from.height / 2.0);
    let shift = (x - to.x).signum() * to.width * 0.25;
    let end = (to.x + shift, to.y - sign * to.height / 2.0);
    let (tip, bend) = (end.1 - sign * HEAD * 0.8, 16.0 * sign);
    let half = bend / 2.0;
    let segments = vec![
        Segment::Move(start.0, start.1),
        Segment::Curve([start.0, start.1 + half, x, start.1 + half, x, start.1 + bend]),
        Segment::Line(x, tip - bend),
        Segment::Curve([x, tip - half, end.0, tip - half, end.0, tip]),
    ];
    let back = end.1 - sign * HEAD;
    (segments, [end, (end.0 - HEAD / 2.0, back), (end.0 + HEAD / 2.0, back)])
}

/// Whether the level lines that leave a shape go up and none goes down.
pub(super) fn leaves_upward(sketch: &Sketch, layout: &Layout, vertex: usize) -> bool {
    let own = layout.places[vertex].y;
    let leaving = sketch.edges.iter().enumerate();
    let leaving = leaving.filter(|(_, e)| e.from == vertex && is_level(sketch, **e));
    let next = |(i, e): (usize, &Edge)| {
        let way = layout.ways[i].first();
        way.map_or(layout.places[e.to].y, |point| point.1) - own
    };
    let rises: Vec<f32> = leaving.map(next).collect();
    rises.iter().any(|dy| *dy < -4.0) && rises.iter().all(|dy| *dy < 4.0)
}

/// Whether any line of a kind is drawn.
pub(super) fn has(sketch: &Sketch, flow: Flow) -> bool {
    sketch.edges.iter().any(|e| e.flow == flow)
}
