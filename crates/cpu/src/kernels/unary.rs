//! Functions of one element.

use super::grid::Rows;
use super::math;
use super::simd::Simd;
use super::table::Target;
use gradwise_graph::ops::Unary;

/// `y = f(x)` for the rows of x and y, with the function's parameters.
///
/// # Safety
/// Rows of `x` must be readable and those of `y` writable; they are the same or apart.
pub type UnaryFn = unsafe fn(rows: &Rows<2>, parameters: [f32; 2]);

/// `y = f(a + b)` for the rows of a, b and y: a bias and what follows it.
///
/// # Safety
/// Rows of a and b must be readable and those of `y` writable; y and an operand are
/// the same or apart.
pub type OfSumFn = unsafe fn(rows: &Rows<3>, parameters: [f32; 2]);

/// The kernels of one function of one element.
#[derive(Clone, Copy, Debug)]
pub struct UnaryFns {
    /// Of an element.
    pub of: UnaryFn,
    /// Of the sum of two.
    pub of_sum: OfSumFn,
}

impl UnaryFns {
    /// The kernels of a function for an instruction set.
    pub(super) const fn new<T: Target, M: Map>() -> Self {
        UnaryFns { of: T::map::<M>, of_sum: T::map_sum::<M> }
    }
}

/// A function of one element with up to two parameters.
pub(super) trait Map {
    /// Its value in each lane.
    fn at<S: Simd>(x: S, parameters: [f32; 2]) -> S;
}

/// Applies a function to the elements of rows.
///
/// # Safety
/// As for [`UnaryFn`], on a processor that has the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn map<S: Simd, M: Map>(rows: &Rows<2>, p: [f32; 2]) {
    // SAFETY: `i` stays below n, and the rest after whole vectors is a part.
    unsafe {
        for row in 0..rows.rows {
            let [x, y] = rows.row(row);
            let mut i = 0;
            while i + S::LANES <= rows.n {
                M::at(S::load(x.add(i)), p).store(y.add(i));
                i += S::LANES;
            }
            if i < rows.n {
                let part = S::part(rows.n - i);
                M::at(S::load_part(x.add(i), part, S::splat(0.0)), p).store_part(y.add(i), part);
            }
        }
    }
}

/// Applies a function to sums of the elements of rows.
///
/// # Safety
/// As for [`OfSumFn`], on a processor that has the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn map_sum<S: Simd, M: Map>(rows: &Rows<3>, p: [f32; 2]) {
    // SAFETY: `i` stays below n, and the rest after whole vectors is a part.
    unsafe {
        for row in 0..rows.rows {
            let [a, b, y] = rows.row(row);
            let mut i = 0;
            while i + S::LANES <= rows.n {
                M::at(S::load(a.add(i)) + S::load(b.add(i)), p).store(y.add(i));
                i += S::LANES;
            }
            if i < rows.n {
                let (part, zero) = (S::part(rows.n - i), S::splat(0.0));
                let rest = |from: *mut f32| S::load_part(from.add(i), part, zero);
                M::at(rest(a) + rest(b), p).store_part(y.add(i), part);
            }
        }
    }
}

/// Declares functions: `Name: |x, [a, b]| value`.
macro_rules! maps {
    ($($name:ident: |$x:ident, $p:pat_param| $value:expr;)*) => {
        $(
            struct $name;

            impl Map for $name {
                #[inline(always)]
                fn at<S: Simd>($x: S, $p: [f32; 2]) -> S {
                    $value
                }
            }
        )*
    };
}

