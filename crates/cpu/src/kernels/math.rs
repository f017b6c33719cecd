//! exp, log, tanh, erf and their kin on vectors.
//!
//! Polynomials and rational functions are minimax fits (Lawson's algorithm) made
//! for these intervals; each says its error before rounding. After rounding all
//! are within a few units in the last place; the tests of [`super::unary`] hold
//! them to that. NaN, infinities, zeros and denormals come out as the f64
//! reference of the graph has them.

use super::simd::Simd;
use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_PI, FRAC_2_SQRT_PI, LOG2_E, SQRT_2};

/// ln 2 in two parts, the first short enough for n·LN_2_HIGH to be exact.
const LN_2_HIGH: f32 = 355.0 / 512.0;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// (eʳ − 1 − r)/r² for |r| ≤ ln 2/2; relative error of eʳ 3.3e-9.
const EXP: [f32; 5] =
    [4.999_999_4e-1, 1.666_651_5e-1, 4.166_845_6e-2, 8.369_419e-3, 1.381_314_2e-3];

/// (ln(1+f) − f + f²/2)/f³ for 1+f from √½ to √2; relative error of the logarithm 7.7e-10.
const LN: [f32; 9] = [
    3.333_331e-1,
    -2.500_001e-1,
    2.000_216_7e-1,
    -1.666_809e-1,
    1.421_855_2e-1,
    -1.240_308_7e-1,
    1.189_353_2e-1,
    -1.169_431_9e-1,
    6.757_511e-2,
];

/// Numerator and denominator of ln(1+z)/z for 0 ≤ z ≤ 1; relative error 1.9e-8.
const LN_1P_ABOVE: [f32; 3] = [1.0, 8.671_903e-1, 1.237_630_6e-1];
const LN_1P_BELOW: [f32; 4] = [1.0, 1.367_188_3, 4.740_560_4e-1, 3.109_417_7e-2];

/// Numerator and denominator of tanh(x)/x in x², |x| ≤ 9.02; relative error 2.1e-8.
/// All coefficients are positive, so nothing cancels.
const TANH: [[f32; 5]; 2] = [
    [1.0, 1.337_975e-1, 3.494_070_4e-3, 2.058_402_6e-5, 1.331_974_7e-8],
    [1.0, 4.671_306_3e-1, 2.587_121_2e-2, 3.283_149_6e-4, 7.762_313e-7],
];

/// erf(x)/x in x² for |x| ≤ 1; relative error 1.2e-9.
const ERF: [f32; 7] = [
    FRAC_2_SQRT_PI,
    -3.761_262_6e-1,
    1.128_358_54e-1,
    -2.685_381_7e-2,
    5.188_334_3e-3,
    -8.010_247e-4,
    7.854_025e-5,
];

/// Numerator and denominator of e^{t²}·erfc(t), 0 ≤ t ≤ 11; relative error 6.7e-9.
const ERFCX_ABOVE: [f32; 5] = [1.0, 1.245_426_8, 7.389_78e-1, 2.327_429_4e-1, 3.353_954e-2];
const ERFCX_BELOW: [f32; 6] =
    [1.0, 2.373_806_5, 2.417_521_2, 1.339_136_6, 4.125_492_6e-1, 5.944_669_2e-2];

/// (sin r − r)/r³ and (cos r − 1 + r²/2)/r⁴ in r² for |r| ≤ π/4; errors 4.1e-9 and 1.3e-10.
const SIN: [f32; 3] = [-1.666_665_4e-1, 8.332_113e-3, -1.950_874_1e-4];
const COS: [f32; 3] = [4.166_664_6e-2, -1.388_725_1e-3, 2.442_568e-5];

/// π/2 in three parts; n times the first two is exact for whole n below 2¹³.
const HALF_PI: [f32; 3] = [201.0 / 128.0, 2029.0 / 4_194_304.0, 7.549_79e-8];

/// The largest angle that [`HALF_PI`] reduces well; beyond it each is done in f64.
const ANGLE_LIMIT: f32 = 12_000.0;

