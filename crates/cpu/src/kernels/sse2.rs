//! Vectors of four lanes in SSE2, which every x86-64 processor has.
//!
//! The compiler would make much the same of plain code ([`super::portable`]), but
//! spreads a product's sums over more registers than there are, and half the time
//! goes into moving them.

use super::simd::{Simd, operators};
use std::arch::x86_64::*;
use std::ops::{Add, Div, Mul, Sub};

const LANES: usize = 4;

/// Four lanes.
#[derive(Clone, Copy)]
pub(super) struct F32x4(__m128);

/// Calls intrinsics that are unsafe only for the instructions they need.
macro_rules! sse2 {
    ($e:expr) => {
        // SAFETY: this file is compiled for x86-64 alone.
        unsafe { $e }
    };
}

operators!(
    F32x4, _mm_set1_ps:
    Add add _mm_add_ps,
    Sub sub _mm_sub_ps,
    Mul mul _mm_mul_ps,
    Div div _mm_div_ps
);

/// 2ⁿ for whole n from −126 to 127.
#[inline(always)]
fn power_of_two(n: __m128i) -> __m128 {
    sse2!(_mm_castsi128_ps(_mm_slli_epi32::<23>(_mm_add_epi32(n, _mm_set1_epi32(127)))))
}

impl F32x4 {
    /// The lanes folded in halves by `fold`.
    #[inline(always)]
    fn fold(self, fold: impl Fn(__m128, __m128) -> __m128) -> f32 {
        sse2!({
            let two = fold(self.0, _mm_movehl_ps(self.0, self.0));
            _mm_cvtss_f32(fold(two, _mm_shuffle_ps::<1>(two, two)))
        })
    }
}

impl Simd for F32x4 {
    const LANES: usize = LANES;
    const TILES: [usize; 3] = [6, 6, 0];
    const SPREAD: bool = true;
    const FETCHED: usize = 128;

    type Mask = __m128;
    type Part = usize;

    #[inline(always)]
    fn fetch(address: *const f32) {
        // SAFETY: every x86-64 processor has the instruction, and it reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(address.cast()) };
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        F32x4(sse2!(_mm_set1_ps(value)))
    }

    #[inline(always)]
    unsafe fn iota() -> Self {
        F32x4(sse2!(_mm_setr_ps(0.0, 1.0, 2.0, 3.0)))
    }

    #[inline(always)]
    unsafe fn part(n: usize) -> usize {
        n
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller vouches for all lanes.
        F32x4(unsafe { _mm_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn load_part(from: *const f32, part: usize, rest: Self) -> Self {
        // SAFETY: the caller vouches for `part` lanes; others are not read.
        let number = |i: usize| if i < part { unsafe { *from.add(i) } } else { rest.lane(i) };
        match part {
            // SAFETY: all lanes are asked for.
            LANES => unsafe { Self::load(from) },
            _ => F32x4(sse2!(_mm_setr_ps(number(0), number(1), number(2), number(3)))),
        }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller vouches for all lanes.
        unsafe { _mm_storeu_ps(to, self.0) };
    }

    #[inline(always)]
    unsafe fn store_part(self, to: *mut f32, part: usize) {
        // SAFETY: the caller vouches for the lanes of `part`; others are not written.
        unsafe {
            match part {
                LANES => self.store(to),
                _ => (0..part).for_each(|i| *to.add(i) = self.lane(i)),
            }
        }
    }

    #[inline(always)]
    fn like(self, value: f32) -> Self {
        F32x4(sse2!(_mm_set1_ps(value)))
    }

    #[inline(always)]
    fn fma(self, factor: Self, term: Self) -> Self {
        self * factor + term
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        F32x4(sse2!(_mm_max_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        F32x4(sse2!(_mm_min_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        F32x4(sse2!(_mm_sqrt_ps(self.0)))
    }

    #[inline(always)]
    fn gt(self, other: Self) -> __m128 {
        sse2!(_mm_cmpgt_ps(self.0, other.0))
    }

    #[inline(always)]
    fn equals(self, other: Self) -> __m128 {
        sse2!(_mm_cmpeq_ps(self.0, other.0))
    }

    #[inline(always)]
    fn is_nan(self) -> __m128 {
        sse2!(_mm_cmpunord_ps(self.0, self.0))
    }

    #[inline(always)]
    fn any(mask: __m128) -> bool {
        sse2!(_mm_movemask_ps(mask)) != 0
    }

    #[inline(always)]
    fn count(mask: __m128) -> u32 {
        // Four bits: counted without the instruction, which this set has not.
        let bits = sse2!(_mm_movemask_ps(mask)) as u32;
        (bits & 1) + (bits >> 1 & 1) + (bits >> 2 & 1) + (bits >> 3)
    }

    #[inline(always)]
    fn select(mask: __m128, yes: Self, no: Self) -> Self {
        F32x4(sse2!(_mm_or_ps(_mm_and_ps(mask, yes.0), _mm_andnot_ps(mask, no.0))))
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        F32x4(sse2!(_mm_and_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        F32x4(sse2!(_mm_or_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        F32x4(sse2!(_mm_xor_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn scale(self, n: Self) -> Self {
        sse2!({
            let whole = _mm_cvtps_epi32(n.0);
            let half = _mm_srai_epi32::<1>(whole);
            let once = _mm_mul_ps(self.0, power_of_two(half));
            F32x4(_mm_mul_ps(once, power_of_two(_mm_sub_epi32(whole, half))))
        })
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let tiny = self.like(f32::MIN_POSITIVE).gt(self);
        let normal = Self::select(tiny, self * 8_388_608.0, self); // 2²³
        let mantissa = normal.and(self.like(f32::from_bits(0x007f_ffff))).or(self.like(1.0));
        let bias = Self::select(tiny, self.like(150.0), self.like(127.0));
        let biased = sse2!(_mm_cvtepi32_ps(_mm_srli_epi32::<23>(_mm_castps_si128(normal.0))));
        (mantissa, F32x4(biased) - bias)
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        self.fold(|a, b| sse2!(_mm_add_ps(a, b)))
    }

    #[inline(always)]
    fn largest(self) -> f32 {
        self.fold(|a, b| sse2!(_mm_max_ps(a, b)))
    }

    #[inline(always)]
    fn smallest(self) -> f32 {
        self.fold(|a, b| sse2!(_mm_min_ps(a, b)))
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
        // SAFETY: the caller vouches for both blocks; only rows below `rows` and lanes
        // below `columns` are read, and the reverse written.
        unsafe {
            let zero = Self::splat(0.0);
            let mut block = [zero; LANES];
            for (r, row) in block.iter_mut().enumerate().take(rows) {
                *row = Self::load_part(from.add(r * from_stride), columns, zero);
            }
            let [a, b, c, d] = &mut block;
            _MM_TRANSPOSE4_PS(&mut a.0, &mut b.0, &mut c.0, &mut d.0);
            for (c, column) in block.into_iter().enumerate().take(columns) {
                column.store_part(to.add(c * to_stride), rows);
            }
        }
    }
}

impl F32x4 {
    /// A lane by its number.
    #[inline(always)]
    fn lane(self, i: usize) -> f32 {
        let mut lanes = [0.0; LANES];
        // SAFETY: the array has all lanes.
        unsafe { _mm_storeu_ps(lanes.as_mut_ptr(), self.0) };
        lanes[i % LANES]
    }
}
