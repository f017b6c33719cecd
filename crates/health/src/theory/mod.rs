//! How signals go through depth in a random network, by mean-field theory.
//!
//! In a wide layer with weights of variance σw²/fan-in and biases of variance σb²
//! the weighted sums of an input are Gaussian. Their variance q follows the length
//! map from layer to layer, the correlation c of two inputs the correlation map,
//! and the variance of gradients is multiplied by χ going down. Sources: Poole et
//! al., "Exponential expressivity in deep neural networks through transient chaos",
//! 2016; Schoenholz et al., "Deep information propagation", 2017.
//!
//! ```
//! use gradwise_health::theory::{MeanField, Phase};
//! use gradwise_nn::Activation;
//!
//! let tanh = MeanField::new(Activation::Tanh, 0.05, 0.0).expect("tanh works on each unit");
//! assert_eq!(tanh.forecast().phase, Phase::Ordered);
//! assert!(tanh.forecast().trainable_depth < 3.0);
//! ```

mod field;
mod forecast;
mod pointwise;
mod quadrature;

pub use field::MeanField;
pub use forecast::{Forecast, Phase, critical_weight_variance};
pub use pointwise::Pointwise;