maps! {
    Scale: |x, [c, _]| x * c;
    Offset: |x, [c, _]| x + c;
    Exp: |x, _| math::exp(x);
    Ln: |x, _| math::ln(x);
    Ln1p: |x, _| math::ln1p(x);
    Sqrt: |x, _| x.sqrt();
    Recip: |x, _| x.like(1.0) / x;
    Abs: |x, _| x.abs();
    Sign: |x, _| S::select(x.abs().gt(x.like(0.0)), x.like(1.0).signed_as(x), x);
    Square: |x, _| x * x;
    Sin: |x, _| math::sin(x);
    Cos: |x, _| math::cos(x);
    Erf: |x, _| math::erf(x);
    Tanh: |x, _| math::tanh(x);
    Sigmoid: |x, _| math::sigmoid(x);
    Relu: |x, _| x.like(0.0).max(x);
    Step: |x, _| S::select(x.gt(x.like(0.0)), x.like(1.0), x.like(0.0));
    LeakyRelu: |x, [a, _]| S::select(x.gt(x.like(0.0)), x, x * a);
    Elu: |x, [a, _]| S::select(x.gt(x.like(0.0)), x, math::expm1_below_zero(x) * a);
    EluSlope: |x, [a, _]| S::select(x.gt(x.like(0.0)), x.like(1.0), math::exp(x) * a);
    Gelu: |x, _| x * math::normal(x).1;
    GeluSlope: |x, _| {
        let (bell, below) = math::normal(x);
        (x * bell).fma(x.like(0.398_942_3), below) // 1/√2π
    };
    Silu: |x, _| x * math::sigmoid(x);
    SiluSlope: |x, _| {
        let (s, complement) = math::sigmoid_and_complement(x);
        s * (x * complement + 1.0)
    };
    Softplus: |x, _| math::softplus(x);
    Clamp: |x, [low, high]| {
        let upper = S::select(x.gt(x.like(high)), x.like(high), x);
        S::select(x.like(low).gt(x), x.like(low), upper)
    };
    Copy: |x, _| x;
    Parabola: |x, [a, c]| (x * x).fma(x.like(a), x.like(c));
}

/// The kernels of `p₀·x² + p₁`, which a derivative by tanh is made of.
pub(super) const fn parabola<T: Target>() -> UnaryFns {
    UnaryFns::new::<T, Parabola>()
}

