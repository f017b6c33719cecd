//! What a training measures of its layers: every measure where it applies, with
//! values that follow from something else.

use gradwise_train::folder::event::{Event, Histogram, Step};
use gradwise_train::folder::reader;
use gradwise_train::run::{Options, train};
use gradwise_train::runfile;
use std::collections::BTreeMap;

const DIGITS: &str = "seed = 3\n[data]\nsource = \"digits\"\npreprocess = [\"scale(16)\"]\n[model]\nwidth = 16\ndepth = 2\n\
                      [train]\nepochs = 3\nbatch = 64\nlr = 0.1\n[health]\nevery = 1\n";

/// Measures by layer and name, each by step.
type Series = BTreeMap<(String, String), Vec<(u64, f64)>>;

struct Run {
    measures: Series,
    histograms: Vec<Histogram>,
    steps: Vec<Step>,
}

fn run(sets: &[(&str, &str)]) -> Run {
    run_of(DIGITS, sets)
}

fn run_of(text: &str, sets: &[(&str, &str)]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let sets: Vec<_> = sets.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    let checked = runfile::parse(text, folder.path(), &sets).unwrap();
    let out = folder.path().join("run");
    train(checked, Options { out: Some(out.clone()), ..Options::default() }).unwrap();
    let mut run = Run { measures: Series::new(), histograms: Vec::new(), steps: Vec::new() };
    for event in reader::read(&out).unwrap() {
        match event {
            Event::Layer(l) => {
                run.measures.entry((l.layer, l.measure)).or_default().push((l.step, l.value.0));
            }
            Event::Histogram(histogram) => run.histograms.push(histogram),
            Event::Step(step) => run.steps.push(step),
            _ => {}
        }
    }
    run
}

impl Run {
    fn of(&self, layer: &str, measure: &str) -> &[(u64, f64)] {
        self.measures.get(&(layer.into(), measure.into())).map_or(&[], Vec::as_slice)
    }

    fn last(&self, layer: &str, measure: &str) -> f64 {
        self.of(layer, measure).last().unwrap_or_else(|| panic!("no {measure} of {layer}")).1
    }
}

#[test]
fn saturation_is_that_of_the_activation() {
    let tanh = [("model.activation", "tanh"), ("train.lr", "1e-9")];
    let mild = run(&tanh).last("dense1", "activation.saturated");
    let wide = [&tanh[..], &[("model.init", "normal(3)")]].concat();
    let run = run(&wide);
    assert!(mild < 0.1, "{mild}");
    assert!(run.last("dense1", "activation.saturated") > 0.7);
    assert!(run.last("dense1", "activation.rank") > 3.0);
    assert!(run.last("dense1", "update.ratio") < 1e-6);
    assert!(run.of("output", "activation.saturated").is_empty(), "softmax");
}

/// 1437 rows: the window is full after 23 of 22 or 23 whole batches an epoch.
#[test]
fn a_unit_is_dead_when_no_row_of_the_data_wakes_it() {
    let still = ("train.lr", "1e-9");
    let dead = run(&[("model.bias", "-50"), still]);
    let series = dead.of("dense1", "units.dead");
    assert_eq!(series.first().map(|(step, _)| *step), Some(23 + 1));
    assert!(series.iter().all(|(_, share)| *share == 1.0), "{series:?}");
    assert_eq!(dead.last("dense1", "activation.zeros"), 1.0);
    assert_eq!(dead.last("dense1", "activation.spread"), 0.0);
    assert!(run(&[still]).last("dense1", "units.dead") < 0.3);
}

#[test]
fn positive_inputs_make_gradients_of_one_sign() {
    let last = |activation| {
        let sets = [("model.activation", activation), ("train.batch", "1")];
        let run = run(&[&sets[..], &[("train.epochs", "1")]].concat());
        run.last("dense2", "weight-gradient.one-signed")
    };
    assert!(last("sigmoid") > 0.9);
    assert!(last("tanh") < 0.1);
}

