//! Activation functions: each is one row of name, formula, source, graph fragment,
//! slope and gain.

use crate::call::{Call, Family, ParseError};
use gradwise_graph::ops::Unary;
use gradwise_graph::{Tensor, Value};
use std::fmt;
use std::str::FromStr;

/// Whether PReLU's slopes are shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sharing {
    /// One slope for the whole layer.
    Layer,
    /// One slope for each unit.
    Unit,
}

/// What a layer does to its weighted sums.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// z.
    Linear,
    /// 1/(1 + e⁻ᶻ): lecture row L10.
    Sigmoid,
    /// tanh z: lecture row L11.
    Tanh,
    /// max(0, z): lecture row L12.
    Relu,
    /// z above 0, a·z below: lecture row L13.
    LeakyRelu(f64),
    /// z above 0, α·z below with α learnt, first 0.25: lecture row L13.
    Prelu(Sharing),
    /// The largest of k weighted sums: lecture row L14.
    Maxout(usize),
    /// z above 0, a(eᶻ − 1) below.
    Elu(f64),
    /// λz above 0, λα(eᶻ − 1) below, with the fixed point at mean 0, variance 1.
    Selu,
    /// z·Φ(z).
    Gelu,
    /// z·σ(z), also called swish.
    Silu,
    /// ln(1 + eᶻ).
    Softplus,
    /// eᶻ.
    Exp,
    /// eᶻ/Σeᶻ over the layer's units: lecture row L5.
    Softmax,
}

static FAMILY: Family = Family {
    kind: "activation",
    forms: &[
        "linear",
        "sigmoid",
        "tanh",
        "relu",
        "leaky-relu",
        "leaky-relu(a)",
        "prelu",
        "prelu(unit)",
        "maxout(k)",
        "elu",
        "elu(a)",
        "selu",
        "gelu",
        "silu",
        "softplus",
        "exp",
        "softmax",
    ],
    elsewhere: &[
        ("identity", "linear"),
        ("none", "linear"),
        ("logistic", "sigmoid"),
        ("swish", "silu"),
        ("rectifier", "relu"),
        ("lrelu", "leaky-relu"),
        ("log-softmax", "softmax"),
    ],
};

/// SELU's α: Klambauer et al. 2017, equation 14, as in PyTorch.
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
/// SELU's λ: as above.
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

/// What is known of one activation.
pub struct Facts {
    /// The function as a formula of the weighted sum z.
    pub formula: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// By how much weights of variance 1/fan-in must be scaled to keep the mean
    /// square of the signal at 1: 1/√E f(z)² for z ~ N(0, 1).
    ///
    /// This is the rule behind √2 for ReLU (He et al. 2015) and behind LSUV. For
    /// tanh it is 1.59 where PyTorch's `calculate_gain` has the older 5/3.
    pub gain: f64,
    /// The steepest slope: what saturation is measured against.
    pub steepest: f64,
    forward: Box<Forward>,
    slope: Slope,
}

/// From the weighted sums z and PReLU's α (if there is one) to the activation.
type Forward = dyn for<'g> Fn(Value<'g>, Option<Value<'g>>) -> Value<'g>;
/// From z, the activation y and α to dy/dz.
type SlopeOf = dyn for<'g> Fn(Value<'g>, Value<'g>, Option<Value<'g>>) -> Value<'g>;

enum Slope {
    /// The same wherever the unit is.
    Constant,
    Of(Box<SlopeOf>),
}

fn slope(
    f: impl for<'g> Fn(Value<'g>, Value<'g>, Option<Value<'g>>) -> Value<'g> + 'static,
) -> Slope {
    Slope::Of(Box::new(f))
}

fn facts(
    formula: &'static str,
    source: &'static str,
    (gain, steepest): (f64, f64),
    forward: impl for<'g> Fn(Value<'g>, Option<Value<'g>>) -> Value<'g> + 'static,
    slope: Slope,
) -> Facts {
    Facts { formula, source, gain, steepest, forward: Box::new(forward), slope }
}

