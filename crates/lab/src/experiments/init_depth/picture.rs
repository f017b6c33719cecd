//! The figures: histograms layer by layer, and deviations beside theory.

use super::measure::{ACTIVATIONS, SIZES, Signals, theory};
use super::{INITS, Measured};
use crate::charts::{axis, line, log_axis, panels};
use crate::report::{Figure, short};
use gradwise_nn::{Activation, Init};
use gradwise_view::paint::{Scene, Series};
use gradwise_view::plot::{Axis, Chart, Layer, Ridge, Ridges};

/// Two pictures of histograms for each activation, and one of deviations.
pub fn figures(all: &[Measured]) -> Vec<Figure> {
    let names = [
        ("tanh-forward", "tanh-backward"),
        ("sigmoid-forward", "sigmoid-backward"),
        ("relu-forward", "relu-backward"),
    ];
    let mut figures = Vec::new();
    for (group, (forward, backward)) in all.chunks(INITS.len()).zip(names) {
        let activation = group[0].case.activation;
        let logarithms = activation == Activation::Relu;
        let label = if logarithms {
            "log₁₀ of the activation, where it is above 0"
        } else {
            "activation"
        };
        let range = if logarithms { SIZES } else { ACTIVATIONS };
        figures.push(Figure {
            name: forward,
            caption: format!(
                "{activation}, going up: histograms of each layer's activations (first seed), with \
                 their standard deviation."
            ),
            scene: ridges(
                &format!("{activation}: activations"),
                (label, range, Series::Blue),
                group,
                |s| (&s.activations, &s.forward),
            ),
        });
        figures.push(Figure {
            name: backward,
            caption: format!(
                "{activation}, going down: histograms of the sizes of the gradient that reaches \
                 each layer's activations, with its standard deviation; at layer 10 it is 1."
            ),
            scene: ridges(
                &format!("{activation}: gradients"),
                ("log₁₀ |gradient|", SIZES, Series::Vermilion),
                group,
                |s| (&s.gradients, &s.backward),
            ),
        });
    }
    figures.push(Figure {
        name: "depth",
        caption: "Lines: mean-field theory. Dots: measured. Above the activations, below the \
                  gradients; zeros have neither."
            .into(),
        scene: depth(all),
    });
    figures
}

/// A histogram for each layer, and its standard deviation.
type Distributions<'s> = (&'s [Vec<f64>], &'s [f64]);

fn ridges(
    title: &str,
    (label, range, series): (&str, (f64, f64), Series),
    group: &[Measured],
    of: fn(&Signals) -> Distributions<'_>,
) -> Scene {
    let column = |measured: &Measured| {
        let signals = measured.seeds.first().map(of);
        let rows = signals.into_iter().flat_map(|(counts, deviations)| {
            let ridge = |(counts, deviation): (&Vec<f64>, &f64)| Ridge {
                counts: counts.clone(),
                note: short(*deviation),
            };
            counts.iter().zip(deviations).map(ridge)
        });
        (measured.case.init.to_string(), rows.collect())
    };
    Ridges {
        title: title.into(),
        axis: Axis { range: Some(range), ..axis(label) },
        rows: (1..=10).map(|layer| format!("layer {layer}")).collect(),
        series: Some(series),
        columns: group.iter().map(column).collect(),
        ranges: Vec::new(),
    }
    .draw()
}

fn depth(all: &[Measured]) -> Scene {
    let series = |init: Init| Series::at(INITS.iter().position(|i| *i == init).unwrap_or(1) - 1);
    let flowing = |m: &&Measured| m.case.init != Init::Zeros;
    let mut charts = Vec::new();
    for backward in [false, true] {
        for group in all.chunks(INITS.len()) {
            let mut layers = Vec::new();
            for measured in group.iter().filter(flowing) {
                let series = series(measured.case.init);
                let pick = |(up, down): (Vec<f64>, Vec<f64>)| if backward { down } else { up };
                let found = measured.mean(|s| &s.forward);
                let found = if backward { measured.mean(|s| &s.backward) } else { found };
                let at = |row: Vec<f64>| (1..).map(f64::from).zip(row);
                layers.extend(theory(measured.case).map(|t| line("", at(pick(t)), series)));
                layers.push(Layer::Dots { points: at(found).collect(), series, opacity: 1.0 });
            }
            let what = if backward { "gradient" } else { "activations" };
            charts.push(Chart {
                title: format!("{}: {what}", group[0].case.activation),
                x: axis("layer"),
                y: log_axis("standard deviation"),
                layers,
            });
        }
    }
    let names: Vec<(String, Series)> =
        INITS[1..].iter().map(|init| (init.to_string(), series(*init))).collect();
    let legend: Vec<(&str, Series)> = names.iter().map(|(n, s)| (n.as_str(), *s)).collect();
    panels("Deviations through depth, theory and measurement", 3, (340.0, 270.0), &legend, charts)
}