/// The most lanes of any vector.
const MOST_LANES: usize = 16;

/// x, but at most `high`; NaN stays.
#[inline(always)]
fn at_most<S: Simd>(x: S, high: f32) -> S {
    x.like(high).min(x)
}

/// x kept within two bounds; NaN stays.
#[inline(always)]
pub(super) fn clamp<S: Simd>(x: S, low: f32, high: f32) -> S {
    at_most(x.like(low).max(x), high)
}

/// n and r with x + low = n·ln 2 + r, |r| ≤ ln 2/2.
#[inline(always)]
fn reduce<S: Simd>(x: S, low: S) -> (S, S) {
    let n = ((x + low) * LOG2_E).round();
    let r = n.fma(x.like(-LN_2_HIGH), x);
    (n, n.fma(x.like(-LN_2_LOW), r + low))
}

/// eʳ − 1 for |r| ≤ ln 2/2.
#[inline(always)]
fn small_expm1<S: Simd>(r: S) -> S {
    (r * r).fma(r.polynomial(EXP), r)
}

/// e^(x + low) for low small beside x, which makes up for the rounding of x.
#[inline(always)]
fn exp_of_sum<S: Simd>(x: S, low: S) -> S {
    let (n, r) = reduce(clamp(x, -104.0, 89.0), low);
    (small_expm1(r) + 1.0).scale(n)
}

/// eˣ.
#[inline(always)]
pub(super) fn exp<S: Simd>(x: S) -> S {
    exp_of_sum(x, x.like(0.0))
}

/// eˣ − 1 for x ≤ 0, exact near 0; for x > 0 it is 0.
#[inline(always)]
pub(super) fn expm1_below_zero<S: Simd>(x: S) -> S {
    let x = clamp(x, -30.0, 0.0);
    let (n, r) = reduce(x, x.like(0.0));
    let power = x.like(1.0).scale(n);
    power.fma(small_expm1(r), power - 1.0)
}

/// ln x.
#[inline(always)]
pub(super) fn ln<S: Simd>(x: S) -> S {
    let (mantissa, exponent) = x.split();
    let upper = mantissa.gt(x.like(SQRT_2));
    let f = S::select(upper, mantissa * 0.5, mantissa) - 1.0;
    let e = S::select(upper, exponent + 1.0, exponent);
    let square = f * f;
    let rest = (square * f).fma(f.polynomial(LN), e * LN_2_LOW);
    let result = e.fma(x.like(LN_2_HIGH), square.fma(x.like(-0.5), rest) + f);
    let zero = x.like(0.0);
    let result = S::select(x.gt(x.like(f32::MAX)), x, result);
    let result = S::select(x.equals(zero), x.like(f32::NEG_INFINITY), result);
    let result = S::select(zero.gt(x), x.like(f32::NAN), result);
    S::select(x.is_nan(), x, result)
}

/// ln(1 + x), exact near 0: ln u + (1 + x − u)/u with u = 1 + x rounded.
#[inline(always)]
pub(super) fn ln1p<S: Simd>(x: S) -> S {
    let u = x + 1.0;
    let lost = (x - (u - 1.0)) / u;
    // Undefined only where u is 0, infinite or NaN, and ln u is right by itself.
    ln(u) + S::select(lost.is_nan(), x.like(0.0), lost)
}

/// tanh x.
#[inline(always)]
pub(super) fn tanh<S: Simd>(x: S) -> S {
    let x = clamp(x, -9.02, 9.02);
    let square = x * x;
    let y = (x * square.polynomial(TANH[0])).quotient(square.polynomial(TANH[1]));
    clamp(y, -1.0, 1.0)
}

/// σ(x) = 1/(1 + e⁻ˣ) and σ(−x), both without cancellation.
#[inline(always)]
pub(super) fn sigmoid_and_complement<S: Simd>(x: S) -> (S, S) {
    let z = exp(x.abs().negated());
    let (below, one) = (x.like(0.0).gt(x), x.like(1.0));
    let sum = z + 1.0;
    (S::select(below, z, one).quotient(sum), S::select(below, one, z).quotient(sum))
}