impl Activation {
    /// What is known of it.
    pub fn facts(self) -> Facts {
        match self {
            Activation::Linear => {
                facts("z", "Rosenblatt 1958", (1.0, 1.0), |z, _| z, Slope::Constant)
            }
            Activation::Sigmoid => facts(
                "1/(1 + e⁻ᶻ)",
                "Rumelhart, Hinton and Williams 1986",
                (1.846_191, 0.25),
                |z, _| z.sigmoid(),
                slope(|_, y, _| y * (1.0 - y)),
            ),
            Activation::Tanh => facts(
                "tanh z",
                "LeCun et al., Efficient BackProp, 1998",
                (1.592_537, 1.0),
                |z, _| z.tanh(),
                slope(|_, y, _| 1.0 - y.square()),
            ),
            Activation::Softmax => facts(
                "eᶻ/Σeᶻ over the units",
                "Bridle 1990",
                (1.0, 0.25),
                |z, _| z.softmax(),
                slope(|_, y, _| y * (1.0 - y)),
            ),
            Activation::Exp => facts(
                "eᶻ",
                "the exponential family's log link: Nelder and Wedderburn 1972",
                ((-1.0f64).exp(), 1.0),
                |z, _| z.exp(),
                slope(|_, y, _| y),
            ),
            Activation::Maxout(k) => facts(
                "max of k weighted sums",
                "Goodfellow et al., Maxout networks, 2013",
                (maxout_gain(k), 1.0),
                move |z, _| z.maxout(k),
                Slope::Constant,
            ),
            _ => self.rectifier(),
        }
    }

    /// The functions that follow z above 0 and bend away from it below.
    fn rectifier(self) -> Facts {
        match self {
            Activation::LeakyRelu(a) => facts(
                "z above 0, a·z below",
                "Maas, Hannun and Ng 2013",
                (leaky_gain(a), a.abs().max(1.0)),
                move |z, _| z.unary(Unary::LeakyRelu(a)),
                slope(move |z, _, _| z.step() * (1.0 - a) + a),
            ),
            Activation::Prelu(_) => facts(
                "z above 0, α·z below, α learnt",
                "He et al., Delving deep into rectifiers, 2015",
                (leaky_gain(PRELU_START), 1.0),
                prelu,
                slope(prelu_slope),
            ),
            Activation::Elu(a) => facts(
                "z above 0, a(eᶻ − 1) below",
                "Clevert, Unterthiner and Hochreiter 2016",
                (elu_gain(a), a.abs().max(1.0)),
                move |z, _| z.unary(Unary::Elu(a)),
                slope(move |z, _, _| z.unary(Unary::EluSlope(a))),
            ),
            Activation::Selu => facts(
                "λz above 0, λα(eᶻ − 1) below; λ = 1.0507, α = 1.6733",
                "Klambauer et al., Self-normalizing neural networks, 2017",
                (1.0, SELU_SCALE * SELU_ALPHA),
                |z, _| z.unary(Unary::Elu(SELU_ALPHA)) * SELU_SCALE,
                slope(|z, _, _| z.unary(Unary::EluSlope(SELU_ALPHA)) * SELU_SCALE),
            ),
            Activation::Gelu => facts(
                "z·Φ(z), Φ the normal distribution function",
                "Hendrycks and Gimpel 2016",
                (1.533_520, 1.128_904),
                |z, _| z.unary(Unary::Gelu),
                slope(|z, _, _| z.unary(Unary::GeluSlope)),
            ),
            Activation::Silu => facts(
                "z/(1 + e⁻ᶻ)",
                "Elfwing, Uchibe and Doya 2018",
                (1.676_532, 1.099_839),
                |z, _| z.unary(Unary::Silu),
                slope(|z, _, _| z.unary(Unary::SiluSlope)),
            ),
            Activation::Softplus => facts(
                "ln(1 + eᶻ)",
                "Dugas et al. 2001",
                (1.041_823, 1.0),
                |z, _| z.softplus(),
                slope(|z, _, _| z.sigmoid()),
            ),
            _ => facts(
                "max(0, z)",
                "Nair and Hinton 2010",
                (2f64.sqrt(), 1.0),
                |z, _| z.relu(),
                slope(|z, _, _| z.step()),
            ),
        }
    }

