//! A vector of f32 lanes: what every kernel is written in, once.
//!
//! A value of a vector type is the proof that the processor has its instructions:
//! the functions that make a value from nothing are unsafe, every other takes one.
//! All methods must be inlined into a function compiled for the instruction set
//! (see [`super::target`]), hence `inline(always)` throughout.

use std::ops::{Add, Div, Mul, Sub};

/// Arithmetic of a vector type with itself and with one number, by intrinsics.
#[cfg(target_arch = "x86_64")]
macro_rules! operators {
    ($vector:ident, $spread:ident: $($trait:ident $method:ident $intrinsic:ident),*) => {
        $(
            impl $trait for $vector {
                type Output = Self;

                #[inline(always)]
                fn $method(self, other: Self) -> Self {
                    // SAFETY: a value is at hand, so the processor has the instructions.
                    unsafe { $vector($intrinsic(self.0, other.0)) }
                }
            }

            impl $trait<f32> for $vector {
                type Output = Self;

                #[inline(always)]
                fn $method(self, other: f32) -> Self {
                    // SAFETY: as above.
                    unsafe { $vector($intrinsic(self.0, $spread(other))) }
                }
            }
        )*
    };
}

#[cfg(target_arch = "x86_64")]
pub(super) use operators;

/// A vector of [`Simd::LANES`] numbers.
///
/// An element's result never depends on its lane, nor on whether it was loaded
/// with others or alone, so a computation can be split anywhere.
pub(super) trait Simd:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Add<f32, Output = Self>
    + Sub<f32, Output = Self>
    + Mul<f32, Output = Self>
{
    /// Numbers in a vector.
    const LANES: usize;
    /// Rows of the product's register tiles of one, two and three vectors a row;
    /// 0 if tiles are never so wide. Found by measuring.
    const TILES: [usize; 3];
    /// Vectors in a row of the widest tile.
    const VECTORS: usize = if Self::TILES[2] > 0 {
        3
    } else if Self::TILES[1] > 0 {
        2
    } else {
        1
    };

    /// Whether the product repeats a number for all lanes before it needs it, because
    /// no instruction reads one number into all lanes.
    const SPREAD: bool = false;

    /// From so many rows and columns on a product asks for its operands beforehand.
    /// Found by measuring.
    const FETCHED: usize;

    /// Asks for a cache line that will be read soon; the address need not be valid.
    fn fetch(address: *const f32);

    /// One truth value a lane.
    type Mask: Copy;
    /// The first so many lanes.
    type Part: Copy;

    /// The vector with `value` in each lane.
    ///
    /// # Safety
    /// The processor must have the instruction set.
    unsafe fn splat(value: f32) -> Self;

    /// 0, 1, 2, …
    ///
    /// # Safety
    /// The processor must have the instruction set.
    unsafe fn iota() -> Self;

    /// The first `n` lanes, `n` at most [`Simd::LANES`].
    ///
    /// # Safety
    /// The processor must have the instruction set.
    unsafe fn part(n: usize) -> Self::Part;

    /// Reads a vector.
    ///
    /// # Safety
    /// The processor must have the instruction set; `from` must be readable for
    /// all lanes.
    unsafe fn load(from: *const f32) -> Self;

    /// Reads a part of a vector; the other lanes are those of `rest`.
    ///
    /// # Safety
    /// `from` must be readable for the lanes of `part`.
    unsafe fn load_part(from: *const f32, part: Self::Part, rest: Self) -> Self;

    /// Writes the vector.
    ///
    /// # Safety
    /// `to` must be writable for all lanes.
    unsafe fn store(self, to: *mut f32);

    /// Writes a part of the vector.
    ///
    /// # Safety
    /// `to` must be writable for the lanes of `part`.
    unsafe fn store_part(self, to: *mut f32, part: Self::Part);

    /// The vector with `value` in each lane.
    fn like(self, value: f32) -> Self;

    /// self·factor + term, rounded once where the processor can.
    fn fma(self, factor: Self, term: Self) -> Self;

    /// `if self > other { self } else { other }`: keeps a NaN of `other`.
    fn max(self, other: Self) -> Self;

    /// `if self < other { self } else { other }`: keeps a NaN of `other`.
    fn min(self, other: Self) -> Self;

    /// self/divisor within a unit in the last place, for finite numbers and a divisor
    /// far from the ends of f32's range: where dividing is slow, without doing so.
    #[inline(always)]
    fn quotient(self, divisor: Self) -> Self {
        self / divisor
    }

    /// √self within a unit in the last place, for finite numbers: where taking roots is
    /// slow, without doing so.
    #[inline(always)]
    fn root(self) -> Self {
        self.sqrt()
    }

    /// √self.
    fn sqrt(self) -> Self;

    /// Whether self > other; no for NaN.
    fn gt(self, other: Self) -> Self::Mask;

    /// Whether self = other; no for NaN.
    fn equals(self, other: Self) -> Self::Mask;

    /// Whether it is NaN.
    fn is_nan(self) -> Self::Mask;

    /// Whether the mask is set in some lane.
    fn any(mask: Self::Mask) -> bool;

    /// In how many lanes the mask is set.
    fn count(mask: Self::Mask) -> u32;

    /// `yes` where the mask is set, else `no`.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;

    /// The bits set in both.
    fn and(self, other: Self) -> Self;

    /// The bits set in either.
    fn or(self, other: Self) -> Self;

    /// The bits set in one of them.
    fn xor(self, other: Self) -> Self;

    /// self·2ⁿ for whole n from −252 to 252, overflow and underflow included.
    fn scale(self, n: Self) -> Self;

    /// For positive finite numbers, m in [1, 2) and whole e with self = m·2ᵉ.
    fn split(self) -> (Self, Self);

    /// The sum of the lanes, always in the same order.
    fn sum(self) -> f32;

    /// The largest lane; if one is NaN, any lane.
    fn largest(self) -> f32;

    /// The smallest lane; if one is NaN, any lane.
    fn smallest(self) -> f32;

    /// Writes the transpose of a block of at most LANES × LANES: element (r, c)
    /// of the block at `from[r·from_stride + c]` goes to `to[c·to_stride + r]`.
    ///
    /// # Safety
    /// The processor must have the instruction set; the blocks must be readable
    /// and writable, and must not overlap.
    unsafe fn transpose(
        from: *const f32,
        from_stride: usize,
        rows: usize,
        columns: usize,
        to: *mut f32,
        to_stride: usize,
    );

    /// |self|.
    #[inline(always)]
    fn abs(self) -> Self {
        self.and(self.like(f32::from_bits(0x7fff_ffff)))
    }

    /// −self.
    #[inline(always)]
    fn negated(self) -> Self {
        self.xor(self.like(-0.0))
    }

    /// |self| with the sign of `other`.
    #[inline(always)]
    fn signed_as(self, other: Self) -> Self {
        self.abs().or(other.and(other.like(-0.0)))
    }

    /// The nearest whole number, for |self| < 2²²; ties to even.
    #[inline(always)]
    fn round(self) -> Self {
        const LAST_BIT_IS_ONE: f32 = 12_582_912.0; // 1.5·2²³
        (self + LAST_BIT_IS_ONE) - LAST_BIT_IS_ONE
    }

    /// c₀ + c₁·self + c₂·self² + …, by Horner's rule.
    #[inline(always)]
    fn polynomial<const N: usize>(self, coefficients: [f32; N]) -> Self {
        let mut result = self.like(coefficients[N - 1]);
        for i in (0..N - 1).rev() {
            result = result.fma(self, self.like(coefficients[i]));
        }
        result
    }
}
