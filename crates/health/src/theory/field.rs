//! The maps from layer to layer and what follows from them.

use super::pointwise::Pointwise;
use super::quadrature::{expectation, expectation_of_pair};
use gradwise_nn::Activation;

/// Steps after which a map is taken to have reached its fixed point.
const STEPS: i32 = 2000;
/// A variance beyond this grows without bound.
const UNBOUNDED: f64 = 1e12;

/// Layers of one kind: an activation, weights of variance σw²/fan-in, biases of
/// variance σb².
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanField {
    kind: Kind,
    /// σw².
    pub weight_variance: f64,
    /// σb².
    pub bias_variance: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Pointwise(Pointwise),
    /// The largest of k standard normal numbers.
    Maxout {
        k: usize,
        /// Its second moment.
        second: f64,
    },
}

impl MeanField {
    /// `None` for softmax, whose units are not alike in distribution.
    pub fn new(activation: Activation, weight_variance: f64, bias_variance: f64) -> Option<Self> {
        let kind = match activation {
            Activation::Maxout(k) => Kind::Maxout { k, second: activation.facts().gain.powi(-2) },
            _ => Kind::Pointwise(Pointwise::new(activation)?),
        };
        Some(MeanField { kind, weight_variance, bias_variance })
    }

    /// E φ(√q z)²: the mean square of activations whose weighted sums have variance q.
    pub fn activation_square(&self, q: f64) -> f64 {
        let root = q.max(0.0).sqrt();
        match self.kind {
            Kind::Pointwise(f) => expectation(|z| f.value(root * z).powi(2)),
            Kind::Maxout { second, .. } => second * q,
        }
    }

    /// E φ(√q z): the mean of activations.
    pub fn activation_mean(&self, q: f64) -> f64 {
        let root = q.max(0.0).sqrt();
        match self.kind {
            Kind::Pointwise(f) => expectation(|z| f.value(root * z)),
            Kind::Maxout { k, .. } => root * largest_mean(k),
        }
    }

    /// The standard deviation of activations over units and inputs.
    pub fn activation_deviation(&self, q: f64) -> f64 {
        (self.activation_square(q) - self.activation_mean(q).powi(2)).max(0.0).sqrt()
    }

    /// The variance of the first layer's weighted sums for inputs of mean square
    /// `input`: σw²·input + σb².
    pub fn enter(&self, input: f64) -> f64 {
        self.weight_variance * input + self.bias_variance
    }

    /// The length map: the next layer's q, σw²·E φ(√q z)² + σb² (Poole, equation 3).
    pub fn next(&self, q: f64) -> f64 {
        self.enter(self.activation_square(q))
    }

    /// q*: where the length map leads from q = 1; infinite if it grows without bound.
    pub fn fixed_point(&self) -> f64 {
        let (mut q, mut before) = (1.0, f64::NAN);
        for step in 1..=STEPS {
            let next = self.next(q);
            let ratio = next / q;
            if next.is_nan() || next > UNBOUNDED {
                return f64::INFINITY;
            }
            if (next - q).abs() <= 1e-14 * q {
                return next;
            }
            // Where the map has become a factor, as ReLU's is from the start, the rest
            // of the way is known: near the critical point it is the whole way.
            if (ratio - before).abs() <= 1e-12 * ratio {
                let end = next * ratio.powi(STEPS - step);
                return if end > UNBOUNDED { f64::INFINITY } else { end };
            }
            (q, before) = (next, ratio);
        }
        q
    }

    /// χ₁ = σw²·E φ'(√q z)²: what the variance of gradients is multiplied by from a
    /// layer to the one below, and the slope of the correlation map at 1 (Poole,
    /// equation 6).
    pub fn chi(&self, q: f64) -> f64 {
        let root = q.max(0.0).sqrt();
        match self.kind {
            Kind::Pointwise(f) => self.weight_variance * expectation(|z| f.slope(root * z).powi(2)),
            Kind::Maxout { .. } => self.weight_variance,
        }
    }

    /// The slope of the length map, σw²·E z·φ·φ'/√q.
    pub fn length_slope(&self, q: f64) -> f64 {
        let root = q.max(1e-12).sqrt();
        match self.kind {
            Kind::Pointwise(f) => {
                let each = |z: f64| z * f.value(root * z) * f.slope(root * z) / root;
                self.weight_variance * expectation(each)
            }
            Kind::Maxout { second, .. } => self.weight_variance * second,
        }
    }

    /// The correlation map at the fixed length q: the next layer's correlation of two
    /// inputs (Poole, equation 5). `None` for maxout.
    pub fn next_correlation(&self, q: f64, c: f64) -> Option<f64> {
        let (Kind::Pointwise(f), root) = (self.kind, q.max(0.0).sqrt()) else { return None };
        let pair = expectation_of_pair(c, |u, v| f.value(root * u) * f.value(root * v));
        let length = self.next(q);
        Some(((self.weight_variance * pair + self.bias_variance) / length).clamp(-1.0, 1.0))
    }

    /// c*: the correlation that any two inputs come to, from c = ½; 1 where they come
    /// to look alike.
    pub fn fixed_correlation(&self) -> Option<f64> {
        let q = self.fixed_point();
        if !q.is_finite() || q <= 1e-9 {
            return None;
        }
        if self.chi(q) <= 1.0 {
            return Some(1.0);
        }
        let mut c = 0.5;
        for _ in 0..200 {
            let next = self.next_correlation(q, c)?;
            if (next - c).abs() < 1e-10 {
                return Some(next);
            }
            c = next;
        }
        Some(c)
    }

