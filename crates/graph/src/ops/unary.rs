//! Functions of one element. Each is one row: name, value and derivative together.

use super::same_shape;
use crate::{Gradient, Operation, Shape, Tensor, Value};
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// An element-wise function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unary {
    /// c·x.
    Scale(f64),
    /// x + c.
    Offset(f64),
    /// eˣ.
    Exp,
    /// ln x.
    Ln,
    /// ln(1 + x).
    Ln1p,
    /// √x.
    Sqrt,
    /// 1/x.
    Recip,
    /// |x|; derivative 0 at 0.
    Abs,
    /// −1, 0 or 1.
    Sign,
    /// x².
    Square,
    /// sin x.
    Sin,
    /// cos x.
    Cos,
    /// erf x.
    Erf,
    /// tanh x.
    Tanh,
    /// 1/(1 + e⁻ˣ).
    Sigmoid,
    /// max(0, x); derivative 0 at 0.
    Relu,
    /// 1 above 0, else 0.
    Step,
    /// x above 0, a·x below; derivative a at 0. He et al. 2015 with a learnt, Maas et al. 2013 with a = 0.01.
    LeakyRelu(f64),
    /// x above 0, a(eˣ − 1) below. Clevert et al. 2016.
    Elu(f64),
    /// The derivative of ELU: 1 above 0, a·eˣ below.
    EluSlope(f64),
    /// x·Φ(x), Φ the normal distribution function. Hendrycks and Gimpel 2016.
    Gelu,
    /// The derivative of GELU: Φ(x) + x·φ(x).
    GeluSlope,
    /// x·σ(x). Elfwing et al. 2018.
    Silu,
    /// The derivative of SiLU: σ(x)(1 + x(1 − σ(x))).
    SiluSlope,
    /// ln(1 + eˣ).
    Softplus,
    /// x kept within two bounds; derivative 0 outside.
    Clamp(f64, f64),
    /// x, through which no gradient passes.
    Detach,
}

/// What is known of one function.
struct Row {
    name: String,
    value: Box<dyn Fn(f64) -> f64>,
    derivative: Derivative,
}

/// From operand x, result y and its gradient g, the gradient by x.
type Flow = dyn for<'g> Fn(Value<'g>, Value<'g>, Value<'g>) -> Value<'g>;

/// How the gradient passes.
enum Derivative {
    Flows(Box<Flow>),
    Zero,
}

fn row(
    name: impl Into<String>,
    value: impl Fn(f64) -> f64 + 'static,
    derivative: impl for<'g> Fn(Value<'g>, Value<'g>, Value<'g>) -> Value<'g> + 'static,
) -> Row {
    Row {
        name: name.into(),
        value: Box::new(value),
        derivative: Derivative::Flows(Box::new(derivative)),
    }
}

fn flat(name: &str, value: impl Fn(f64) -> f64 + 'static) -> Row {
    Row { name: name.into(), value: Box::new(value), derivative: Derivative::Zero }
}