    /// The activation of the weighted sums `z`: `[n, pieces·units] → [n, units]`.
    /// PReLU takes its slopes `alpha`, `[1]` or `[units]`; others ignore them.
    pub fn apply<'g>(self, z: Value<'g>, alpha: Option<Value<'g>>) -> Value<'g> {
        (self.facts().forward)(z, alpha)
    }

    /// The derivative of each unit by its own weighted sum, `[n, units]`: dy/dz for
    /// element-wise functions, the diagonal p(1 − p) for softmax. `None` if it is
    /// the same wherever the unit is: linear, and maxout by its winning piece.
    pub fn slope<'g>(
        self,
        z: Value<'g>,
        y: Value<'g>,
        alpha: Option<Value<'g>>,
    ) -> Option<Value<'g>> {
        match self.facts().slope {
            Slope::Constant => None,
            Slope::Of(slope) => Some(slope(z, y, alpha)),
        }
    }

    /// 1 where a unit saturates, else 0, `[n, units]`: where the size of its slope
    /// is under `share` of the steepest slope. For tanh a share of 0.0591 is the
    /// lecture's |y| > 0.97 (row L16). `None` if the activation cannot saturate.
    pub fn saturated<'g>(
        self,
        z: Value<'g>,
        y: Value<'g>,
        alpha: Option<Value<'g>>,
        share: f64,
    ) -> Option<Value<'g>> {
        let bound = z.graph().scalar(share * self.facts().steepest);
        self.slope(z, y, alpha).map(|slope| bound.greater(slope.abs()))
    }

    /// The open interval of activations y at which a unit's slope is above `share` of
    /// the steepest; with share 0, those at which it has a slope at all. `None` if the
    /// slope never fades, or does not follow from y.
    ///
    /// With s the share: y(1 − y) > s/4, 1 − y² > s, y + a > s·max(a, 1) and 1 − e⁻ʸ > s
    /// of sigmoid, tanh, ELU and softplus, solved for y.
    pub fn lively(self, share: f64) -> Option<(f64, f64)> {
        let root = (1.0 - share).sqrt();
        let above = |y: f64| Some((y, f64::INFINITY));
        match self {
            Activation::Sigmoid => Some((0.5 - 0.5 * root, 0.5 + 0.5 * root)),
            Activation::Tanh => Some((-root, root)),
            Activation::Relu => above(0.0),
            Activation::Elu(a) if a > 0.0 => above(share * a.max(1.0) - a),
            Activation::Selu => above((share - 1.0) * SELU_SCALE * SELU_ALPHA),
            Activation::Softplus => above(-(1.0 - share).ln()),
            Activation::Exp => above(share),
            _ => None,
        }
    }

    /// Weighted sums that each unit needs: k for maxout, else 1.
    pub fn pieces(self) -> usize {
        match self {
            Activation::Maxout(k) => k.max(1),
            _ => 1,
        }
    }

    /// The slopes that a layer of `units` learns, with the value they start at.
    pub fn slopes(self, units: usize) -> Option<(usize, f64)> {
        match self {
            Activation::Prelu(Sharing::Layer) => Some((1, PRELU_START)),
            Activation::Prelu(Sharing::Unit) => Some((units, PRELU_START)),
            _ => None,
        }
    }

    /// All forms that can be written in a run file.
    pub fn forms() -> &'static [&'static str] {
        FAMILY.forms
    }
}

/// PReLU's first slope: He et al. 2015.
const PRELU_START: f64 = 0.25;

/// With n the negative part, y = r + α·n needs one sum for α's gradient, and its
/// slope at 0 is α, as PyTorch's.
fn prelu<'g>(z: Value<'g>, alpha: Option<Value<'g>>) -> Value<'g> {
    let positive = z.relu();
    positive + slopes_or_start(z, alpha) * (z - positive)
}

