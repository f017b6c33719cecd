//! The dense layer: y = dropout(f(x·W + b)) (lecture row L3).

use crate::activation::Activation;
use crate::draw::stream;
use crate::error::BuildError;
use crate::init::{Fan, Init};
use gradwise_graph::ops::Random;
use gradwise_graph::{Graph, Initializer, Role, Shape, Value};

/// A dense layer as it is described.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerSpec {
    /// Units: what the layer gives to the next.
    pub units: usize,
    /// What is done to the weighted sums.
    pub activation: Activation,
    /// The weights' first values.
    pub init: Init,
    /// The biases' first value (a little above 0 keeps ReLU units alive, lecture
    /// row L12); `None` for a layer without biases.
    pub bias: Option<f64>,
    /// The probability with which each activation is set to 0 in training, the
    /// others being scaled by 1/(1 − p): Srivastava et al. 2014, inverted.
    pub dropout: f64,
    /// λ₁ in the penalty λ₁Σ|w| + λ₂Σw² on this layer's weights.
    pub l1: f64,
    /// λ₂ in the same.
    pub l2: f64,
    /// Whether the penalty covers the biases too.
    pub penalize_bias: bool,
}

impl LayerSpec {
    /// A layer with biases that start at 0, no dropout and no penalty.
    pub fn new(units: usize, activation: Activation, init: Init) -> Self {
        LayerSpec {
            units,
            activation,
            init,
            bias: Some(0.0),
            dropout: 0.0,
            l1: 0.0,
            l2: 0.0,
            penalize_bias: false,
        }
    }

    /// Checks what the type does not: ranges of the settings.
    pub(crate) fn check(&self, name: &str) -> Result<(), BuildError> {
        let fail = |reason: String| Err(BuildError::Layer { layer: name.into(), reason });
        if self.units == 0 {
            return fail("it has 0 units: give it at least 1".into());
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return fail(format!("dropout {} is not at least 0 and below 1", self.dropout));
        }
        if self.bias.is_some_and(|bias| !bias.is_finite()) {
            return fail("its bias is not a finite number".into());
        }
        for (key, value) in [("l1", self.l1), ("l2", self.l2)] {
            if !(value >= 0.0 && value.is_finite()) {
                return fail(format!("{key} = {value} is not a number of at least 0"));
            }
        }
        Ok(())
    }
}

/// Which pass of a network is built.
#[derive(Clone, Copy, Debug)]
pub enum Mode<'g> {
    /// With dropout, which takes its random numbers from the scalar `step`.
    Training {
        /// The number of the step.
        step: Value<'g>,
    },
    /// Without dropout.
    Evaluation,
}

/// A dense layer in a graph.
#[derive(Clone, Debug)]
pub struct Layer<'g> {
    /// `dense1`, `dense2`, … and `output`.
    pub name: String,
    /// How it is described.
    pub spec: LayerSpec,
    /// What it is given, `[n, inputs]`.
    pub input: Value<'g>,
    /// The weighted sums x·W + b, `[n, pieces·units]`.
    pub preactivation: Value<'g>,
    /// The activation of the weighted sums, `[n, units]`.
    pub activation: Value<'g>,
    /// The activation after dropout, `[n, units]`; else the activation itself.
    pub output: Value<'g>,
    /// W, `[inputs, pieces·units]`, called `NAME.weight`.
    pub weight: Value<'g>,
    /// b, `[pieces·units]`, called `NAME.bias`.
    pub bias: Option<Value<'g>>,
    /// PReLU's α, `[1]` or `[units]`, called `NAME.slope`.
    pub slope: Option<Value<'g>>,
}

impl<'g> Layer<'g> {
    /// 1 where a unit saturates; see [`Activation::saturated`].
    pub fn saturated(&self, share: f64) -> Option<Value<'g>> {
        let (z, y) = (self.preactivation, self.activation);
        self.spec.activation.saturated(z, y, self.slope, share)
    }

    /// The layer's penalty λ₁Σ|w| + λ₂Σw², if it has one.
    pub fn penalty(&self) -> Option<Value<'g>> {
        let biases = self.bias.filter(|_| self.spec.penalize_bias);
        let terms = [Some(self.weight), biases];
        let of = |value| crate::penalty::penalty(value, self.spec.l1, self.spec.l2);
        let graph = self.weight.graph();
        graph.scope(&self.name, || {
            terms.into_iter().flatten().filter_map(of).reduce(|sum, term| sum + term)
        })
    }
}

/// The parameter called `name`, made if the graph does not have it yet: passes of
/// one network share their parameters.
pub(crate) fn parameter<'g>(
    graph: &'g Graph,
    name: &str,
    sizes: Vec<usize>,
    role: Role,
    initializer: Initializer,
) -> Value<'g> {
    let existing = graph.find_parameter(name);
    let node = existing.and_then(|id| graph.parameters().get(id.index()).map(|p| p.node));
    match node {
        Some(node) => graph.value(node),
        None => graph.parameter(name, sizes, role, initializer),
    }
}

/// What all layers of a network share while it is built.
#[derive(Clone, Copy)]
pub(crate) struct Site<'g> {
    pub graph: &'g Graph,
    pub seed: u64,
    pub mode: Mode<'g>,
}

/// Builds the layer called `name` on `input` `[n, inputs]`.
pub(crate) fn build<'g>(
    site: Site<'g>,
    name: &str,
    spec: &LayerSpec,
    input: Value<'g>,
    inputs: usize,
) -> Layer<'g> {
    let graph = site.graph;
    graph.scope(name, || {
        let make = |part: &str, sizes: Vec<usize>, role, initializer| {
            parameter(graph, &format!("{name}.{part}"), sizes, role, initializer)
        };
        let fan = Fan { inputs, units: spec.units, activation: spec.activation };
        let columns = spec.units.saturating_mul(spec.activation.pieces());
        let drawn = spec.init.initializer(site.seed, &format!("{name}.weight"), fan);
        let weight = make("weight", vec![inputs, columns], Role::Weight, drawn);
        let constant = |value: f64| Initializer::constant(value as f32);
        let bias = spec.bias.map(|b| make("bias", vec![columns], Role::Bias, constant(b)));
        let slopes = spec.activation.slopes(spec.units);
        let slope = slopes.map(|(n, start)| make("slope", vec![n], Role::Slope, constant(start)));
        let product = input.matmul(weight);
        let preactivation = bias.map_or(product, |bias| product + bias);
        let activation = spec.activation.apply(preactivation, slope);
        let output = dropout(site, name, activation, spec);
        let (name, spec) = (name.to_string(), spec.clone());
        Layer { name, spec, input, preactivation, activation, output, weight, bias, slope }
    })
}

/// Inverted dropout: an activation survives where a uniform number is above p, and
/// is scaled by 1/(1 − p), so that evaluation needs no scaling.
fn dropout<'g>(site: Site<'g>, name: &str, y: Value<'g>, spec: &LayerSpec) -> Value<'g> {
    let (p, Mode::Training { step }) = (spec.dropout, site.mode) else { return y };
    if p == 0.0 {
        return y;
    }
    let hash = stream(name);
    let stream = (hash ^ (hash >> 32)) as u32;
    let numbers =
        step.random(Random { seed: site.seed, stream, shape: Shape::batch_by(spec.units) });
    let kept = (numbers - p).step() * (1.0 / (1.0 - p));
    y * kept
}
