//! Vectors of eight lanes in AVX2 and FMA.

use super::simd::{Simd, operators};
use std::arch::x86_64::*;
use std::ops::{Add, Div, Mul, Sub};

const LANES: usize = 8;

/// Eight lanes; a value exists only where AVX2 and FMA do.
#[derive(Clone, Copy)]
pub(super) struct F32x8(__m256);

/// Calls intrinsics that are unsafe only for the instructions they need.
macro_rules! avx2 {
    ($e:expr) => {
        // SAFETY: a value of F32x8 is at hand, so the processor has AVX2 and FMA.
        unsafe { $e }
    };
}

operators!(
    F32x8, _mm256_set1_ps:
    Add add _mm256_add_ps,
    Sub sub _mm256_sub_ps,
    Mul mul _mm256_mul_ps,
    Div div _mm256_div_ps
);

/// 2ⁿ for whole n from −126 to 127.
#[inline(always)]
fn power_of_two(_proof: F32x8, n: __m256i) -> __m256 {
    avx2!({
        let biased = _mm256_add_epi32(n, _mm256_set1_epi32(127));
        _mm256_castsi256_ps(_mm256_slli_epi32::<23>(biased))
    })
}

impl F32x8 {
    /// The lanes folded in halves by `fold`.
    #[inline(always)]
    fn fold(self, fold: impl Fn(__m128, __m128) -> __m128) -> f32 {
        avx2!({
            let four = fold(_mm256_castps256_ps128(self.0), _mm256_extractf128_ps::<1>(self.0));
            let two = fold(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(fold(two, _mm_shuffle_ps::<1>(two, two)))
        })
    }
}

impl Simd for F32x8 {
    const LANES: usize = LANES;
    const TILES: [usize; 3] = [10, 6, 0];
    const FETCHED: usize = 128;

    type Mask = __m256;
    type Part = __m256i;

    #[inline(always)]
    fn fetch(address: *const f32) {
        // SAFETY: every x86-64 processor has the instruction, and it reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(address.cast()) };
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: the caller vouches for AVX2.
        F32x8(unsafe { _mm256_set1_ps(value) })
    }

    #[inline(always)]
    unsafe fn iota() -> Self {
        // SAFETY: the caller vouches for AVX2.
        F32x8(unsafe { _mm256_setr_ps(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0) })
    }