    /// ξ_q: layers over which a length forgets where it started, by a factor e
    /// (Schoenholz, equation 7).
    pub fn length_scale(&self) -> f64 {
        scale(self.length_slope(self.fixed_point()))
    }

    /// ξ_c: layers over which a correlation forgets where it started (Schoenholz,
    /// equation 9): −1/ln of the slope of the correlation map at c*.
    pub fn correlation_scale(&self) -> f64 {
        let q = self.fixed_point();
        match self.fixed_correlation() {
            Some(c) if c < 1.0 - 1e-6 => scale(self.correlation_slope(q, c)),
            _ => scale(self.chi(q)),
        }
    }

    /// σw²·E φ'(u)φ'(v): the slope of the correlation map at c.
    fn correlation_slope(&self, q: f64, c: f64) -> f64 {
        let root = q.max(0.0).sqrt();
        match self.kind {
            Kind::Pointwise(f) => {
                let pair = expectation_of_pair(c, |u, v| f.slope(root * u) * f.slope(root * v));
                self.weight_variance * pair
            }
            Kind::Maxout { .. } => self.weight_variance,
        }
    }

    /// The same layers with another weight variance.
    pub fn with_weight_variance(self, weight_variance: f64) -> MeanField {
        MeanField { weight_variance, ..self }
    }
}

/// E max(z₁ … z_k) = k·E z·Φ(z)ᵏ⁻¹.
fn largest_mean(k: usize) -> f64 {
    let k = k as f64;
    let below = |z: f64| 0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2);
    k * expectation(|z| z * below(z).powf(k - 1.0))
}

/// Layers over which a factor `slope` a layer makes a factor e.
fn scale(slope: f64) -> f64 {
    slope.ln().abs().recip()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(activation: Activation, w: f64, b: f64) -> MeanField {
        MeanField::new(activation, w, b).unwrap()
    }

    /// Row L16 of the lecture: ten tanh layers of 500, unit Gaussian input.
    #[test]
    fn the_lectures_table() {
        let table: [(f64, &[f64]); 3] = [
            (
                0.05,
                &[
                    0.214, 0.0476, 0.0106, 2.38e-3, 5.29e-4, 1.18e-4, 2.64e-5, 5.92e-6, 1.32e-6,
                    2.94e-7,
                ],
            ),
            (500.0, &[0.982; 10]),
            (1.0, &[0.627, 0.486, 0.407, 0.357, 0.322, 0.293, 0.271, 0.252, 0.237, 0.224]),
        ];
        for (weight_variance, deviations) in table {
            let tanh = field(Activation::Tanh, weight_variance, 0.0);
            let mut q = tanh.enter(1.0);
            for wanted in deviations {
                let got = tanh.activation_deviation(q);
                assert!((got / wanted - 1.0).abs() < 0.02, "{weight_variance}: {got} {wanted}");
                q = tanh.next(q);
            }
        }
    }

    #[test]
    fn relu_keeps_lengths_at_two() {
        let relu = field(Activation::Relu, 2.0, 0.0);
        assert!((relu.next(0.7) - 0.7).abs() < 1e-12);
        assert!((relu.chi(3.0) - 1.0).abs() < 1e-12);
        assert_eq!(field(Activation::Relu, 2.1, 0.0).fixed_point(), f64::INFINITY);
        assert!(field(Activation::Relu, 1.9, 0.0).fixed_point() < 1e-9);
    }

    /// Two inputs through ReLU: the arc-cosine kernel of order 1 (Cho and Saul 2009).
    #[test]
    fn relu_correlations_follow_the_arc_cosine_kernel() {
        let relu = field(Activation::Relu, 2.0, 0.0);
        for c in [-0.5f64, 0.0, 0.4, 0.9] {
            let kernel = ((1.0 - c * c).sqrt() + c * (std::f64::consts::PI - c.acos()))
                / std::f64::consts::PI;
            let got = relu.next_correlation(1.0, c).unwrap();
            assert!((got - kernel).abs() < 2e-4, "{c}: {got} {kernel}");
        }
    }

    #[test]
    fn the_slopes_are_the_maps_slopes() {
        for activation in [Activation::Tanh, Activation::Sigmoid, Activation::Gelu] {
            let f = field(activation, 1.7, 0.1);
            let numeric = (f.next(1.001) - f.next(0.999)) / 0.002;
            assert!((f.length_slope(1.0) - numeric).abs() < 1e-5, "{activation}");
        }
    }

    #[test]
    fn the_larger_of_two_normal_numbers() {
        // E max = 1/√π, E max² = 1 (Clark 1961).
        let maxout = field(Activation::Maxout(2), 1.0, 0.0);
        assert!((maxout.activation_mean(4.0) - 2.0 / std::f64::consts::PI.sqrt()).abs() < 1e-12);
        assert!((maxout.activation_square(4.0) - 4.0).abs() < 1e-6);
    }

    #[test]
    fn chaos_separates_inputs_and_order_unites_them() {
        assert_eq!(field(Activation::Tanh, 0.9, 0.1).fixed_correlation(), Some(1.0));
        let chaotic = field(Activation::Tanh, 4.0, 0.0);
        assert!(chaotic.fixed_correlation().unwrap().abs() < 1e-6);
        assert!(chaotic.chi(chaotic.fixed_point()) > 1.0);
        assert!(chaotic.correlation_scale() > 0.0 && chaotic.length_scale() > 0.0);
    }
}
