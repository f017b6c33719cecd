//! The marks of a graph's picture: boxes of layers, lines, shapes, words.

use super::layout::{LABEL, Layout, Place, SMALL};
use super::sketch::{Flow, Kind, Lane, Sketch, Vertex};
use super::{Options, Values, legend, lines};
use crate::paint::{Anchor, Dash, Fill, Ink, Label, Mark, Scene, Segment, Series, Stroke};
use gradwise_graph::{Role, Shape};

/// Paints a layout.
pub(super) fn paint(
    sketch: &Sketch,
    layout: &Layout,
    shapes: &[Shape],
    options: &Options,
    values: Option<&Values>,
) -> Scene {
    let mut scene = Scene::new(layout.width, layout.height, &options.title);
    scene.text(Label { bold: true, ..Label::new(&options.title, (24.0, 30.0), 16.0) });
    paint_boxes(&mut scene, sketch, layout);
    // Kept values are many and of second importance: they pass behind the rest.
    for behind in [true, false] {
        for (index, edge) in sketch.edges.iter().enumerate() {
            if (edge.flow == Flow::Kept) == behind {
                lines::paint(&mut scene, sketch, layout, index);
            }
        }
    }
    for (index, vertex) in sketch.vertices.iter().enumerate() {
        scene.push(shape(vertex, layout.places[index], shapes, values));
    }
    for index in 0..sketch.vertices.len() {
        paint_words(&mut scene, sketch, layout, index);
    }
    legend::paint(&mut scene, sketch, layout);
    scene
}

fn paint_boxes(scene: &mut Scene, sketch: &Sketch, layout: &Layout) {
    let (top, bottom) = layout.band;
    for (title, &(left, right)) in sketch.groups.iter().zip(&layout.boxes) {
        if title.is_empty() {
            continue;
        }
        let size = (right - left, bottom - top);
        let fill = Some(Fill::solid(Ink::Panel));
        let rim = Some(Stroke::solid(Ink::Rule, 1.0));
        scene.push(Mark::rectangle((left, top), size, 8.0, fill, rim));
        let label = Label::new(title.as_str(), (left + 4.0, top - 7.0), LABEL);
        scene.text(Label { bold: true, ink: Ink::Quiet, ..label });
    }
}

/// A vertex: its outline by kind, its label, and what it stands for when it is
/// pointed at.
fn shape(vertex: &Vertex, place: Place, shapes: &[Shape], values: Option<&Values>) -> Mark {
    let mut marks = vec![outline(vertex.kind, vertex.lane, place)];
    let heavy = matches!(vertex.kind, Kind::Result);
    let base = if vertex.detail.is_empty() { place.y + 4.2 } else { place.y - 2.0 };
    let label = Label::new(vertex.label.as_str(), (place.x, base), LABEL);
    marks.push(Mark::Text(Label { anchor: Anchor::Middle, bold: heavy, ..label }));
    if !vertex.detail.is_empty() {
        let label = Label::new(vertex.detail.as_str(), (place.x, place.y + 12.0), SMALL);
        marks.push(Mark::Text(Label { anchor: Anchor::Middle, ink: Ink::Quiet, ..label }));
    }
    let mut title = vertex.title.clone();
    if let Some((values, shape)) = values.zip(shapes.get(vertex.node)) {
        title = format!("{title}\n{}", values.details(vertex.node, shape));
    }
    Mark::Group { title, marks }
}

/// Inputs are round, parameters are hexagons, constants are bare, operations are
/// boxes, a scalar result has two rims.
pub(super) fn outline(kind: Kind, lane: Lane, place: Place) -> Mark {
    let Place { x, y, width, height } = place;
    let (left, top) = (x - width / 2.0, y - height / 2.0);
    let ink = ink_of(lane);
    let paper = Some(Fill::solid(Ink::Paper));
    match kind {
        Kind::Input => {
            let rim = Some(Stroke::solid(ink, 1.6));
            Mark::rectangle((left, top), (width, height), height / 2.0, paper, rim)
        }
        Kind::Parameter(role) => {
            let dash =
                if role.is_learnt() || role == Role::State { Dash::Solid } else { Dash::Dashed };
            hexagon(place, Stroke::dashed(Ink::Text, 1.4, dash))
        }
        Kind::Constant => {
            let rim = Some(Stroke::dashed(Ink::Quiet, 1.0, Dash::Dotted));
            Mark::rectangle((left, top), (width, height), 2.0, paper, rim)
        }
        Kind::Operation => {
            let rim = Some(Stroke::solid(ink, 1.2));
            Mark::rectangle((left, top), (width, height), 4.0, paper, rim)
        }
        Kind::Result => {
            let inner = ((left + 3.0, top + 3.0), (width - 6.0, height - 6.0));
            let rim = Some(Stroke::solid(ink, 1.2));
            let marks = vec![
                Mark::rectangle((left, top), (width, height), 4.0, paper, rim),
                Mark::rectangle(inner.0, inner.1, 2.0, None, rim),
            ];
            Mark::Group { title: String::new(), marks }
        }
    }
}

fn hexagon(place: Place, rim: Stroke) -> Mark {
    let Place { x, y, width, height } = place;
    let (half, up, tip) = (width / 2.0, height / 2.0, 7.0);
    let corners = [
        (x - half, y),
        (x - half + tip, y - up),
        (x + half - tip, y - up),
        (x + half, y),
        (x + half - tip, y + up),
        (x - half + tip, y + up),
    ];
    let mut segments = vec![Segment::Move(corners[0].0, corners[0].1)];
    segments.extend(corners[1..].iter().map(|&(x, y)| Segment::Line(x, y)));
    segments.push(Segment::Close);
    Mark::Path { segments, fill: Some(Fill::solid(Ink::Paper)), stroke: Some(rim) }
}

/// The colour of a lane's shapes and lines.
pub(super) fn ink_of(lane: Lane) -> Ink {
    match lane {
        Lane::Forward => Ink::Series(Series::Blue),
        Lane::Parameter => Ink::Text,
        Lane::Backward => Ink::Series(Series::Vermilion),
        Lane::Update => Ink::Series(Series::Green),
    }
}

/// Shape and numbers of a value where it leaves its vertex: on that side of the
/// line that other lines do not take.
fn paint_words(scene: &mut Scene, sketch: &Sketch, layout: &Layout, index: usize) {
    let (vertex, place) = (&sketch.vertices[index], layout.places[index]);
    let [shape, numbers] = &layout.labels[index];
    let half = place.width / 2.0;
    let (above, under, further) = (-5.0, 13.0, 25.0);
    let (x, anchor, heights) = match vertex.lane {
        Lane::Parameter => (place.x, Anchor::Middle, [0.0, place.height / 2.0 + 11.0]),
        Lane::Backward => (place.x - half - 7.0, Anchor::End, [above, under]),
        Lane::Forward | Lane::Update => (place.x + half + 7.0, Anchor::Start, [above, under]),
    };
    let moved = vertex.lane != Lane::Parameter && lines::leaves_upward(sketch, layout, index);
    let heights = if moved { [under, further] } else { heights };
    for ((text, dy), ink) in [shape, numbers].into_iter().zip(heights).zip([Ink::Quiet, Ink::Text])
    {
        if !text.is_empty() {
            let label = Label::new(text.as_str(), (x, place.y + dy), SMALL);
            scene.text(Label { anchor, ink, halo: true, ..label });
        }
    }
}
