//! First values of weights, as functions of (seed, parameter name, index).
//!
//! The random stream of a parameter is chosen by its name, so adding a layer
//! changes no other layer's weights, and any thread can fill any part.

use crate::activation::Activation;
use crate::call::{Call, Family, ParseError};
use crate::draw::{self, numbers};
use crate::layer::Layer;
use crate::orthogonal::orthogonal;
use gradwise_graph::Initializer;
use gradwise_graph::random::Philox;
use std::fmt;
use std::str::FromStr;

/// How a weight matrix gets its first values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// All 0: never breaks the symmetry between units (lecture row L16).
    Zeros,
    /// All the same.
    Constant(f64),
    /// N(0, s²), s the standard deviation.
    Normal(f64),
    /// Uniform in [−a, a).
    Uniform(f64),
    /// N(0, s²) drawn again beyond ±2s, as TensorFlow's; its standard deviation is
    /// 0.8796·s.
    TruncatedNormal(f64),
    /// N(0, 1/fan-in): LeCun et al. 1998.
    Lecun,
    /// N(0, 2/(fan-in + fan-out)): Glorot and Bengio 2010.
    Xavier,
    /// Uniform in ±√(6/(fan-in + fan-out)): as above.
    XavierUniform,
    /// N(0, 2/fan-in): He et al. 2015; 2/((1 + a²)·fan-in) for leaky ReLU and PReLU.
    He,
    /// Uniform with the variance of the former.
    HeUniform,
    /// Orthonormal rows or columns, scaled by the activation's gain: Saxe et al.
    /// 2014.
    Orthogonal,
    /// Orthogonal, then scaled layer by layer so that the weighted sums of a batch
    /// have variance 1 (see [`lsuv`]): Mishkin and Matas 2016.
    Lsuv,
}

static FAMILY: Family = Family {
    kind: "init",
    forms: &[
        "zeros",
        "constant(c)",
        "normal(s)",
        "uniform(a)",
        "truncated-normal(s)",
        "lecun",
        "xavier",
        "xavier-uniform",
        "he",
        "he-uniform",
        "orthogonal",
        "lsuv",
    ],
    elsewhere: &[
        ("kaiming", "he"),
        ("kaiming-normal", "he"),
        ("kaiming-normal-", "he"),
        ("kaiming-uniform", "he-uniform"),
        ("kaiming-uniform-", "he-uniform"),
        ("glorot", "xavier"),
        ("glorot-normal", "xavier"),
        ("glorot-uniform", "xavier-uniform"),
        ("xavier-normal", "xavier"),
        ("ones", "constant"),
        ("gaussian", "normal"),
        ("random-normal", "normal"),
        ("random", "uniform"),
        ("random-uniform", "uniform"),
    ],
};

/// The sizes that an init depends on: a weight is `[inputs, pieces·units]`, piece
/// p of unit u in column p·units + u.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fan {
    /// What each unit sums over: fan-in.
    pub inputs: usize,
    /// Units: fan-out, since of a maxout unit's pieces one carries the gradient.
    pub units: usize,
    /// The layer's activation, for pieces and gain.
    pub activation: Activation,
}

impl Init {
    /// The initializer of the weight called `name` under `seed`.
    pub fn initializer(self, seed: u64, name: &str, fan: Fan) -> Initializer {
        let (random, width) = (numbers(seed, name), self.scale(fan));
        let each = |f| draw::each(self.to_string(), random, width, f);
        match self {
            Init::Zeros => Initializer::constant(0.0),
            Init::Constant(c) => Initializer::constant(c as f32),
            Init::Normal(_) | Init::Lecun | Init::Xavier | Init::He => each(|r, i| r.normal(i)),
            Init::TruncatedNormal(_) => each(truncated),
            Init::Uniform(_) | Init::XavierUniform | Init::HeUniform => {
                each(|r, i| 2.0 * r.uniform(i) - 1.0)
            }
            Init::Orthogonal | Init::Lsuv => Initializer::new(self.to_string(), move |to| {
                fill_orthogonal(to, random, width, fan);
            }),
        }
    }

    /// The number that the unit distribution is scaled by: a standard deviation, a
    /// half-width, or the length of orthogonal rows.
    fn scale(self, fan: Fan) -> f64 {
        let (inputs, units) = (fan.inputs.max(1) as f64, fan.units.max(1) as f64);
        match self {
            Init::Zeros => 0.0,
            Init::Constant(x) | Init::Normal(x) | Init::Uniform(x) | Init::TruncatedNormal(x) => x,
            Init::Lecun => inputs.recip().sqrt(),
            Init::Xavier => (2.0 / (inputs + units)).sqrt(),
            Init::XavierUniform => (6.0 / (inputs + units)).sqrt(),
            Init::He => he_gain(fan.activation) / inputs.sqrt(),
            Init::HeUniform => he_gain(fan.activation) * (3.0 / inputs).sqrt(),
            Init::Orthogonal | Init::Lsuv => fan.activation.facts().gain,
        }
    }

