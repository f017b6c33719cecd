//! Vectors in plain Rust, for processors without kernels of their own.

use super::simd::Simd;
use std::ops::{Add, Div, Mul, Sub};

const LANES: usize = 8;

/// Eight lanes.
#[derive(Clone, Copy)]
pub(super) struct Lanes([f32; LANES]);

impl Lanes {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        let mut result = self;
        for i in 0..LANES {
            result.0[i] = f(self.0[i], other.0[i]);
        }
        result
    }

    #[inline(always)]
    fn zip_bits(self, other: Self, f: impl Fn(u32, u32) -> u32) -> Self {
        self.zip(other, |a, b| f32::from_bits(f(a.to_bits(), b.to_bits())))
    }

    #[inline(always)]
    fn compare(self, other: Self, f: impl Fn(f32, f32) -> bool) -> [bool; LANES] {
        let mut result = [false; LANES];
        for (i, r) in result.iter_mut().enumerate() {
            *r = f(self.0[i], other.0[i]);
        }
        result
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $op:tt) => {
        impl $trait for Lanes {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.zip(other, |a, b| a $op b)
            }
        }

        impl $trait<f32> for Lanes {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: f32) -> Self {
                self.zip(self, |a, _| a $op other)
            }
        }
    };
}

operator!(Add, add, +);
operator!(Sub, sub, -);
operator!(Mul, mul, *);
operator!(Div, div, /);

/// 2ⁿ for whole n from −126 to 127.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits(((n + 127) << 23) as u32)
}

impl Simd for Lanes {
    const LANES: usize = LANES;
    const TILES: [usize; 3] = if cfg!(target_arch = "aarch64") { [8, 6, 0] } else { [4, 0, 0] };
    const FETCHED: usize = usize::MAX;

    type Mask = [bool; LANES];
    type Part = usize;

    #[inline(always)]
    fn fetch(_address: *const f32) {}

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Lanes([value; LANES])
    }

    #[inline(always)]
    unsafe fn iota() -> Self {
        Lanes(std::array::from_fn(|i| i as f32))
    }

    #[inline(always)]
    unsafe fn part(n: usize) -> usize {
        n
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller vouches for all lanes; an array of f32 may be read unaligned.
        Lanes(unsafe { from.cast::<[f32; LANES]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn load_part(from: *const f32, part: usize, rest: Self) -> Self {
        let mut result = rest;
        // SAFETY: the caller vouches for `part` lanes; part ≤ LANES.
        unsafe { from.copy_to_nonoverlapping(result.0.as_mut_ptr(), part) };
        result
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller vouches for all lanes.
        unsafe { to.cast::<[f32; LANES]>().write_unaligned(self.0) };
    }

    #[inline(always)]
    unsafe fn store_part(self, to: *mut f32, part: usize) {
        // SAFETY: the caller vouches for `part` lanes; part ≤ LANES.
        unsafe { self.0.as_ptr().copy_to_nonoverlapping(to, part) };
    }

    #[inline(always)]
    fn like(self, value: f32) -> Self {
        Lanes([value; LANES])
    }

    #[inline(always)]
    fn fma(self, factor: Self, term: Self) -> Self {
        // Without the instruction, `mul_add` is a call of a slow function.
        if cfg!(any(target_arch = "aarch64", target_feature = "fma")) {
            let mut result = self;
            for i in 0..LANES {
                result.0[i] = self.0[i].mul_add(factor.0[i], term.0[i]);
            }
            result
        } else {
            self * factor + term
        }
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.zip(other, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        self.zip(self, |a, _| a.sqrt())
    }

    #[inline(always)]
    fn gt(self, other: Self) -> Self::Mask {
        self.compare(other, |a, b| a > b)
    }

    #[inline(always)]
    fn equals(self, other: Self) -> Self::Mask {
        self.compare(other, |a, b| a == b)
    }

    #[inline(always)]
    fn is_nan(self) -> Self::Mask {
        self.compare(self, |a, _| a.is_nan())
    }

    #[inline(always)]
    fn any(mask: Self::Mask) -> bool {
        mask.contains(&true)
    }

    #[inline(always)]
    fn count(mask: Self::Mask) -> u32 {
        mask.iter().map(|set| u32::from(*set)).sum()
    }

    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        let mut result = no;
        for (i, set) in mask.into_iter().enumerate() {
            result.0[i] = if set { yes.0[i] } else { no.0[i] };
        }
        result
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self.zip_bits(other, |a, b| a & b)
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        self.zip_bits(other, |a, b| a | b)
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self.zip_bits(other, |a, b| a ^ b)
    }

    #[inline(always)]
    fn scale(self, n: Self) -> Self {
        self.zip(n, |a, n| {
            let half = n as i32 >> 1;
            a * power_of_two(half) * power_of_two(n as i32 - half)
        })
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let tiny = |a: f32| a < f32::MIN_POSITIVE;
        let normal = |a: f32| (if tiny(a) { a * power_of_two(23) } else { a }).to_bits();
        let mantissa = |a: f32| f32::from_bits(normal(a) & 0x007f_ffff | 0x3f80_0000);
        let exponent = |a: f32| (normal(a) >> 23) as f32 - if tiny(a) { 150.0 } else { 127.0 };
        (self.zip(self, |a, _| mantissa(a)), self.zip(self, |a, _| exponent(a)))
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        let [a, b, c, d, e, f, g, h] = self.0;
        ((a + e) + (c + g)) + ((b + f) + (d + h))
    }

    #[inline(always)]
    fn largest(self) -> f32 {
        self.0.into_iter().fold(f32::NEG_INFINITY, |m, x| if m > x { m } else { x })
    }

    #[inline(always)]
    fn smallest(self) -> f32 {
        self.0.into_iter().fold(f32::INFINITY, |m, x| if m < x { m } else { x })
    }

    #[inline(always)]
    unsafe fn transpose(
        from: *const f32,
        from_stride: usize,
        rows: usize,
        columns: usize,
        to: *mut f32,
        to_stride: usize,
    ) {
        for c in 0..columns {
            for r in 0..rows {
                // SAFETY: the caller vouches for both blocks.
                unsafe { *to.add(c * to_stride + r) = *from.add(r * from_stride + c) };
            }
        }
    }
}
