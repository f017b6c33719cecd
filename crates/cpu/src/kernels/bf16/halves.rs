//! Weights in two halves: the upper one is what products multiply, a number of bf16;
//! the lower one is what rounding to it took away, so that nothing is lost.
//!
//! Both are packed as a left operand. With f32 and a packed copy beside it a step
//! would move half as many bytes again, and moving weights is what it waits for.
//!
//! `bits of f32 = upper·2¹⁶ + lower`, lower a signed number of 16 bits: upper is
//! the f32 rounded to the nearest, ties away from zero. The lower halves of 32
//! numbers stand in the order in which the processor packs two vectors into one: four
//! of the first 16, four of the others, and so on.

use super::pack::{rounded, widened};
use super::{DEPTH, Halves, Momentum, STRIP, TILE, Velocity, Widening};
use std::arch::x86_64::*;

/// 32 numbers of f32.
type Row = [__m512; 2];

/// Joins the halves of 32 numbers.
#[inline(always)]
unsafe fn joined(upper: *const u16, lower: *const u16) -> Row {
    // SAFETY: the caller vouches for 32 numbers at each and for AVX-512.
    unsafe {
        let order = _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7);
        let upper = _mm512_permutexvar_epi64(order, _mm512_loadu_si512(upper.cast()));
        let lower = _mm512_loadu_si512(lower.cast());
        // Of a negative lower half the upper one is one too large.
        let upper = _mm512_sub_epi16(upper, _mm512_srli_epi16::<15>(lower));
        [_mm512_unpacklo_epi16(lower, upper), _mm512_unpackhi_epi16(lower, upper)]
            .map(|bits| _mm512_castsi512_ps(bits))
    }
}

/// Takes 32 numbers apart.
#[inline(always)]
unsafe fn halved(row: Row, upper: *mut u16, lower: *mut u16) {
    // SAFETY: the caller vouches for room for 32 numbers at each and for AVX-512.
    unsafe {
        let (half, low) = (_mm512_set1_epi32(0x8000), _mm512_set1_epi32(0xffff));
        let order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
        let bits = row.map(|row| _mm512_castps_si512(row));
        let [a, b] = bits.map(|bits| _mm512_srli_epi32::<16>(_mm512_add_epi32(bits, half)));
        let packed = _mm512_permutexvar_epi64(order, _mm512_packus_epi32(a, b));
        _mm512_storeu_si512(upper.cast(), packed);
        let [a, b] = bits.map(|bits| _mm512_and_si512(bits, low));
        _mm512_storeu_si512(lower.cast(), _mm512_packus_epi32(a, b));
    }
}

/// The lanes of a row of 32 numbers or fewer.
type Lanes = [__mmask16; 2];

#[inline(always)]
unsafe fn load(from: *const f32, lanes: Lanes) -> Row {
    // SAFETY: the caller vouches for the lanes' numbers and for AVX-512.
    unsafe {
        [
            _mm512_maskz_loadu_ps(lanes[0], from),
            _mm512_maskz_loadu_ps(lanes[1], from.wrapping_add(STRIP)),
        ]
    }
}

#[inline(always)]
unsafe fn store(row: Row, to: *mut f32, lanes: Lanes) {
    // SAFETY: the caller vouches for the lanes' numbers and for AVX-512.
    unsafe {
        _mm512_mask_storeu_ps(to, lanes[0], row[0]);
        _mm512_mask_storeu_ps(to.wrapping_add(STRIP), lanes[1], row[1]);
    }
}

/// The lanes of the first `n` numbers among 32, as two times 16.
#[inline(always)]
fn lanes(n: usize) -> [__mmask16; 2] {
    [n.min(STRIP), n.saturating_sub(STRIP).min(STRIP)].map(|n| ((1u32 << n) - 1) as __mmask16)
}

/// Calls `f` with row, column, place in the tiles and lanes of each 32 numbers.
#[inline(always)]
fn each_row(h: &Halves, mut f: impl FnMut(usize, usize, usize, Lanes)) {
    for c in (0..h.columns).step_by(DEPTH) {
        let lanes = lanes(h.columns - c);
        for r in 0..h.rows {
            let tile = r / STRIP * h.tiles + c / DEPTH;
            f(r, c, tile * TILE + r % STRIP * DEPTH, lanes);
        }
    }
}

/// Writes the matrix in f32.
///
/// # Safety
/// As for [`super::HalvesFn`]; the processor must have AVX-512.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) unsafe fn join(h: &Halves) {
    each_row(h, |r, c, at, lanes| {
        // SAFETY: the rows lie within the tiles and the matrix that the caller
        // vouches for.
        unsafe {
            let row = joined(h.upper.add(at), h.lower.add(at));
            store(row, h.matrix.add(r * h.stride + c), lanes);
        }
    });
}