/// The kernels of a function and its parameters.
pub(super) fn kernel<T: Target>(function: Unary) -> (UnaryFns, [f32; 2]) {
    let one = |c: f64| [c as f32, 0.0];
    let plain = |kernels: UnaryFns| (kernels, [0.0; 2]);
    match function {
        Unary::Scale(c) => (UnaryFns::new::<T, Scale>(), one(c)),
        Unary::Offset(c) => (UnaryFns::new::<T, Offset>(), one(c)),
        Unary::Exp => plain(UnaryFns::new::<T, Exp>()),
        Unary::Ln => plain(UnaryFns::new::<T, Ln>()),
        Unary::Ln1p => plain(UnaryFns::new::<T, Ln1p>()),
        Unary::Sqrt => plain(UnaryFns::new::<T, Sqrt>()),
        Unary::Recip => plain(UnaryFns::new::<T, Recip>()),
        Unary::Abs => plain(UnaryFns::new::<T, Abs>()),
        Unary::Sign => plain(UnaryFns::new::<T, Sign>()),
        Unary::Square => plain(UnaryFns::new::<T, Square>()),
        Unary::Sin => plain(UnaryFns::new::<T, Sin>()),
        Unary::Cos => plain(UnaryFns::new::<T, Cos>()),
        Unary::Erf => plain(UnaryFns::new::<T, Erf>()),
        Unary::Tanh => plain(UnaryFns::new::<T, Tanh>()),
        Unary::Sigmoid => plain(UnaryFns::new::<T, Sigmoid>()),
        Unary::Relu => plain(UnaryFns::new::<T, Relu>()),
        Unary::Step => plain(UnaryFns::new::<T, Step>()),
        Unary::LeakyRelu(a) => (UnaryFns::new::<T, LeakyRelu>(), one(a)),
        Unary::Elu(a) => (UnaryFns::new::<T, Elu>(), one(a)),
        Unary::EluSlope(a) => (UnaryFns::new::<T, EluSlope>(), one(a)),
        Unary::Gelu => plain(UnaryFns::new::<T, Gelu>()),
        Unary::GeluSlope => plain(UnaryFns::new::<T, GeluSlope>()),
        Unary::Silu => plain(UnaryFns::new::<T, Silu>()),
        Unary::SiluSlope => plain(UnaryFns::new::<T, SiluSlope>()),
        Unary::Softplus => plain(UnaryFns::new::<T, Softplus>()),
        Unary::Clamp(low, high) => (UnaryFns::new::<T, Clamp>(), [low as f32, high as f32]),
        Unary::Detach => plain(UnaryFns::new::<T, Copy>()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{LENGTHS, each, near, normals};
    use super::{Rows, UnaryFns};
    use gradwise_graph::ops::Unary;

    /// Each function with the relative error allowed, in units of 2⁻²⁴: roundings
    /// of the polynomials and of the few operations around them.
    fn functions() -> Vec<(Unary, f64)> {
        vec![
            (Unary::Scale(-1.7), 1.5),
            (Unary::Offset(0.3), 1.0),
            (Unary::Exp, 3.0),
            (Unary::Ln, 3.0),
            (Unary::Ln1p, 4.0),
            (Unary::Sqrt, 1.0),
            (Unary::Recip, 1.0),
            (Unary::Abs, 0.0),
            (Unary::Sign, 0.0),
            (Unary::Square, 1.0),
            (Unary::Sin, 4.0),
            (Unary::Cos, 4.0),
            (Unary::Erf, 6.0),
            (Unary::Tanh, 6.0),
            (Unary::Sigmoid, 5.0),
            (Unary::Relu, 0.0),
            (Unary::Step, 0.0),
            (Unary::LeakyRelu(0.01), 1.5),
            (Unary::Elu(1.3), 5.0),
            (Unary::EluSlope(0.7), 4.0),
            (Unary::Gelu, 10.0),
            (Unary::GeluSlope, 10.0),
            (Unary::Silu, 6.0),
            (Unary::SiluSlope, 8.0),
            (Unary::Softplus, 6.0),
            (Unary::Clamp(-0.5, 2.0), 0.0),
            (Unary::Detach, 0.0),
        ]
    }

    /// Absolute error near a zero that is not at the origin, where terms of size
    /// `1` cancel; and half the last denormal times an argument of 100.
    fn absolute(function: Unary) -> f64 {
        let cancels = matches!(
            function,
            Unary::Sin | Unary::Cos | Unary::GeluSlope | Unary::SiluSlope | Unary::Offset(_)
        );
        if cancels { 1.2e-7 } else { 2e-43 }
    }

    /// A parameter as the kernel gets it, in f32.
    fn rounded(function: Unary) -> Unary {
        let short = |c: f64| f64::from(c as f32);
        match function {
            Unary::Scale(c) => Unary::Scale(short(c)),
            Unary::Offset(c) => Unary::Offset(short(c)),
            Unary::LeakyRelu(a) => Unary::LeakyRelu(short(a)),
            Unary::Elu(a) => Unary::Elu(short(a)),
            Unary::EluSlope(a) => Unary::EluSlope(short(a)),
            other => other,
        }
    }

    fn arguments() -> Vec<f32> {
        let mut x = vec![
            0.0,
            -0.0,
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::MAX,
            f32::MIN,
            f32::MIN_POSITIVE,
            -f32::MIN_POSITIVE,
            1e-45,
            -1e-45,
            1e-40,
            -1e-40,
            1.0,
            -1.0,
            1e-8,
            -1e-8,
            1e4,
            -1e4,
            11_999.0,
            12_001.0,
            1e6,
            3e9,
            -3e9,
            88.7,
            88.8,
            89.0,
            -87.4,
            -103.9,
            -104.1,
            0.999_999_9,
            1.000_000_1,
            -0.999_999_9,
        ];
        for (stream, deviation) in [1e-6, 1e-3, 0.1, 1.0, 3.0, 10.0, 40.0, 1e3].iter().enumerate() {
            x.extend(normals(stream as u64, 4001, *deviation));
        }
        x.extend((-4000..4000).map(|i| i as f32 * 0.026));
        x
    }

    #[test]
    fn values_are_those_of_the_reference() {
        let x = arguments();
        for kernels in each() {
            for (function, units) in functions() {
                let (UnaryFns { of: kernel, .. }, p) = kernels.unary(function);
                let mut y = vec![0.0; x.len()];
                // SAFETY: both vectors have this length.
                unsafe { kernel(&Rows::one(x.len(), [x.as_ptr(), y.as_mut_ptr()]), p) };
                for (x, y) in x.iter().zip(&y) {
                    let expected = rounded(function).at(f64::from(*x));
                    let what = format!("{} {function:?} of {x:e}", kernels.isa);
                    near(&what, *y, expected, units / 16_777_216.0, absolute(function));
                }
            }
        }
    }

    #[test]
    fn a_value_depends_neither_on_position_nor_on_the_cut() {
        let x = normals(3, 10_007, 4.0);
        for kernels in each() {
            for (function, _) in functions() {
                let (UnaryFns { of: kernel, .. }, p) = kernels.unary(function);
                let mut whole = vec![0.0; x.len()];
                // SAFETY: both vectors have this length.
                unsafe { kernel(&Rows::one(x.len(), [x.as_ptr(), whole.as_mut_ptr()]), p) };
                for n in LENGTHS {
                    let mut cut = x.clone();
                    let (start, rest) = (cut.as_mut_ptr(), x.len() - n);
                    // SAFETY: two parts of one vector, each in place.
                    unsafe {
                        kernel(&Rows::one(n, [start, start]), p);
                        kernel(&Rows::one(rest, [start.add(n), start.add(n)]), p);
                    }
                    let same = cut.iter().zip(&whole).all(|(a, b)| a.to_bits() == b.to_bits());
                    assert!(same, "{} {function:?} cut at {n}", kernels.isa);
                }
            }
        }
    }

    #[test]
    fn of_a_sum_is_the_same_as_a_sum_and_then_the_function() {
        let (a, b) = (normals(4, 10_007, 2.0), normals(5, 10_007, 2.0));
        for kernels in each() {
            for (function, _) in functions() {
                let (fns, p) = kernels.unary(function);
                for n in LENGTHS {
                    let mut expected: Vec<f32> = a.iter().zip(&b).map(|(a, b)| a + b).collect();
                    let (start, mut found) = (expected.as_mut_ptr(), a.clone());
                    // SAFETY: all vectors have at least n numbers; both in place.
                    unsafe {
                        (fns.of)(&Rows::one(n, [start, start]), p);
                        let to = found.as_mut_ptr();
                        (fns.of_sum)(&Rows::one(n, [to, b.as_ptr(), to]), p);
                    }
                    let bits = |x: &[f32]| x[..n].iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                    assert_eq!(bits(&expected), bits(&found), "{} {function:?}", kernels.isa);
                }
            }
        }
    }

    #[test]
    fn a_parabola_is_rounded_once_or_twice() {
        let x = normals(6, 1003, 1.0);
        for kernels in each() {
            let mut y = vec![0.0; x.len()];
            // SAFETY: both vectors have this length.
            unsafe {
                let rows = Rows::one(x.len(), [x.as_ptr(), y.as_mut_ptr()]);
                (kernels.parabola.of)(&rows, [-1.0, 1.0]);
            }
            for (x, y) in x.iter().zip(&y) {
                let (x, what) = (f64::from(*x), format!("{} of {x:e}", kernels.isa));
                near(&what, *y, 1.0 - x * x, 2.0 / 16_777_216.0, x * x / 8_388_608.0);
            }
        }
    }
}