    /// The standard deviation of the weights that it draws (of LSUV, before the
    /// data scales them).
    pub fn deviation(self, fan: Fan) -> f64 {
        let scale = self.scale(fan).abs();
        match self {
            Init::Zeros | Init::Constant(_) => 0.0,
            Init::Normal(_) | Init::Lecun | Init::Xavier | Init::He => scale,
            Init::TruncatedNormal(_) => scale * 0.879_626,
            Init::Uniform(_) | Init::XavierUniform | Init::HeUniform => scale / 3f64.sqrt(),
            Init::Orthogonal | Init::Lsuv => {
                scale / (fan.inputs.max(fan.units).max(1) as f64).sqrt()
            }
        }
    }

    /// All forms that can be written in a run file.
    pub fn forms() -> &'static [&'static str] {
        FAMILY.forms
    }
}

/// √2, less for rectifiers that let some of the negative side pass.
fn he_gain(activation: Activation) -> f64 {
    match activation {
        Activation::LeakyRelu(_) | Activation::Prelu(_) => activation.facts().gain,
        _ => 2f64.sqrt(),
    }
}

/// A standard normal number, drawn again while beyond ±2: draw k of number i is
/// number i + k·2⁴⁰ of the stream.
fn truncated(random: Philox, index: u64) -> f64 {
    let draws = (0..64u64).map(|k| random.normal(index.wrapping_add(k << 40)));
    draws.into_iter().find(|x| x.abs() <= 2.0).unwrap_or(0.0)
}

/// Fills `[inputs, pieces·units]`: each piece is an orthogonal matrix of its own.
fn fill_orthogonal(to: &mut [f32], random: Philox, gain: f64, fan: Fan) {
    let (units, columns) = (fan.units, fan.units * fan.activation.pieces());
    for piece in 0..fan.activation.pieces() {
        let start = (piece * fan.inputs * units) as u64;
        let block = orthogonal(fan.inputs, units, |i| random.normal(start + i as u64));
        for (row, from) in to.chunks_exact_mut(columns.max(1)).zip(block.chunks_exact(units.max(1)))
        {
            let places = row.iter_mut().skip(piece * units);
            places.zip(from).for_each(|(to, x)| *to = (gain * x) as f32);
        }
    }
}

/// LSUV's tolerance: how far the variance may be from 1 (the paper has 0.1; one
/// more pass is cheap).
const LSUV_TOLERANCE: f64 = 0.01;
/// LSUV's most passes over one layer: as the paper.
const LSUV_PASSES: usize = 10;

/// Layer-sequential unit variance: scales the weights of each layer whose init is
/// [`Init::Lsuv`], from the first to the last, until the variance of its weighted
/// sums over a batch is 1. Source: Mishkin and Matas, "All you need is a good
/// init", ICLR 2016.
///
/// `pass(layer, factor)` multiplies the layer's weight by `factor`, runs the batch
/// and returns the variance of the layer's `preactivation`. A layer whose variance
/// is 0 or not finite is left as it is.
///
/// # Errors
/// The first error of `pass`.
pub fn lsuv<'n, 'g: 'n, E>(
    layers: impl IntoIterator<Item = &'n Layer<'g>>,
    mut pass: impl FnMut(&Layer<'g>, f64) -> Result<f64, E>,
) -> Result<(), E> {
    for layer in layers.into_iter().filter(|layer| layer.spec.init == Init::Lsuv) {
        let mut variance = pass(layer, 1.0)?;
        for _ in 0..LSUV_PASSES {
            let off = (variance - 1.0).abs() > LSUV_TOLERANCE;
            if !off || variance <= 0.0 || !variance.is_finite() {
                break;
            }
            variance = pass(layer, variance.sqrt().recip())?;
        }
    }
    Ok(())
}

fn spread(call: &Call<'_>, argument: &str) -> Result<f64, ParseError> {
    call.number(argument, "a number of at least 0", |x| x >= 0.0)
}

impl FromStr for Init {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let call = FAMILY.read(text)?;
        Ok(match (call.name, &call.arguments[..]) {
            ("zeros", []) => Init::Zeros,
            ("constant", [c]) => Init::Constant(call.number(c, "a number", |_| true)?),
            ("normal", [s]) => Init::Normal(spread(&call, s)?),
            ("uniform", [a]) => Init::Uniform(spread(&call, a)?),
            ("truncated-normal", [s]) => Init::TruncatedNormal(spread(&call, s)?),
            ("lecun", []) => Init::Lecun,
            ("xavier", []) => Init::Xavier,
            ("xavier-uniform", []) => Init::XavierUniform,
            ("he", []) => Init::He,
            ("he-uniform", []) => Init::HeUniform,
            ("orthogonal", []) => Init::Orthogonal,
            ("lsuv", []) => Init::Lsuv,
            _ => return Err(call.miscounted()),
        })
    }
}

impl fmt::Display for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Init::Zeros => f.write_str("zeros"),
            Init::Constant(c) => write!(f, "constant({c})"),
            Init::Normal(s) => write!(f, "normal({s})"),
            Init::Uniform(a) => write!(f, "uniform({a})"),
            Init::TruncatedNormal(s) => write!(f, "truncated-normal({s})"),
            Init::Lecun => f.write_str("lecun"),
            Init::Xavier => f.write_str("xavier"),
            Init::XavierUniform => f.write_str("xavier-uniform"),
            Init::He => f.write_str("he"),
            Init::HeUniform => f.write_str("he-uniform"),
            Init::Orthogonal => f.write_str("orthogonal"),
            Init::Lsuv => f.write_str("lsuv"),
        }
    }
}