    #[inline(always)]
    unsafe fn part(n: usize) -> __m256i {
        // SAFETY: the caller vouches for AVX2.
        unsafe {
            let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            _mm256_cmpgt_epi32(_mm256_set1_epi32(n as i32), lanes)
        }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller vouches for AVX2 and all lanes.
        F32x8(unsafe { _mm256_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn load_part(from: *const f32, part: __m256i, rest: Self) -> Self {
        // SAFETY: the caller vouches for the lanes of `part`; others are not read.
        F32x8(unsafe {
            let read = _mm256_maskload_ps(from, part);
            _mm256_blendv_ps(rest.0, read, _mm256_castsi256_ps(part))
        })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller vouches for all lanes.
        unsafe { _mm256_storeu_ps(to, self.0) };
    }

    #[inline(always)]
    unsafe fn store_part(self, to: *mut f32, part: __m256i) {
        // SAFETY: the caller vouches for the lanes of `part`; others are not written.
        unsafe { _mm256_maskstore_ps(to, part, self.0) };
    }

    #[inline(always)]
    fn like(self, value: f32) -> Self {
        F32x8(avx2!(_mm256_set1_ps(value)))
    }

    #[inline(always)]
    fn fma(self, factor: Self, term: Self) -> Self {
        F32x8(avx2!(_mm256_fmadd_ps(self.0, factor.0, term.0)))
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        F32x8(avx2!(_mm256_max_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        F32x8(avx2!(_mm256_min_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        F32x8(avx2!(_mm256_sqrt_ps(self.0)))
    }

    #[inline(always)]
    fn gt(self, other: Self) -> __m256 {
        avx2!(_mm256_cmp_ps::<_CMP_GT_OQ>(self.0, other.0))
    }

    #[inline(always)]
    fn equals(self, other: Self) -> __m256 {
        avx2!(_mm256_cmp_ps::<_CMP_EQ_OQ>(self.0, other.0))
    }

    #[inline(always)]
    fn is_nan(self) -> __m256 {
        avx2!(_mm256_cmp_ps::<_CMP_UNORD_Q>(self.0, self.0))
    }

    #[inline(always)]
    fn any(mask: __m256) -> bool {
        avx2!(_mm256_movemask_ps(mask)) != 0
    }

    #[inline(always)]
    fn count(mask: __m256) -> u32 {
        avx2!(_mm256_movemask_ps(mask)).count_ones()
    }

    #[inline(always)]
    fn select(mask: __m256, yes: Self, no: Self) -> Self {
        F32x8(avx2!(_mm256_blendv_ps(no.0, yes.0, mask)))
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        F32x8(avx2!(_mm256_and_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        F32x8(avx2!(_mm256_or_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        F32x8(avx2!(_mm256_xor_ps(self.0, other.0)))
    }

    #[inline(always)]
    fn scale(self, n: Self) -> Self {
        avx2!({
            let whole = _mm256_cvtps_epi32(n.0);
            let half = _mm256_srai_epi32::<1>(whole);
            let once = _mm256_mul_ps(self.0, power_of_two(self, half));
            F32x8(_mm256_mul_ps(once, power_of_two(self, _mm256_sub_epi32(whole, half))))
        })
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let tiny = self.like(f32::MIN_POSITIVE).gt(self);
        let normal = Self::select(tiny, self * 8_388_608.0, self); // 2²³
        let mantissa = normal.and(self.like(f32::from_bits(0x007f_ffff))).or(self.like(1.0));
        let biased = F32x8(avx2!({
            let bits = _mm256_castps_si256(normal.0);
            _mm256_cvtepi32_ps(_mm256_srli_epi32::<23>(bits))
        }));
        (mantissa, biased - Self::select(tiny, self.like(150.0), self.like(127.0)))
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        self.fold(|a, b| avx2!(_mm_add_ps(a, b)))
    }

    #[inline(always)]
    fn largest(self) -> f32 {
        self.fold(|a, b| avx2!(_mm_max_ps(a, b)))
    }

    #[inline(always)]
    fn smallest(self) -> f32 {
        self.fold(|a, b| avx2!(_mm_min_ps(a, b)))
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
        // SAFETY: the caller vouches for AVX2 and both blocks; only rows below
        // `rows` and lanes below `columns` are read, and the reverse written.
        unsafe {
            let (across, down) = (Self::part(columns), Self::part(rows));
            let mut block = [Self::splat(0.0); LANES];
            for (r, row) in block.iter_mut().enumerate() {
                if r < rows {
                    *row = F32x8(_mm256_maskload_ps(from.add(r * from_stride), across));
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

/// The transpose of 8 × 8 numbers: pairs of rows, then pairs of pairs, then halves.
#[inline(always)]
fn transposed(rows: [F32x8; LANES]) -> [F32x8; LANES] {
    avx2!({
        let zero = _mm256_setzero_ps();
        let (mut pairs, mut fours, mut result) = ([zero; LANES], [zero; LANES], rows);
        for i in 0..LANES / 2 {
            let (a, b) = (rows[2 * i].0, rows[2 * i + 1].0);
            pairs[2 * i] = _mm256_unpacklo_ps(a, b);
            pairs[2 * i + 1] = _mm256_unpackhi_ps(a, b);
        }
        for half in 0..2 {
            for i in 0..2 {
                let (a, b) = (pairs[4 * half + i], pairs[4 * half + 2 + i]);
                fours[4 * half + 2 * i] = _mm256_shuffle_ps::<0x44>(a, b);
                fours[4 * half + 2 * i + 1] = _mm256_shuffle_ps::<0xee>(a, b);
            }
        }
        for i in 0..LANES / 2 {
            result[i].0 = _mm256_permute2f128_ps::<0x20>(fours[i], fours[i + 4]);
            result[i + 4].0 = _mm256_permute2f128_ps::<0x31>(fours[i], fours[i + 4]);
        }
        result
    })
}