fn prelu_slope<'g>(z: Value<'g>, _: Value<'g>, alpha: Option<Value<'g>>) -> Value<'g> {
    let (above, alpha) = (z.step(), slopes_or_start(z, alpha));
    above + alpha * (1.0 - above)
}

fn slopes_or_start<'g>(z: Value<'g>, alpha: Option<Value<'g>>) -> Value<'g> {
    alpha.unwrap_or_else(|| z.graph().constant(Tensor::vector([PRELU_START])))
}

/// He et al. 2015, equation 15.
fn leaky_gain(a: f64) -> f64 {
    (2.0 / (1.0 + a * a)).sqrt()
}

/// E f² = ½ + a²·E[(eᶻ − 1)²; z < 0], the last being 0.144 945.
fn elu_gain(a: f64) -> f64 {
    (0.5 + a * a * 0.144_945).sqrt().recip()
}

/// 1/√E max(z₁ … z_k)² for independent standard normals, by the trapezoidal rule
/// on the density k·φ(x)·Φ(x)ᵏ⁻¹.
fn maxout_gain(k: usize) -> f64 {
    let step = 1e-2;
    let density = |x: f64| {
        let cdf = 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2);
        let pdf = (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
        k as f64 * pdf * cdf.powf(k as f64 - 1.0)
    };
    let xs = (-1000..=1000).map(|i| f64::from(i) * step);
    let square: f64 = xs.map(|x| x * x * density(x) * step).sum();
    square.sqrt().recip()
}

fn argued(call: &Call<'_>) -> Result<Activation, ParseError> {
    Ok(match (call.name, &call.arguments[..]) {
        ("leaky-relu", [a]) => Activation::LeakyRelu(call.number(a, "a number", |_| true)?),
        ("elu", [a]) => Activation::Elu(call.number(a, "a number above 0", |a| a > 0.0)?),
        ("maxout", [k]) => Activation::Maxout(call.count(k, 2)?),
        ("prelu", ["unit"]) => Activation::Prelu(Sharing::Unit),
        ("prelu", ["layer"]) => Activation::Prelu(Sharing::Layer),
        _ => return Err(call.miscounted()),
    })
}

impl FromStr for Activation {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let call = FAMILY.read(text)?;
        if !call.arguments.is_empty() {
            return argued(&call);
        }
        Ok(match call.name {
            "linear" => Activation::Linear,
            "sigmoid" => Activation::Sigmoid,
            "tanh" => Activation::Tanh,
            "relu" => Activation::Relu,
            "leaky-relu" => Activation::LeakyRelu(0.01),
            "prelu" => Activation::Prelu(Sharing::Layer),
            "elu" => Activation::Elu(1.0),
            "selu" => Activation::Selu,
            "gelu" => Activation::Gelu,
            "silu" => Activation::Silu,
            "softplus" => Activation::Softplus,
            "exp" => Activation::Exp,
            "softmax" => Activation::Softmax,
            _ => return Err(call.miscounted()),
        })
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Activation::Linear => f.write_str("linear"),
            Activation::Sigmoid => f.write_str("sigmoid"),
            Activation::Tanh => f.write_str("tanh"),
            Activation::Relu => f.write_str("relu"),
            Activation::LeakyRelu(a) => write!(f, "leaky-relu({a})"),
            Activation::Prelu(Sharing::Layer) => f.write_str("prelu"),
            Activation::Prelu(Sharing::Unit) => f.write_str("prelu(unit)"),
            Activation::Maxout(k) => write!(f, "maxout({k})"),
            Activation::Elu(a) if *a == 1.0 => f.write_str("elu"),
            Activation::Elu(a) => write!(f, "elu({a})"),
            Activation::Selu => f.write_str("selu"),
            Activation::Gelu => f.write_str("gelu"),
            Activation::Silu => f.write_str("silu"),
            Activation::Softplus => f.write_str("softplus"),
            Activation::Exp => f.write_str("exp"),
            Activation::Softmax => f.write_str("softmax"),
        }
    }
}
