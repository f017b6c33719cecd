//! Activations as functions of one number, for the theory's integrals.

use gradwise_nn::Activation;

/// SELU's λ and α (Klambauer et al. 2017, equation 14).
const SELU: (f64, f64) = (1.050_700_987_355_480_5, 1.673_263_242_354_377_2);

/// An activation that works on each unit by itself. PReLU stands at its first
/// slope.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pointwise(Activation);

impl Pointwise {
    /// `None` for maxout and softmax, which mix several weighted sums.
    pub fn new(activation: Activation) -> Option<Pointwise> {
        let mixes = matches!(activation, Activation::Maxout(_) | Activation::Softmax);
        (!mixes).then_some(Pointwise(activation))
    }

    /// φ(z).
    pub fn value(self, z: f64) -> f64 {
        match self.0 {
            Activation::Sigmoid => sigmoid(z),
            Activation::Tanh => z.tanh(),
            Activation::Relu => z.max(0.0),
            Activation::LeakyRelu(a) => bent(z, a * z),
            Activation::Prelu(_) => bent(z, 0.25 * z),
            Activation::Elu(a) => bent(z, a * z.exp_m1()),
            Activation::Selu => SELU.0 * bent(z, SELU.1 * z.exp_m1()),
            Activation::Gelu => z * normal(z),
            Activation::Silu => z * sigmoid(z),
            Activation::Softplus => z.max(0.0) + (-z.abs()).exp().ln_1p(),
            Activation::Exp => z.exp(),
            _ => z,
        }
    }

    /// φ'(z).
    pub fn slope(self, z: f64) -> f64 {
        match self.0 {
            Activation::Sigmoid => sigmoid(z) * sigmoid(-z),
            Activation::Tanh => z.cosh().recip().powi(2),
            Activation::Relu => step(z, 0.0),
            Activation::LeakyRelu(a) => step(z, a),
            Activation::Prelu(_) => step(z, 0.25),
            Activation::Elu(a) => step(z, a * z.exp()),
            Activation::Selu => SELU.0 * step(z, SELU.1 * z.exp()),
            Activation::Gelu => normal(z) + z * (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt(),
            Activation::Silu => sigmoid(z) * (1.0 + z * sigmoid(-z)),
            Activation::Softplus => sigmoid(z),
            Activation::Exp => z.exp(),
            _ => 1.0,
        }
    }
}

/// z above 0, else `below`.
fn bent(z: f64, below: f64) -> f64 {
    if z > 0.0 { z } else { below }
}

/// 1 above 0, else `below`.
fn step(z: f64, below: f64) -> f64 {
    if z > 0.0 { 1.0 } else { below }
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// The normal distribution function.
fn normal(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradwise_graph::{Feeds, Graph, Shape, Tensor};

    #[test]
    fn values_and_slopes_are_those_of_the_graph() {
        let forms = Activation::forms().iter().filter(|f| !f.contains('('));
        for activation in forms.map(|form| form.parse::<Activation>().unwrap()) {
            let Some(pointwise) = Pointwise::new(activation) else { continue };
            for z in [-7.0, -1.5, -0.2, 0.3, 1.0, 6.0] {
                let graph = Graph::new();
                let x = graph.input("x", Shape::from(vec![1.into()]));
                let y = activation.apply(x, None);
                let slope = graph.gradients(y.sum(), &[x]).unwrap()[0];
                let feeds = Feeds::new().with("x", Tensor::vector([z]));
                let wanted = graph.evaluate(&[y, slope], &feeds).unwrap();
                let near = |a: f64, b: f64| (a - b).abs() < 1e-9 * b.abs().max(1.0);
                assert!(near(pointwise.value(z), wanted[0].data()[0]), "{activation} at {z}");
                assert!(near(pointwise.slope(z), wanted[1].data()[0]), "{activation}' at {z}");
            }
        }
    }
}
