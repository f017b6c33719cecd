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
            let shared = self.shared(rates);
            for (&parameter, &gradient) in parameters.iter().zip(gradients) {
                let name = self.parameter_name(graph, parameter)?;
                let scope = graph.node(parameter.id()).scope.clone();
                graph.scope(&scope, || {
                    let gradient = factor.map_or(gradient, |factor| gradient * factor);
                    self.update(&Site { graph, name, parameter }, gradient, shared);
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
        if let Optimizer::Lbfgs { .. } = self {
            return Err(self.fail("it works on full batches outside of a graph: use Lbfgs"));
        }
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

    /// The scalars of a step that all parameters share.
    fn shared<'g>(&self, rates: Rates<'g>) -> Shared<'g> {
        let Rates { lr, step, .. } = rates;
        match self {
            Optimizer::Adam(adam) | Optimizer::AdamW(adam) => {
                let rate = lr / correction(step, adam.beta1);
                let spread = correction(step, adam.beta2).sqrt().recip();
                let decayed = 1.0 - lr * adam.weight_decay;
                Shared { lr, rate, spread, decayed }
            }
            _ => Shared { lr, rate: lr, spread: lr, decayed: lr },
        }
    }

    fn update<'g>(&self, site: &Site<'g>, gradient: Value<'g>, shared: Shared<'g>) {
        match *self {
            Optimizer::Sgd { momentum, nesterov, weight_decay } => {
                sgd(site, site.decayed(gradient, weight_decay), shared.lr, (momentum, nesterov));
            }
            Optimizer::Adam(settings) => {
                let gradient = site.decayed(gradient, settings.weight_decay);
                adam(site, site.parameter, gradient, settings, shared);
            }
            Optimizer::AdamW(settings) if settings.weight_decay == 0.0 => {
                adam(site, site.parameter, gradient, settings, shared);
            }
            Optimizer::AdamW(settings) => {
                adam(site, site.parameter * shared.decayed, gradient, settings, shared);
            }
            Optimizer::RmsProp { rho, epsilon, momentum, weight_decay } => {
                let gradient = site.decayed(gradient, weight_decay);
                let square = average(site.state("square"), gradient.square(), rho);
                let step = site.keep("square", square, gradient / (square.sqrt() + epsilon));
                sgd(site, step, shared.lr, (momentum, false));
            }
            Optimizer::Adagrad { epsilon, weight_decay } => {
                let gradient = site.decayed(gradient, weight_decay);
                let sum = site.state("sum") + gradient.square();
                let step = site.keep("sum", sum, gradient / (sum.sqrt() + epsilon));
                site.graph.update(site.parameter, site.parameter - step * shared.lr);
            }
            Optimizer::Lbfgs { .. } => {}
        }
    }
}

/// Scalars that all parameters share.
#[derive(Clone, Copy)]
struct Shared<'g> {
    /// The learning rate.
    lr: Value<'g>,
    /// Adam's lr/(1 − β₁ᵗ).
    rate: Value<'g>,
    /// Adam's 1/√(1 − β₂ᵗ).
    spread: Value<'g>,
    /// AdamW's 1 − lr·d.
    decayed: Value<'g>,
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
        let name = self.state_name(part);
        let dims = self.parameter.shape();
        let sizes: Vec<usize> = dims.dims().iter().map(|d: &Dim| d.size(1)).collect();
        crate::layer::parameter(self.graph, &name, sizes, Role::State, Initializer::constant(0.0))
    }

    fn state_name(&self, part: &str) -> String {
        format!("{}.{part}", self.name)
    }

    /// Updates the state `NAME.part` to `new` and passes `on`.
    fn keep(&self, part: &str, new: Value<'g>, on: Value<'g>) -> Value<'g> {
        self.graph.update(self.state(part), new);
        on
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
        let on = if nesterov { gradient + buffer * momentum } else { buffer };
        step = site.keep("momentum", buffer, on);
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
    shared: Shared<'g>,
) {
    let mean = average(site.state("mean"), gradient, settings.beta1);
    let square = average(site.state("square"), gradient.square(), settings.beta2);
    let step = mean / (square.sqrt() * shared.spread + settings.epsilon);
    let step = site.keep("square", square, site.keep("mean", mean, step));
    site.graph.update(site.parameter, weight - step * shared.rate);
}
