//! How deep a network can be and still train, and the weight variance that would
//! let it be deeper.

use super::field::MeanField;
use gradwise_nn::Activation;

/// Layers are trainable to about this many times the depth scale: Schoenholz et al.
/// 2017, figure 5 and section 5.
const REACH: f64 = 6.0;
/// χ this close to 1 is critical: 6ξ is then beyond 600 layers.
const CRITICAL: f64 = 0.01;

/// Which way a network errs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// χ < 1: gradients vanish, inputs come to look alike.
    Ordered,
    /// χ = 1: signals reach any depth.
    Critical,
    /// χ > 1: gradients explode, near inputs come apart.
    Chaotic,
}

/// What mean-field theory says of layers of one kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// Where the variance of weighted sums leads; may be 0 or infinite.
    pub fixed_point: f64,
    /// The factor of gradient variance from a layer to the one below.
    pub chi: f64,
    /// Which way the network errs.
    pub phase: Phase,
    /// The depth over which gradients change by e² in variance: 1/|ln χ|.
    pub depth_scale: f64,
    /// The number of layers to which such a network trains: about 6 depth scales.
    pub trainable_depth: f64,
}

impl MeanField {
    /// The forecast at the fixed point. Where lengths grow without bound, χ is taken
    /// at a large length.
    pub fn forecast(&self) -> Forecast {
        let fixed_point = self.fixed_point();
        let chi = self.chi(fixed_point.min(1e6));
        let phase = match chi {
            chi if (chi - 1.0).abs() < CRITICAL => Phase::Critical,
            chi if chi < 1.0 => Phase::Ordered,
            _ => Phase::Chaotic,
        };
        let depth_scale = chi.ln().abs().recip();
        Forecast { fixed_point, chi, phase, depth_scale, trainable_depth: REACH * depth_scale }
    }
}

/// The σw² at which χ = 1 at the fixed point, for an activation and σb²; `None` if
/// there is none (exp) or the theory does not cover it (softmax).
pub fn critical_weight_variance(activation: Activation, bias_variance: f64) -> Option<f64> {
    use Activation::{LeakyRelu, Linear, Maxout, Prelu, Relu};
    if matches!(activation, Linear | Relu | LeakyRelu(_) | Prelu(_) | Maxout(_)) {
        // φ'(a·z) is φ'(z): χ is σw² times the same number at any length, so no search.
        return Some(1.0 / MeanField::new(activation, 1.0, 0.0)?.chi(1.0));
    }
    let excess = |w: f64| {
        let field = MeanField::new(activation, w, bias_variance)?;
        let q = field.fixed_point();
        Some(field.chi(q.min(1e6)) - 1.0)
    };
    // The smallest root, from below: χ → 0 with σw².
    let grid = (0..400).map(|i| 0.05 * 1.03f64.powi(i));
    let above = grid.into_iter().find(|w| excess(*w).is_none_or(|x| x >= 0.0))?;
    let (mut low, mut high) = (above / 1.03, above);
    excess(high)?;
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if excess(middle)? < 0.0 { low = middle } else { high = middle }
    }
    // A jump across 1 (a fixed point that leaps to infinity) is no critical point.
    let near = excess(low)?.abs().min(excess(high)?.abs());
    (near < 0.05).then_some(0.5 * (low + high))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn critical(activation: Activation, bias_variance: f64) -> f64 {
        critical_weight_variance(activation, bias_variance).unwrap()
    }

    #[test]
    fn published_critical_points() {
        // He et al. 2015; Hayou et al. 2019: ReLU's edge of chaos is (0, √2) alone.
        assert!((critical(Activation::Relu, 0.0) - 2.0).abs() < 1e-9);
        assert!((critical(Activation::LeakyRelu(0.5), 0.0) - 2.0 / 1.25).abs() < 1e-9);
        assert!((critical(Activation::Linear, 0.0) - 1.0).abs() < 1e-9);
        assert!((critical(Activation::Maxout(2), 0.0) - 1.0).abs() < 1e-9);
        // Schoenholz et al. 2017: tanh at σb² = 0.05 is critical at σw² = 1.76.
        assert!((critical(Activation::Tanh, 0.05) - 1.76).abs() < 0.01);
    }

    #[test]
    fn tanh_without_bias_is_critical_at_one() {
        assert!((critical(Activation::Tanh, 0.0) - 1.0).abs() < 0.02);
    }

    #[test]
    fn six_depth_scales() {
        let tanh = |w| MeanField::new(Activation::Tanh, w, 0.0).unwrap().forecast();
        assert_eq!(tanh(0.05).phase, Phase::Ordered);
        assert!((tanh(0.05).trainable_depth - 6.0 / 20f64.ln()).abs() < 1e-6);
        assert_eq!(tanh(500.0).phase, Phase::Chaotic);
        let relu = MeanField::new(Activation::Relu, 2.0, 0.0).unwrap().forecast();
        assert_eq!(relu.phase, Phase::Critical);
        assert!(relu.trainable_depth > 600.0);
    }
}