impl Unary {
    fn row(self) -> Row {
        match self {
            Unary::Scale(c) => row(format!("× {c}"), move |x| c * x, move |_, _, g| g * c),
            Unary::Offset(c) => row(format!("+ {c}"), move |x| x + c, |_, _, g| g),
            Unary::Exp => row("exp", libm::exp, |_, y, g| g * y),
            Unary::Ln => row("ln", libm::log, |x, _, g| g / x),
            Unary::Ln1p => row("ln(1+x)", libm::log1p, |x, _, g| g / (x + 1.0)),
            Unary::Sqrt => row("sqrt", f64::sqrt, |_, y, g| g / (y * 2.0)),
            Unary::Recip => row("1/x", |x| 1.0 / x, |_, y, g| -(g * y.square())),
            Unary::Abs => row("abs", f64::abs, |x, _, g| g * x.sign()),
            Unary::Sign => flat("sign", sign),
            Unary::Square => row("square", |x| x * x, |x, _, g| g * x * 2.0),
            Unary::Sin => row("sin", libm::sin, |x, _, g| g * x.cos()),
            Unary::Cos => row("cos", libm::cos, |x, _, g| -(g * x.sin())),
            Unary::Erf => {
                row("erf", libm::erf, |x, _, g| g * (-x.square()).exp() * (2.0 / PI.sqrt()))
            }
            Unary::Tanh => row("tanh", libm::tanh, |_, y, g| g * (1.0 - y.square())),
            Unary::Sigmoid => row("sigmoid", sigmoid, |_, y, g| g * (y * (1.0 - y))),
            Unary::Relu => row("relu", |x| if x < 0.0 { 0.0 } else { x }, |x, _, g| g * x.step()),
            Unary::Step => flat("step", |x| f64::from(x > 0.0)),
            Unary::LeakyRelu(a) => row(
                format!("leaky-relu({a})"),
                move |x| if x > 0.0 { x } else { a * x },
                move |x, _, g| g * (x.step() * (1.0 - a) + a),
            ),
            Unary::Elu(a) => row(
                format!("elu({a})"),
                move |x| if x > 0.0 { x } else { a * libm::expm1(x) },
                move |x, _, g| g * x.unary(Unary::EluSlope(a)),
            ),
            Unary::EluSlope(a) => row(
                format!("elu'({a})"),
                move |x| if x > 0.0 { 1.0 } else { a * libm::exp(x) },
                move |x, y, g| g * y * (1.0 - x.step()),
            ),
            Unary::Gelu => {
                row("gelu", |x| x * normal_cdf(x), |x, _, g| g * x.unary(Unary::GeluSlope))
            }
            Unary::GeluSlope => row(
                "gelu'",
                |x| normal_cdf(x) + x * normal_density(x),
                |x, _, g| {
                    g * (2.0 - x.square()) * (x.square() * -0.5).exp() * (1.0 / (2.0 * PI).sqrt())
                },
            ),
            Unary::Silu => row("silu", |x| x * sigmoid(x), |x, _, g| g * x.unary(Unary::SiluSlope)),
            Unary::SiluSlope => row(
                "silu'",
                |x| sigmoid(x) * (1.0 + x * sigmoid(-x)),
                |x, _, g| {
                    let (s, t) = (x.sigmoid(), (-x).sigmoid());
                    g * s * t * (2.0 + x * (t - s))
                },
            ),
            Unary::Softplus => row("softplus", softplus, |x, _, g| g * x.sigmoid()),
            Unary::Clamp(low, high) => row(
                format!("clamp({low}, {high})"),
                move |x| {
                    if x < low {
                        low
                    } else if x > high {
                        high
                    } else {
                        x
                    }
                },
                move |x, _, g| g * (x - low).step() * (high - x).step(),
            ),
            Unary::Detach => flat("detach", |x| x),
        }
    }

    /// The reference value of one element.
    pub fn at(self, x: f64) -> f64 {
        (self.row().value)(x)
    }
}

impl Operation for Unary {
    fn name(&self) -> String {
        self.row().name
    }

    fn shape(&self, operands: &[&Shape]) -> Result<Shape, String> {
        same_shape(operands)
    }

    fn value(&self, operands: &[&Tensor], _: &[usize]) -> Tensor {
        operands[0].map(self.row().value)
    }

    fn derivative<'g>(
        &self,
        operands: &[Value<'g>],
        y: Value<'g>,
        g: Value<'g>,
    ) -> Vec<Gradient<'g>> {
        vec![match self.row().derivative {
            Derivative::Flows(flow) => Gradient::Flows(flow(operands[0], y, g)),
            Derivative::Zero => Gradient::Zero,
        }]
    }
}

fn sign(x: f64) -> f64 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else {
        x
    }
}

fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 { 1.0 / (1.0 + libm::exp(-x)) } else { libm::exp(x) / (1.0 + libm::exp(x)) }
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}

fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

fn normal_density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x) / (2.0 * PI).sqrt()
}
