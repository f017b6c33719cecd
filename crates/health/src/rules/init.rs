//! What the rules about first weights share: how much a layer amplifies, against the
//! mean-field critical point.

use crate::run::Run;
use crate::setup::Place;
use crate::theory::critical_weight_variance;
use gradwise_nn::Activation;

/// A layer's first weights against theory.
pub(super) struct Gain {
    /// The layer.
    pub layer: String,
    /// σw² = fan-in · mean square of the weights.
    pub variance: f64,
    /// What it would be at the critical point.
    pub critical: f64,
}

impl Gain {
    /// Decades by which the layer makes signals larger than the critical point would.
    pub fn decades(&self) -> f64 {
        0.5 * (self.variance / self.critical).log10()
    }
}

/// The gain of every layer that theory has a critical point for; the output counts
/// as linear. Measured weights come before what the run file says.
pub(super) fn gains(run: &Run) -> Vec<Gain> {
    let Some(setup) = &run.setup else { return Vec::new() };
    let places = setup.places();
    let last = places.len().saturating_sub(1);
    let gain = |(at, place): (usize, &Place<'_>)| {
        let activation = if at == last { Activation::Linear } else { place.spec.activation };
        let critical = match activation {
            // Their critical points lie far from where they are used: see `saturated-units`.
            Activation::Sigmoid | Activation::Softmax | Activation::Exp | Activation::Softplus => {
                return None;
            }
            other => critical_or_gain(other),
        };
        let measured = run.initial.as_ref().and_then(|s| s.layer(&place.name));
        let fan = gradwise_nn::init::Fan {
            inputs: place.inputs,
            units: place.spec.units,
            activation: place.spec.activation,
        };
        let deviation = measured.map_or(place.spec.init.deviation(fan), |l| l.weight_rms);
        let variance = deviation * deviation * place.inputs as f64;
        Some(Gain { layer: place.name.clone(), variance, critical })
    };
    places.iter().enumerate().filter_map(gain).collect()
}

/// The critical σw² without biases, or the one that keeps the mean square at 1.
fn critical_or_gain(activation: Activation) -> f64 {
    match activation {
        Activation::Tanh | Activation::Linear | Activation::Maxout(_) => 1.0,
        Activation::Relu | Activation::LeakyRelu(_) | Activation::Prelu(_) => {
            critical_weight_variance(activation, 0.0).unwrap_or(2.0)
        }
        other => other.facts().gain.powi(2),
    }
}
