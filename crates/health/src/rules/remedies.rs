//! Remedies that several rules share, each so that it reaches the run file as it is:
//! layers may have settings of their own, which those of `[model]` do not change.
//!
//! Each changes as little as its cause asks for. `None` or an empty list where the run
//! file already has what would be set: such a remedy is none.

use crate::finding::{one_digit, set};
use crate::run::Run;
use crate::setup::Setup;
use gradwise_nn::init::Fan;
use gradwise_nn::{Activation, Init, LayerSpec, Optimizer};
use gradwise_train::folder::event::Remedy;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Hidden layers that train whatever their activation.
pub(super) const SHALLOW: usize = 3;
/// First biases beyond this move sums of unit size to one side.
const BIAS: f64 = 0.5;

/// A setting of a layer: its key there, that of `[model]` that stands for it, its value.
struct Setting {
    key: &'static str,
    of_model: &'static str,
    value: fn(&LayerSpec) -> Value,
}

const SETTINGS: [Setting; 5] = [
    Setting { key: "units", of_model: "model.width", value: |l| json!(l.units) },
    Setting {
        key: "activation",
        of_model: "model.activation",
        value: |l| json!(l.activation.to_string()),
    },
    Setting { key: "init", of_model: "model.init", value: |l| json!(l.init.to_string()) },
    Setting {
        key: "bias",
        of_model: "model.bias",
        value: |l| l.bias.map_or(json!(false), |bias| json!(bias)),
    },
    Setting { key: "dropout", of_model: "model.dropout", value: |l| json!(l.dropout) },
];
/// Those that also the output has by `[regularize]`, so that no key of `[model]` stands
/// for them.
const PENALTIES: [Setting; 2] = [
    Setting { key: "l1", of_model: "", value: |l| json!(l.l1) },
    Setting { key: "l2", of_model: "", value: |l| json!(l.l2) },
];

/// Every hidden layer changed in the same way.
pub(super) fn each(setup: &Setup, why: &str, change: impl Fn(&mut LayerSpec)) -> Option<Remedy> {
    let mut after = setup.network.layers.clone();
    after.iter_mut().for_each(change);
    layers(setup, why, &after)
}

/// As many hidden layers that are otherwise: by keys of `[model]` where these reach every
/// layer, else written out.
pub(super) fn layers(setup: &Setup, why: &str, after: &[LayerSpec]) -> Option<Remedy> {
    let before = &setup.network.layers;
    let differs =
        |s: &&Setting| before.iter().zip(after).any(|(b, a)| (s.value)(b) != (s.value)(a));
    let changed: Vec<&Setting> = SETTINGS.iter().chain(&PENALTIES).filter(differs).collect();
    let reach = |s: &&Setting| {
        let alike = after.windows(2).all(|pair| (s.value)(&pair[0]) == (s.value)(&pair[1]));
        alike && !s.of_model.is_empty() && !setup.own.contains(s.key)
    };
    if changed.is_empty() {
        return None;
    }
    let set = match changed.iter().all(reach) {
        true => changed.iter().map(|s| (s.of_model.into(), (s.value)(&after[0]))).collect(),
        false => [("model.layers".into(), written(setup, after, &changed))].into(),
    };
    Some(Remedy { set, why: why.into() })
}

/// Hidden layers as `model.layers` has them: with what was changed, and what they had of
/// their own before.
fn written(setup: &Setup, layers: &[LayerSpec], changed: &[&Setting]) -> Value {
    let table = |layer: &LayerSpec| {
        let all = SETTINGS.iter().chain(&PENALTIES);
        let kept = all.filter(|s| {
            let own = s.key == "units" || setup.own.contains(s.key);
            own || changed.iter().any(|other| other.key == s.key)
        });
        Value::Object(kept.map(|s| (s.key.to_string(), (s.value)(layer))).collect())
    };
    layers.iter().map(table).collect()
}

/// Only the first hidden layers.
pub(super) fn shallower(setup: &Setup, depth: usize, why: &str) -> Option<Remedy> {
    let layers = &setup.network.layers;
    let fewer = layers.get(..depth).filter(|_| depth < layers.len())?;
    Some(match setup.own.contains("units") {
        true => set("model.layers", written(setup, fewer, &[]), why),
        false => set("model.depth", depth, why),
    })
}

/// The first weights that keep the size of signals: at the critical point where theory
/// has one (He et al. 2015 for rectifiers, Glorot and Bengio 2010 for what is centred).
pub(super) fn init_for(activation: Activation) -> Init {
    match activation {
        Activation::Tanh | Activation::Sigmoid | Activation::Softmax | Activation::Linear => {
            Init::Xavier
        }
        Activation::Selu => Init::Lecun,
        _ => Init::He,
    }
}

/// Another activation of the layers whose own is `of`, with first weights that suit it.
pub(super) fn activation(
    setup: &Setup,
    of: impl Fn(Activation) -> bool,
    to: Activation,
    why: &str,
) -> Option<Remedy> {
    each(setup, why, |layer| {
        if of(layer.activation) {
            (layer.activation, layer.init) = (to, init_for(to));
        }
    })
}

/// First weights that keep the size of signals, and biases near 0, where layers have
/// others; of the output too where it has its own and they are far off.
pub(super) fn start(run: &Run, why: &str) -> Vec<Remedy> {
    let Some(setup) = &run.setup else { return vec![set("model.init", "he", why)] };
    let mut after = setup.network.layers.clone();
    for (layer, place) in after.iter_mut().zip(setup.hidden()) {
        if !is_sound(layer, place.inputs) {
            layer.init = init_for(layer.activation);
        }
        layer.bias = layer.bias.map(|bias| if bias.abs() > BIAS { 0.0 } else { bias });
    }
    let parts = [layers(setup, why, &after), output_start(setup, why)].into_iter().flatten();
    let set: BTreeMap<String, Value> = parts.flat_map(|part| part.set).collect();
    if set.is_empty() { Vec::new() } else { vec![Remedy { set, why: why.into() }] }
}

