//! Fixed feature maps in front of the network (lecture row L2): f = W·φ(x) with a
//! φ that is not learnt.

use crate::call::{Family, ParseError};
use crate::draw::{self, numbers};
use crate::error::BuildError;
use crate::layer::parameter;
use gradwise_graph::{Graph, Role, Tensor, Value};
use std::f64::consts::TAU;
use std::fmt;
use std::str::FromStr;

/// A fixed feature map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Features {
    /// The inputs themselves.
    None,
    /// Random Fourier features z = √(2/D)·cos(xΩ + b), with Ω ~ N(0, 2γ) and b
    /// uniform in [0, 2π): zᵀz' approximates exp(−γ‖x − x'‖²) with an error of
    /// order 1/√D. Source: Rahimi and Recht, NIPS 2007.
    Rff {
        /// D, the number of features.
        count: usize,
        /// γ, the kernel's inverse squared width.
        gamma: f64,
    },
    /// All products of 1 to `degree` inputs, in the order of scikit-learn's
    /// `PolynomialFeatures` without its constant (a layer has a bias).
    Polynomial {
        /// The largest number of factors.
        degree: usize,
    },
}

static FAMILY: Family = Family {
    kind: "features",
    forms: &["none", "rff(count, gamma)", "polynomial(degree)"],
    elsewhere: &[
        ("rbf", "rff"),
        ("gaussian", "rff"),
        ("fourier", "rff"),
        ("rbf-sampler", "rff"),
        ("kernel", "rff"),
    ],
};

/// Polynomial features beyond this many are refused: a batch of 128 of them takes
/// 50 MB, and their first layer would dwarf any other part of the network.
const MOST_POLYNOMIALS: usize = 100_000;

/// Polynomials of a higher degree are refused: each degree is one more pass over
/// the features, and 100²⁰ already overflows f32.
const HIGHEST_DEGREE: usize = 20;

impl Features {
    /// The number of features made of `inputs` inputs.
    ///
    /// # Errors
    /// None would be made, too many, or of too high a degree.
    pub fn count(&self, inputs: usize) -> Result<usize, BuildError> {
        match *self {
            Features::None => Ok(inputs),
            Features::Rff { count, .. } => Ok(count),
            Features::Polynomial { degree } if degree > HIGHEST_DEGREE => Err(self.misfit(
                inputs,
                "products of more than 20 factors leave the range of f32: use a smaller degree",
            )),
            Features::Polynomial { degree } => match monomials(inputs, degree) {
                Some(0) => Err(self.misfit(inputs, "none are made: use a degree above 0")),
                Some(count) if count <= MOST_POLYNOMIALS => Ok(count),
                _ => Err(self.misfit(
                    inputs,
                    "they would be more than 100000: use a smaller degree, pca(K) before, or rff",
                )),
            },
        }
    }

    /// All forms that can be written in a run file.
    pub fn forms() -> &'static [&'static str] {
        FAMILY.forms
    }

    fn misfit(&self, inputs: usize, reason: &str) -> BuildError {
        BuildError::Features { features: self.to_string(), inputs, reason: reason.into() }
    }

    /// The features of `x` `[n, inputs]`. Random ones are parameters of role
    /// `Fixed`, named `features.weight` and `features.bias`.
    ///
    /// # Errors
    /// As [`Features::count`].
    pub fn build<'g>(
        &self,
        graph: &'g Graph,
        x: Value<'g>,
        inputs: usize,
        seed: u64,
    ) -> Result<Value<'g>, BuildError> {
        self.count(inputs)?;
        Ok(match *self {
            Features::None => x,
            Features::Rff { count, gamma } => {
                graph.scope("features", || fourier(graph, x, [inputs, count], gamma, seed))
            }
            Features::Polynomial { degree } => {
                graph.scope("features", || polynomial(graph, x, inputs, degree))
            }
        })
    }
}

fn fourier<'g>(
    graph: &'g Graph,
    x: Value<'g>,
    [inputs, count]: [usize; 2],
    gamma: f64,
    seed: u64,
) -> Value<'g> {
    let draw = |name: &str, sizes: Vec<usize>, f, width| {
        let initializer = draw::each("rff".into(), numbers(seed, name), width, f);
        parameter(graph, name, sizes, Role::Fixed, initializer)
    };
    let omega =
        draw("features.weight", vec![inputs, count], |r, i| r.normal(i), (2.0 * gamma).sqrt());
    let phase = draw("features.bias", vec![count], |r, i| r.uniform(i), TAU);
    (x.matmul(omega) + phase).cos() * (2.0 / count as f64).sqrt()
}

/// Each monomial is a product of `degree` columns of (x, 1): those of fewer
/// factors take the column of ones as often as needed.
fn polynomial<'g>(graph: &'g Graph, x: Value<'g>, inputs: usize, degree: usize) -> Value<'g> {
    let own: Vec<u32> = (0..inputs as u32).collect();
    let one = Tensor::from_fn([inputs + 1], |i| f64::from(i == inputs));
    let extended = x.scatter(own, inputs + 1) + graph.constant(one);
    let factors = columns(inputs, degree).map(|columns| extended.gather(columns));
    factors.reduce(|product, factor| product * factor).unwrap_or(x)
}

/// The columns of (x, 1) that are multiplied to polynomial features of a degree: for each
/// factor, that of every feature.
pub fn columns(inputs: usize, degree: usize) -> impl Iterator<Item = Vec<u32>> {
    let factors = exponents(inputs, degree);
    let column = move |position: usize| {
        factors.iter().map(|m| m.get(position).copied().unwrap_or(inputs as u32)).collect()
    };
    (0..degree).map(column)
}

/// The factors of every monomial of degree 1 to `degree`, by degree, then
/// lexicographically.
fn exponents(inputs: usize, degree: usize) -> Vec<Vec<u32>> {
    let mut all: Vec<Vec<u32>> = Vec::new();
    let mut last: Vec<Vec<u32>> = vec![Vec::new()];
    for _ in 0..degree {
        let longer = |monomial: &Vec<u32>| {
            let (monomial, from) = (monomial.clone(), monomial.last().copied().unwrap_or(0));
            (from..inputs as u32).map(move |next| [&monomial[..], &[next]].concat())
        };
        last = last.iter().flat_map(longer).collect();
        all.extend(last.iter().cloned());
    }
    all
}

/// C(inputs + degree, degree) − 1; `None` if it is more than [`MOST_POLYNOMIALS`].
fn monomials(inputs: usize, degree: usize) -> Option<usize> {
    if inputs == 0 || degree == 0 {
        return Some(0);
    }
    let mut count = 1usize;
    for k in 1..=degree {
        count = count.checked_mul(inputs.checked_add(k)?)? / k;
        if count > MOST_POLYNOMIALS + 1 {
            return None;
        }
    }
    Some(count - 1)
}

impl FromStr for Features {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let call = FAMILY.read(text)?;
        Ok(match (call.name, &call.arguments[..]) {
            ("none", []) => Features::None,
            ("rff", [count, gamma]) => Features::Rff {
                count: call.count(count, 1)?,
                gamma: call.number(gamma, "a number above 0", |g| g > 0.0)?,
            },
            ("polynomial", [degree]) => Features::Polynomial { degree: call.count(degree, 1)? },
            _ => return Err(call.miscounted()),
        })
    }
}

impl fmt::Display for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Features::None => f.write_str("none"),
            Features::Rff { count, gamma } => write!(f, "rff({count}, {gamma})"),
            Features::Polynomial { degree } => write!(f, "polynomial({degree})"),
        }
    }
}
