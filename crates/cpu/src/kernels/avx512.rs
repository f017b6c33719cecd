//! Vectors of sixteen lanes in AVX-512 (F, DQ, BW, VL).

use super::simd::{Simd, operators};
use std::arch::x86_64::*;
use std::ops::{Add, Div, Mul, Sub};

const LANES: usize = 16;

/// Sixteen lanes; a value exists only where AVX-512 does.
#[derive(Clone, Copy)]
pub(super) struct F32x16(__m512);

/// Calls intrinsics that are unsafe only for the instructions they need.
macro_rules! avx512 {
    ($e:expr) => {
        // SAFETY: a value of F32x16 is at hand, so the processor has AVX-512.
        unsafe { $e }
    };
}

operators!(
    F32x16, _mm512_set1_ps:
    Add add _mm512_add_ps,
    Sub sub _mm512_sub_ps,
    Mul mul _mm512_mul_ps,
    Div div _mm512_div_ps
);

impl Simd for F32x16 {
    const LANES: usize = LANES;
    const TILES: [usize; 3] = [14, 12, 9];
    const FETCHED: usize = 256;

    type Mask = __mmask16;
    type Part = __mmask16;

    #[inline(always)]
    fn fetch(address: *const f32) {
        // SAFETY: every x86-64 processor has the instruction, and it reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(address.cast()) };
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: the caller vouches for AVX-512.
        F32x16(unsafe { _mm512_set1_ps(value) })
    }

    #[inline(always)]
    unsafe fn iota() -> Self {
        // SAFETY: the caller vouches for AVX-512.
        F32x16(unsafe {
            _mm512_setr_ps(
                0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0,
                15.0,
            )
        })
    }

