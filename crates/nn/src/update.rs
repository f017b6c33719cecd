//! Optimizer steps as graph: from parameter, gradient and state to the new ones.
//!
//! The formulas are PyTorch's, in its order of operations. Everything that is the
//! same for all elements (bias corrections, the clip factor) is computed once a
//! step as a scalar, so that each parameter's update is one chain of element-wise
//! operations that a backend fuses into a single pass over memory.

use crate::error::BuildError;
use crate::optimizer::{Adam, Optimizer};
use gradwise_graph::ops::Unary;
use gradwise_graph::{Dim, Graph, Initializer, Op, Pass, Role, Value};

/// The scalar inputs of an update and what is put on the gradients.
#[derive(Clone, Copy, Debug)]
pub struct Rates<'g> {
    /// The learning rate, a scalar.
    pub lr: Value<'g>,
    /// The number of the step, a scalar, 1 at the first update.
    pub step: Value<'g>,
    /// The largest allowed norm of all gradients together: they are multiplied by
    /// min(1, clip/(norm + 1e-6)), PyTorch's `clip_grad_norm_`.
    pub clip: Option<f64>,
}

impl Optimizer {
    /// Adds to `graph` the updates of `parameters`, given the loss's gradients by
    /// them. State becomes parameters of role `State`, such as
    /// `dense1.weight.momentum`. Returns the norm of all gradients before clipping,
    /// if there is clipping.
    ///
    /// # Errors
    /// A setting out of range, L-BFGS, a value that is no parameter, or the graph's
    /// own error.
    pub fn build<'g>(
        &self,
        graph: &'g Graph,
        parameters: &[Value<'g>],
        gradients: &[Value<'g>],
        rates: Rates<'g>,
    ) -> Result<Option<Value<'g>>, BuildError> {
        self.check(rates, parameters.len(), gradients.len())?;
        graph.pass(Pass::Update, || {
            let norm = rates.clip.map(|_| global_norm(graph, gradients));
            let factor = norm.zip(rates.clip).map(|(norm, clip)| clip_factor(norm, clip));
            let rule = self.rule(rates)?;
            for (&parameter, &gradient) in parameters.iter().zip(gradients) {
                let name = self.parameter_name(graph, parameter)?;
                let scope = graph.node(parameter.id()).scope.clone();
                graph.scope(&scope, || {
                    let gradient = factor.map_or(gradient, |factor| gradient * factor);
                    rule(&Site { graph, name, parameter }, gradient);
                });
            }
            graph.check()?;
            Ok(norm)
        })
    }

    fn fail(&self, reason: impl Into<String>) -> BuildError {
        BuildError::Optimizer { optimizer: self.to_string(), reason: reason.into() }
    }

    fn check(
        &self,
        rates: Rates<'_>,
        parameters: usize,
        gradients: usize,
    ) -> Result<(), BuildError> {
        if let Optimizer::Sgd { momentum: 0.0, nesterov: true, .. } = self {
            return Err(self.fail("nesterov needs momentum above 0, such as momentum = 0.9"));
        }
        if rates.clip.is_some_and(|clip| !(clip > 0.0 && clip.is_finite())) {
            return Err(self.fail("clip is not a number above 0"));
        }
        if parameters != gradients {
            return Err(self.fail(format!("{gradients} gradients for {parameters} parameters")));
        }
        Ok(())
    }

    fn parameter_name(&self, graph: &Graph, value: Value<'_>) -> Result<String, BuildError> {
        let node = graph.node(value.id());
        match node.op {
            Op::Parameter(_) => Ok(node.label()),
            _ => Err(self.fail(format!("{} is no parameter", node.label()))),
        }
    }

    /// What is done to each parameter, given its gradient. Scalars that all
    /// parameters share are made here, once.
    fn rule<'g>(&self, rates: Rates<'g>) -> Result<Rule<'g>, BuildError> {
        let lr = rates.lr;
        Ok(match *self {
            Optimizer::Sgd { momentum, nesterov, weight_decay } => Box::new(move |site, g| {
                sgd(site, site.decayed(g, weight_decay), lr, (momentum, nesterov));
            }),
            Optimizer::Adam(settings) => {
                let corrections = corrections(rates, settings);
                Box::new(move |site, g| {
                    let g = site.decayed(g, settings.weight_decay);
                    adam(site, site.parameter, g, settings, corrections);
                })
            }
            Optimizer::AdamW(settings) => {
                let corrections = corrections(rates, settings);
                let decay = settings.weight_decay;
                let kept = (decay != 0.0).then(|| 1.0 - lr * decay);
                Box::new(move |site, g| {
                    let weight = kept.map_or(site.parameter, |kept| site.parameter * kept);
                    adam(site, weight, g, settings, corrections);
                })
            }
            Optimizer::RmsProp { rho, epsilon, momentum, weight_decay } => {
                Box::new(move |site, g| {
                    let g = site.decayed(g, weight_decay);
                    let square = average(site.state("square"), g.square(), rho);
                    site.keep("square", square);
                    sgd(site, g / (square.sqrt() + epsilon), lr, (momentum, false));
                })
            }
            Optimizer::Adagrad { epsilon, weight_decay } => Box::new(move |site, g| {
                let g = site.decayed(g, weight_decay);
                let sum = site.state("sum") + g.square();
                site.keep("sum", sum);
                sgd(site, g / (sum.sqrt() + epsilon), lr, (0.0, false));
            }),
            Optimizer::Lbfgs { .. } => {
                return Err(self.fail("it works on full batches outside of a graph: use Lbfgs"));
            }
        })
    }
}