/// Takes the matrix from f32.
///
/// # Safety
/// As for [`super::HalvesFn`]; the processor must have AVX-512.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) unsafe fn halve(h: &Halves) {
    each_row(h, |r, c, at, lanes| {
        // SAFETY: the rows lie within the tiles and the matrix that the caller
        // vouches for.
        unsafe {
            let row = load(h.matrix.add(r * h.stride + c), lanes);
            halved(row, h.upper.add(at), h.lower.add(at));
        }
    });
}

/// `p₀·a + p₁·b` of 32 numbers, rounded as elsewhere.
#[inline(always)]
unsafe fn combined(a: Row, b: Row, p: [f32; 2]) -> Row {
    // SAFETY: the caller vouches for AVX-512.
    unsafe {
        let [p, q] = p.map(|factor| _mm512_set1_ps(factor));
        [0, 1].map(|i| _mm512_fmadd_ps(a[i], p, _mm512_mul_ps(b[i], q)))
    }
}

/// Momentum; true if a weight is infinite or NaN.
///
/// # Safety
/// As for [`super::MomentumFn`]; the processor must have AVX512-BF16.
pub(super) unsafe fn momentum(m: &Momentum) -> bool {
    // SAFETY: the same contract.
    unsafe {
        match m.velocity {
            Velocity::Whole(start, step) => momentum_of::<false>(m, start, step),
            Velocity::Rounded(upper) => momentum_of::<true>(m, upper.cast(), 0),
        }
    }
}

/// Momentum with v rounded, its first tile at `v`, or as a matrix of f32 at `v`.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
unsafe fn momentum_of<const ROUNDED: bool>(m: &Momentum, v: *mut f32, v_step: usize) -> bool {
    let zero = _mm512_setzero_ps();
    let mut vanishing = zero;
    let (g, g_step) = m.gradient;
    each_row(&m.weights, |r, c, at, lanes| {
        // SAFETY: the rows lie within the tiles and the matrices that the caller
        // vouches for.
        unsafe {
            let g = load(g.add(r * g_step + c), lanes);
            let (upper, lower) = (m.weights.upper.add(at), m.weights.lower.add(at));
            let new = if ROUNDED {
                let v = v.cast::<u16>().add(at);
                let old = [widened(v), widened(v.add(STRIP))];
                let new = combined(old, g, m.p);
                _mm512_storeu_si512(v.cast(), rounded(new[0], new[1]));
                new
            } else {
                let v = v.add(r * v_step + c);
                let new = combined(load(v, lanes), g, m.p);
                store(new, v, lanes);
                new
            };
            let weight = combined(joined(upper, lower), new, m.q);
            halved(weight, upper, lower);
            vanishing = _mm512_fmadd_ps(weight[0], zero, vanishing);
            vanishing = _mm512_fmadd_ps(weight[1], zero, vanishing);
        }
    });
    _mm512_reduce_add_ps(vanishing) != 0.0
}

/// Makes right tiles of left ones.
///
/// # Safety
/// As for [`super::WidenFn`]; the processor must have AVX-512.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) unsafe fn widen(w: &Widening) {
    // SAFETY: tiles stay below those that the caller vouches for.
    unsafe {
        let left_of = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
        let right_of = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
        for column in 0..w.columns.div_ceil(DEPTH) {
            let second = w.columns - column * DEPTH > STRIP;
            for strip in 0..w.rows.div_ceil(STRIP) {
                let from = w.from.add((strip * w.from_tiles + column) * TILE);
                let to = w.to.add((2 * column * w.tiles + strip / 2) * TILE + strip % 2 * TILE / 2);
                for pair in 0..STRIP / 2 {
                    let above = _mm512_loadu_si512(from.add(2 * pair * DEPTH).cast());
                    let below = _mm512_loadu_si512(from.add((2 * pair + 1) * DEPTH).cast());
                    let low = _mm512_unpacklo_epi16(above, below);
                    let high = _mm512_unpackhi_epi16(above, below);
                    let left = _mm512_permutex2var_epi64(low, left_of, high);
                    _mm512_storeu_si512(to.add(pair * DEPTH).cast(), left);
                    if second {
                        let right = _mm512_permutex2var_epi64(low, right_of, high);
                        _mm512_storeu_si512(to.add(w.tiles * TILE + pair * DEPTH).cast(), right);
                    }
                }
            }
            if w.rows.div_ceil(STRIP) % 2 == 1 {
                // The last tile's lower half has no rows.
                let to = w.to.add((2 * column * w.tiles + w.tiles) * TILE - TILE / 2);
                std::ptr::write_bytes(to, 0, TILE / 2);
                if second {
                    std::ptr::write_bytes(to.add(w.tiles * TILE), 0, TILE / 2);
                }
            }
        }
    }
}