/// Whether first weights are about as large as signals ask for, and differ.
fn is_sound(layer: &LayerSpec, inputs: usize) -> bool {
    let fan = Fan { inputs, units: layer.units, activation: layer.activation };
    let ratio = layer.init.deviation(fan) / init_for(layer.activation).deviation(fan);
    (0.6..1.6).contains(&ratio)
}

/// The output's first weights, where they are its own and over three times as large as
/// signals ask for.
pub(super) fn output_start(setup: &Setup, why: &str) -> Option<Remedy> {
    let place = setup.places().pop()?;
    let fan = Fan { inputs: place.inputs, units: place.spec.units, activation: Activation::Linear };
    let (own, usual) = (place.spec.init.deviation(fan), Init::Xavier.deviation(fan));
    let large = setup.output_init && own > 3.0 * usual;
    large.then(|| set("model.output-init", "xavier", why))
}

/// Tanh or ReLU for activations that are always positive.
pub(super) fn centred(setup: &Setup) -> Vec<Remedy> {
    let positive = |a| matches!(a, Activation::Sigmoid | Activation::Softplus | Activation::Exp);
    let to = |to, why| activation(setup, positive, to, why);
    let tanh = to(Activation::Tanh, "as steep as can be at 0, and centred there");
    tanh.into_iter().chain(to(Activation::Relu, "its slope does not fade")).collect()
}

/// What lets rows through many layers: see [`centred`]; else fewer layers.
pub(super) fn for_depth(setup: &Setup) -> Vec<Remedy> {
    let mut all = centred(setup);
    all.extend(shallower(setup, SHALLOW, "fewer layers for rows to become alike in"));
    all
}

/// The learning rate that an optimizer is usually run with.
pub(super) fn usual_rate(optimizer: &Optimizer) -> f64 {
    match optimizer {
        Optimizer::Adagrad { .. } => 1e-2,
        Optimizer::Adam(_) | Optimizer::AdamW(_) | Optimizer::RmsProp { .. } => 1e-3,
        Optimizer::Sgd { momentum, .. } => 0.1 * (1.0 - momentum).clamp(0.1, 1.0),
        _ => 0.1,
    }
}

fn rate(lr: f64, why: &str) -> Remedy {
    set("train.lr", one_digit(lr), why)
}

/// A tenth and a hundredth of the learning rate, and the usual one if that is lower.
pub(super) fn slower(run: &Run) -> Vec<Remedy> {
    let why = "steps do not overshoot";
    let lr = run.setup.as_ref().map(|s| s.lr).or_else(|| run.steps.first().map(|s| s.lr));
    let Some(lr) = lr else { return Vec::new() };
    let mut rates = vec![lr / 10.0, lr / 100.0];
    let usual = run.setup.as_ref().map(|s| usual_rate(&s.optimizer));
    let differs = |usual: &f64| rates.iter().all(|rate| (rate / usual).ln().abs() > 1.0);
    rates.extend(usual.filter(|usual| *usual < lr / 2.0).filter(differs));
    rates.into_iter().map(|lr| rate(lr, why)).collect()
}

/// The usual learning rate and a few times that, ten and a hundred times the own: those
/// that are higher than the own and within a decade of the usual one, each far from those
/// before it.
pub(super) fn faster(run: &Run) -> Vec<Remedy> {
    let why = "gets somewhere in the same time";
    let Some(setup) = &run.setup else { return Vec::new() };
    let usual = usual_rate(&setup.optimizer);
    let sound = |lr: &f64| *lr > 2.0 * setup.lr && (0.09..=10.0).contains(&(lr / usual));
    let mut rates: Vec<f64> = Vec::new();
    let all = [usual, 10.0 * setup.lr, 5.0 * usual, 100.0 * setup.lr];
    for lr in all.into_iter().filter(sound) {
        if rates.iter().all(|other| (other / lr).ln().abs() > 1.0) {
            rates.push(lr);
        }
    }
    let epsilon = usual_epsilon(&setup.optimizer);
    epsilon.into_iter().chain(rates.into_iter().map(|lr| rate(lr, why))).collect()
}

/// The usual ε, where it is so large that gradients are divided by it in place of their own
/// size, which shortens every step: those of a trained network are smaller than this.
fn usual_epsilon(optimizer: &Optimizer) -> Option<Remedy> {
    const LARGE: f64 = 1e-3;
    let epsilon = optimizer.number("epsilon")?;
    let usual = optimizer.to_string().parse::<Optimizer>().ok()?.number("epsilon")?;
    let why = "gradients are divided by their own size";
    (epsilon > LARGE).then(|| set("train.epsilon", usual, why))
}

/// Adam at its usual rate, where the optimizer is another.
pub(super) fn adam(setup: &Setup) -> Option<Remedy> {
    let own = matches!(setup.optimizer, Optimizer::Adam(_) | Optimizer::AdamW(_));
    let set = [("train.optimizer".into(), json!("adam")), ("train.lr".into(), json!(1e-3))];
    (!own).then(|| Remedy {
        set: set.into(),
        why: "steps of a sensible length in every layer".into(),
    })
}

/// Held-out rows from the training file instead of files of their own. Copies within one
/// file no setting takes out.
pub(super) fn redrawn(run: &Run) -> Option<Remedy> {
    let keys = &run.setup.as_ref()?.held_out;
    let set = keys.iter().map(|key| (key.to_string(), json!(null))).collect();
    (!keys.is_empty()).then(|| Remedy { set, why: "held-out rows are drawn from the rest".into() })
}