#[test]
fn what_only_some_layers_have() {
    let maxout = run(&[("model.activation", "maxout(3)")]);
    let wins: f64 = (1..=3).map(|k| maxout.last("dense1", &format!("piece{k}.wins"))).sum();
    assert!((wins - 1.0).abs() < 1e-12, "{wins}");
    assert!(maxout.last("dense1", "pieces.idle") < 0.4);
    let prelu = run(&[("model.activation", "prelu(unit)")]);
    let [low, mean, high] =
        ["min", "mean", "max"].map(|s| prelu.last("dense2", &format!("slope.{s}")));
    assert!(low < mean && mean < high && (mean - 0.25).abs() < 0.25, "{low} {mean} {high}");
    let hinge =
        run(&[("loss.kind", "hinge(1)"), ("model.output", "linear"), ("train.epochs", "20")]);
    assert!(hinge.last("output", "margin.satisfied") > 0.5);
    assert!(maxout.of("output", "margin.satisfied").is_empty());
}

#[test]
fn histograms_are_those_of_the_values() {
    let run = run(&[("model.activation", "tanh")]);
    for of in ["activation", "preactivation-gradient", "weight"] {
        let found = run.histograms.iter().find(|h| h.of == of && h.layer == "dense2").unwrap();
        assert_eq!(found.counts.len(), 64);
        assert!(found.low.0 < 0.0 && found.high.0 > 0.0, "{found:?}");
        let all: u64 = found.counts.iter().sum();
        assert!(all >= 256, "{of}: {all}");
    }
}

/// Rows that are all alike have gradients that are all alike; and the gradient's norm
/// is what plain steps move by.
#[test]
fn noise_is_what_rows_differ_by() {
    let run = run(&[("train.lr", "1e-3")]);
    let moved = |step: u64| {
        let of = |layer: &str| {
            let at = |measure: &str| {
                let series = run.of(layer, measure);
                series.iter().find(|(s, _)| *s == step).map_or(0.0, |(_, x)| *x)
            };
            let count = if layer == "dense1" {
                64.0 * 16.0
            } else if layer == "dense2" {
                256.0
            } else {
                160.0
            };
            count * (at("update.mean").powi(2) + at("update.std").powi(2))
        };
        ["dense1", "dense2", "output"].map(of).iter().sum::<f64>().sqrt()
    };
    let first = run.steps[0];
    let (norm, noise) = (first.gradient_norm.unwrap().0, first.gradient_noise.unwrap().0);
    // Biases move too.
    assert!((0.8..=1.0).contains(&(moved(1) / 1e-3 / norm)), "{} {norm}", moved(1));
    assert!(noise > norm, "{noise}");
    let scale = noise.powi(2) / (norm.powi(2) - noise.powi(2) / 64.0);
    assert!((first.noise_scale.unwrap().0 / scale - 1.0).abs() < 1e-6);
    assert!(first.loss_noise.unwrap().0 > 0.0 && first.loss_noise.unwrap().0 < first.loss.0);
    assert!(run.steps.iter().filter(|s| s.gradient_norm.is_none()).count() < run.steps.len() / 10);
}

#[test]
fn lbfgs_is_measured_like_the_others() {
    let text = DIGITS.replace("batch = 64\nlr = 0.1\n", "optimizer = \"lbfgs\"\n");
    let (run, sgd) = (run_of(&text, &[]), run(&[]));
    let names = |run: &Run| run.measures.keys().cloned().collect::<Vec<_>>();
    let window = |(_, name): &(String, String)| name != "units.dead";
    let kept = |run: &Run| names(run).into_iter().filter(window).collect::<Vec<_>>();
    assert_eq!(kept(&run), kept(&sgd));
    assert_eq!(run.of("dense1", "update.ratio").len(), run.steps.len());
    let size = |value: &str| {
        let of = |what: &str| run.last("dense2", &format!("{value}.{what}"));
        of("mean").hypot(of("std"))
    };
    let ratio = run.last("dense2", "update.ratio");
    assert!((ratio / (size("update") / size("weight")) - 1.0).abs() < 1e-5, "{ratio}");
    let norms: Vec<f64> = run.steps.iter().filter_map(|s| Some(s.gradient_norm?.0)).collect();
    assert!(norms.len() == run.steps.len() && norms.iter().all(|n| *n > 0.0), "{norms:?}");
}