/// Adds the update of one parameter, given its gradient.
type Rule<'g> = Box<dyn Fn(&Site<'g>, Value<'g>) + 'g>;

/// Adam's lr/(1 − β₁ᵗ) and 1/√(1 − β₂ᵗ).
fn corrections<'g>(rates: Rates<'g>, settings: Adam) -> [Value<'g>; 2] {
    let rate = rates.lr / correction(rates.step, settings.beta1);
    [rate, correction(rates.step, settings.beta2).sqrt().recip()]
}

/// 1 − βᵗ, exact for β near 1 in f32 too: ELU is eˣ − 1 below zero.
fn correction(step: Value<'_>, beta: f64) -> Value<'_> {
    if beta == 0.0 {
        return step.graph().scalar(1.0);
    }
    -(step * libm::log(beta)).unary(Unary::Elu(1.0))
}

/// The square root of the sum of squares over all gradients.
fn global_norm<'g>(graph: &'g Graph, gradients: &[Value<'g>]) -> Value<'g> {
    let squares = gradients.iter().map(|g| g.square().sum());
    let sum = squares.reduce(|sum, square| sum + square);
    sum.unwrap_or_else(|| graph.scalar(0.0)).sqrt().name("gradient norm")
}

fn clip_factor(norm: Value<'_>, clip: f64) -> Value<'_> {
    let one = norm.graph().scalar(1.0);
    (clip / (norm + 1e-6)).min(one).name("clip factor")
}

/// β·old + (1 − β)·new.
fn average<'g>(old: Value<'g>, new: Value<'g>, beta: f64) -> Value<'g> {
    old * beta + new * (1.0 - beta)
}

/// One parameter under update.
struct Site<'g> {
    graph: &'g Graph,
    name: String,
    parameter: Value<'g>,
}

impl<'g> Site<'g> {
    /// The state `NAME.part`, of the parameter's sizes, first 0; made once.
    fn state(&self, part: &str) -> Value<'g> {
        let name = format!("{}.{part}", self.name);
        let dims = self.parameter.shape();
        let sizes: Vec<usize> = dims.dims().iter().map(|d: &Dim| d.size(1)).collect();
        crate::layer::parameter(self.graph, &name, sizes, Role::State, Initializer::constant(0.0))
    }

    /// Updates the state `NAME.part` to `new`.
    fn keep(&self, part: &str, new: Value<'g>) {
        self.graph.update(self.state(part), new);
    }

    /// g + d·w.
    fn decayed(&self, gradient: Value<'g>, decay: f64) -> Value<'g> {
        if decay == 0.0 { gradient } else { gradient + self.parameter * decay }
    }
}

/// b ← m·b + g; w ← w − lr·b, or w − lr·(g + m·b) with Nesterov's.
fn sgd<'g>(site: &Site<'g>, gradient: Value<'g>, lr: Value<'g>, (momentum, nesterov): (f64, bool)) {
    let mut step = gradient;
    if momentum != 0.0 {
        let buffer = site.state("momentum") * momentum + gradient;
        site.keep("momentum", buffer);
        step = if nesterov { gradient + buffer * momentum } else { buffer };
    }
    site.graph.update(site.parameter, site.parameter - step * lr);
}

/// m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²;
/// w ← w − lr/(1 − β₁ᵗ)·m/(√v/√(1 − β₂ᵗ) + ε).
fn adam<'g>(
    site: &Site<'g>,
    weight: Value<'g>,
    gradient: Value<'g>,
    settings: Adam,
    [rate, spread]: [Value<'g>; 2],
) {
    let mean = average(site.state("mean"), gradient, settings.beta1);
    let square = average(site.state("square"), gradient.square(), settings.beta2);
    site.keep("mean", mean);
    site.keep("square", square);
    let step = mean / (square.sqrt() * spread + settings.epsilon);
    site.graph.update(site.parameter, weight - step * rate);
}