/// σ(x).
#[inline(always)]
pub(super) fn sigmoid<S: Simd>(x: S) -> S {
    sigmoid_and_complement(x).0
}

/// ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|).
#[inline(always)]
pub(super) fn softplus<S: Simd>(x: S) -> S {
    let z = exp(x.abs().negated());
    x.like(0.0).max(x) + (z * z.polynomial(LN_1P_ABOVE)).quotient(z.polynomial(LN_1P_BELOW))
}

/// e^(−a²/2) and Φ(−a), the normal distribution's upper tail, for a ≥ 0.
#[inline(always)]
fn normal_tail<S: Simd>(a: S) -> (S, S) {
    let a = at_most(a, 14.5); // beyond, both are 0 in f32
    // a² in two parts: the square of the upper 12 bits is exact.
    let upper = a.and(a.like(f32::from_bits(0xffff_f000)));
    let lower = (a - upper) * (a + upper);
    let bell = exp_of_sum(upper * upper * -0.5, lower * -0.5);
    let t = a * FRAC_1_SQRT_2;
    let scaled = t.polynomial(ERFCX_ABOVE).quotient(t.polynomial(ERFCX_BELOW));
    (bell, bell * scaled * 0.5)
}

/// e^(−x²/2) and Φ(x), the normal distribution function.
#[inline(always)]
pub(super) fn normal<S: Simd>(x: S) -> (S, S) {
    let (bell, tail) = normal_tail(x.abs());
    (bell, S::select(x.gt(x.like(0.0)), x.like(1.0) - tail, tail))
}

/// erf x.
#[inline(always)]
pub(super) fn erf<S: Simd>(x: S) -> S {
    let near = x * (x * x).polynomial(ERF);
    let (_, tail) = normal_tail(x.abs() * SQRT_2);
    let far = (x.like(1.0) - tail * 2.0).signed_as(x);
    S::select(x.like(1.0).gt(x.abs()), near, far)
}

/// sin(x + turns·π/2) for |x| ≤ [`ANGLE_LIMIT`].
#[inline(always)]
fn sine<S: Simd>(x: S, turns: f32) -> S {
    let n = (x * FRAC_2_PI).round();
    let mut r = x;
    for part in HALF_PI {
        r = n.fma(x.like(-part), r);
    }
    let square = r * r;
    let sine = (square * r).fma(square.polynomial(SIN), r);
    let cosine = (square * square).fma(square.polynomial(COS), square * -0.5) + 1.0;
    // The quadrant: n + turns modulo 4.
    let n = n + turns;
    let quadrant = n - (n * 0.25 - 0.375).round() * 4.0;
    let odd = (quadrant - 2.0).abs().equals(x.like(1.0));
    let y = S::select(odd, cosine, sine);
    S::select(quadrant.gt(x.like(1.5)), y.negated(), y)
}

/// `near`, but beyond [`ANGLE_LIMIT`] `far` of each lane by itself.
#[inline(always)]
fn by_lane_if_large<S: Simd>(x: S, near: S, far: fn(f64) -> f64) -> S {
    let large = x.abs().gt(x.like(ANGLE_LIMIT));
    if !S::any(large) {
        return near;
    }
    let mut lanes = [0.0; MOST_LANES];
    // SAFETY: `lanes` holds the most lanes of any vector.
    unsafe { x.store(lanes.as_mut_ptr()) };
    for lane in &mut lanes {
        *lane = far(f64::from(*lane)) as f32;
    }
    // SAFETY: as above; a vector is at hand, so the processor has its instructions.
    S::select(large, unsafe { S::load(lanes.as_ptr()) }, near)
}

/// sin x.
#[inline(always)]
pub(super) fn sin<S: Simd>(x: S) -> S {
    by_lane_if_large(x, sine(x, 0.0), libm::sin)
}

/// cos x.
#[inline(always)]
pub(super) fn cos<S: Simd>(x: S) -> S {
    by_lane_if_large(x, sine(x, 1.0), libm::cos)
}
