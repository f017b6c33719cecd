//! What the lines and shapes of a graph's picture mean, below it.

use super::layout::{Layout, Place, SMALL};
use super::sketch::{Flow, Kind, Lane, Sketch};
use super::{lines, picture};
use crate::paint::{Ink, Label, Mark, Scene, text_width};
use gradwise_graph::Role;

const SAMPLE: f32 = 34.0;

/// Paints the legend: only what the picture has.
pub(super) fn paint(scene: &mut Scene, sketch: &Sketch, layout: &Layout) {
    let y = layout.band.1 + 26.0;
    let mut x = 24.0;
    let flows = [
        (Flow::Forward, "values, forward"),
        (Flow::Backward, "gradients, backward"),
        (Flow::Kept, "values a gradient needs"),
        (Flow::Update, "update of a parameter"),
    ];
    for (flow, text) in flows {
        if lines::has(sketch, flow) {
            scene.push(Mark::line([(x, y), (x + SAMPLE, y)], lines::stroke(flow)));
            x = word(scene, x + SAMPLE + 6.0, y, text);
        }
    }
    let shapes = [
        (Kind::Input, "input"),
        (Kind::Parameter(Role::Weight), "parameter"),
        (Kind::Parameter(Role::Fixed), "fixed parameter"),
        (Kind::Constant, "constant"),
        (Kind::Operation, "operation"),
        (Kind::Result, "scalar"),
    ];
    for (kind, text) in shapes {
        if sketch.vertices.iter().any(|v| alike(v.kind, kind)) {
            let place = Place { x: x + SAMPLE / 2.0, y, width: SAMPLE - 4.0, height: 16.0 };
            scene.push(picture::outline(kind, Lane::Forward, place));
            x = word(scene, x + SAMPLE + 6.0, y, text);
        }
    }
    scene.width = scene.width.max(x + 12.0);
}

/// Whether two kinds have the same outline.
fn alike(a: Kind, b: Kind) -> bool {
    match (a, b) {
        (Kind::Parameter(a), Kind::Parameter(b)) => (a == Role::Fixed) == (b == Role::Fixed),
        (a, b) => a == b,
    }
}

fn word(scene: &mut Scene, x: f32, y: f32, text: &str) -> f32 {
    let size = SMALL + 1.0;
    scene.text(Label { ink: Ink::Quiet, ..Label::new(text, (x, y + 4.0), size) });
    x + text_width(text, size) + 24.0
}