    #[inline(always)]
    unsafe fn part(n: usize) -> __mmask16 {
        ((1u32 << n) - 1) as __mmask16
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller vouches for AVX-512 and all lanes.
        F32x16(unsafe { _mm512_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn load_part(from: *const f32, part: __mmask16, rest: Self) -> Self {
        // SAFETY: the caller vouches for the lanes of `part`; others are not read.
        F32x16(unsafe { _mm512_mask_loadu_ps(rest.0, part, from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller vouches for all lanes.
        unsafe { _mm512_storeu_ps(to, self.0) };
    }

    #[inline(always)]
    unsafe fn store_part(self, to: *mut f32, part: __mmask16) {
        // SAFETY: the caller vouches for the lanes of `part`; others are not written.
        unsafe { _mm512_mask_storeu_ps(to, part, self.0) };
    }

    #[inline(always)]
    fn like(self, value: f32) -> Self {
        F32x16(avx512!(_mm512_set1_ps(value)))
    }

    #[inline(always)]
    fn fma(self, factor: Self, term: Self) -> Self {
        F32x16(avx512!(_mm512_fmadd_ps(self.0, factor.0, term.0)))
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        F32x16(avx512!(_mm512_max_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        F32x16(avx512!(_mm512_min_ps(self.0, other.0)))
    }

    /// A reciprocal of 14 bits, twice as many after one step of Newton's method, and
    /// the quotient corrected by what it leaves over: dividing takes four times as long.
    #[inline(always)]
    fn quotient(self, divisor: Self) -> Self {
        let guess = F32x16(avx512!(_mm512_rcp14_ps(divisor.0)));
        let missed = F32x16(avx512!(_mm512_fnmadd_ps(divisor.0, guess.0, self.like(1.0).0)));
        let reciprocal = guess.fma(missed, guess);
        let quotient = self * reciprocal;
        let rest = F32x16(avx512!(_mm512_fnmadd_ps(quotient.0, divisor.0, self.0)));
        rest.fma(reciprocal, quotient)
    }

    /// A reciprocal root of 14 bits, then a step of Goldschmidt's method for the root and
    /// its half reciprocal, and the root corrected by what its square leaves over.
    #[inline(always)]
    fn root(self) -> Self {
        let guess = F32x16(avx512!(_mm512_rsqrt14_ps(self.0)));
        let (root, half) = (self * guess, guess * 0.5);
        let missed = F32x16(avx512!(_mm512_fnmadd_ps(root.0, half.0, self.like(0.5).0)));
        let (root, half) = (root.fma(missed, root), half.fma(missed, half));
        let rest = F32x16(avx512!(_mm512_fnmadd_ps(root.0, root.0, self.0)));
        let zero = self.like(0.0);
        Self::select(self.equals(zero), zero, rest.fma(half, root))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        F32x16(avx512!(_mm512_sqrt_ps(self.0)))
    }

    #[inline(always)]
    fn gt(self, other: Self) -> __mmask16 {
        avx512!(_mm512_cmp_ps_mask::<_CMP_GT_OQ>(self.0, other.0))
    }

    #[inline(always)]
    fn equals(self, other: Self) -> __mmask16 {
        avx512!(_mm512_cmp_ps_mask::<_CMP_EQ_OQ>(self.0, other.0))
    }

    #[inline(always)]
    fn is_nan(self) -> __mmask16 {
        avx512!(_mm512_cmp_ps_mask::<_CMP_UNORD_Q>(self.0, self.0))
    }

    #[inline(always)]
    fn any(mask: __mmask16) -> bool {
        mask != 0
    }

    #[inline(always)]
    fn count(mask: __mmask16) -> u32 {
        mask.count_ones()
    }

    #[inline(always)]
    fn select(mask: __mmask16, yes: Self, no: Self) -> Self {
        F32x16(avx512!(_mm512_mask_blend_ps(mask, no.0, yes.0)))
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        F32x16(avx512!(_mm512_and_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        F32x16(avx512!(_mm512_or_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        F32x16(avx512!(_mm512_xor_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn scale(self, n: Self) -> Self {
        F32x16(avx512!(_mm512_scalef_ps(self.0, n.0)))
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let mantissa = avx512!(_mm512_getmant_ps::<_MM_MANT_NORM_1_2, _MM_MANT_SIGN_SRC>(self.0));
        (F32x16(mantissa), F32x16(avx512!(_mm512_getexp_ps(self.0))))
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        avx512!(_mm512_reduce_add_ps(self.0))
    }

    #[inline(always)]
    fn largest(self) -> f32 {
        avx512!(_mm512_reduce_max_ps(self.0))
    }

    #[inline(always)]
    fn smallest(self) -> f32 {
        avx512!(_mm512_reduce_min_ps(self.0))
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
        // SAFETY: the caller vouches for AVX-512 and both blocks; only rows below
        // `rows` and lanes below `columns` are read, and the reverse written.
        unsafe {
            let (across, down) = (Self::part(columns), Self::part(rows));
            let mut block = [Self::splat(0.0); LANES];
            for (r, row) in block.iter_mut().enumerate() {
                if r < rows {
                    *row = F32x16(_mm512_maskz_loadu_ps(across, from.add(r * from_stride)));
                }
            }
            for (c, column) in transposed(block).into_iter().enumerate() {
                if c < columns {
                    column.store_part(to.add(c * to_stride), down);
                }
            }
        }
    }
}

/// The transpose of 16 × 16 numbers: within quarters of a vector by pairs of rows
/// and pairs of pairs, then the quarters themselves in two steps.
#[inline(always)]
fn transposed(rows: [F32x16; LANES]) -> [F32x16; LANES] {
    avx512!({
        let zero = _mm512_setzero_ps();
        let (mut pairs, mut fours) = ([zero; LANES], [zero; LANES]);
        let (mut eights, mut result) = ([zero; LANES], rows);
        for i in 0..LANES / 2 {
            let (a, b) = (rows[2 * i].0, rows[2 * i + 1].0);
            pairs[2 * i] = _mm512_unpacklo_ps(a, b);
            pairs[2 * i + 1] = _mm512_unpackhi_ps(a, b);
        }
        // fours[4g + c]: columns c, c+4, c+8, c+12 of rows 4g to 4g+3.
        for g in 0..4 {
            for i in 0..2 {
                let (a, b) = (pairs[4 * g + i], pairs[4 * g + 2 + i]);
                fours[4 * g + 2 * i] = _mm512_shuffle_ps::<0x44>(a, b);
                fours[4 * g + 2 * i + 1] = _mm512_shuffle_ps::<0xee>(a, b);
            }
        }
        // eights[8h + c]: columns c, c+8 of rows 8h to 8h+7; 8h + 4 + c: c+4, c+12.
        for h in 0..2 {
            for c in 0..4 {
                let (a, b) = (fours[8 * h + c], fours[8 * h + 4 + c]);
                eights[8 * h + c] = _mm512_shuffle_f32x4::<0x88>(a, b);
                eights[8 * h + 4 + c] = _mm512_shuffle_f32x4::<0xdd>(a, b);
            }
        }
        for c in 0..8 {
            result[c].0 = _mm512_shuffle_f32x4::<0x88>(eights[c], eights[8 + c]);
            result[c + 8].0 = _mm512_shuffle_f32x4::<0xdd>(eights[c], eights[8 + c]);
        }
        result
    })
}
