//! From f32 to packed bf16 and back, a tile in sixteen registers: each is a row of 16 pairs.
//!
//! For a layout whose strips are rows, neighbours in a pair are neighbours in a row
//! of the matrix; else they come from two rows and are interleaved. Transposed, the
//! 16 × 16 pairs of the tile are transposed in registers as words of 32 bits.

use super::{DEPTH, Layout, Packing, STRIP, TILE, Unpacking};
use std::arch::x86_64::*;

/// Packs.
///
/// # Safety
/// As for [`super::PackFn`]; the processor must have AVX512-BF16.
pub(super) unsafe fn pack(p: &Packing) {
    // SAFETY: the same contract.
    unsafe {
        match p.layout {
            Layout::Left => pack_as::<true, false>(p),
            Layout::RightTransposed => pack_as::<true, true>(p),
            Layout::Right => pack_as::<false, false>(p),
            Layout::LeftTransposed => pack_as::<false, true>(p),
        }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
unsafe fn pack_as<const BY_ROWS: bool, const TRANSPOSED: bool>(p: &Packing) {
    let (down, right) = if BY_ROWS { (STRIP, DEPTH) } else { (DEPTH, STRIP) };
    for r in (0..p.rows).step_by(down) {
        for c in (0..p.columns).step_by(right) {
            let (strip, tile) = if BY_ROWS { (r / down, c / right) } else { (c / right, r / down) };
            let (rows, columns) = (down.min(p.rows - r), right.min(p.columns - c));
            // SAFETY: the tile's part of the matrix, and a tile that the part covers.
            unsafe {
                let from = p.from.add(r * p.stride + c);
                let to = p.to.add((strip * p.tiles + tile) * TILE);
                let pairs = match (BY_ROWS, (rows, columns) == (down, right)) {
                    // Constant sizes: no mask within.
                    (true, true) => neighbours(from, p.stride, down, right),
                    (true, false) => neighbours(from, p.stride, rows, columns),
                    (false, true) => interleaved(from, p.stride, down, right),
                    (false, false) => interleaved(from, p.stride, rows, columns),
                };
                let pairs = if TRANSPOSED { transposed(pairs) } else { pairs };
                for (i, row) in pairs.into_iter().enumerate() {
                    _mm512_storeu_si512(to.add(i * 2 * STRIP).cast(), row);
                }
            }
        }
    }
}

/// The first `n` lanes.
#[inline(always)]
fn first(n: usize) -> __mmask16 {
    ((1u32 << n.min(STRIP)) - 1) as __mmask16
}

/// Row i: 16 pairs of neighbours of row i of the matrix.
#[inline(always)]
unsafe fn neighbours(
    from: *const f32,
    stride: usize,
    rows: usize,
    columns: usize,
) -> [__m512i; STRIP] {
    let (low, high) = (first(columns), first(columns.saturating_sub(STRIP)));
    // SAFETY: rows below `rows`; only lanes below `columns` are read.
    unsafe {
        let mut result = [_mm512_setzero_si512(); STRIP];
        for (i, row) in result.iter_mut().enumerate() {
            if i < rows {
                let from = from.add(i * stride);
                *row = rounded(
                    _mm512_maskz_loadu_ps(low, from),
                    _mm512_maskz_loadu_ps(high, from.wrapping_add(STRIP)),
                );
            }
        }
        result
    }
}

/// Row p: 16 pairs of one number of row 2p and the one below it.
#[inline(always)]
unsafe fn interleaved(
    from: *const f32,
    stride: usize,
    rows: usize,
    columns: usize,
) -> [__m512i; STRIP] {
    let lanes = first(columns);
    // SAFETY: rows below `rows`; only lanes below `columns` are read.
    unsafe {
        // Word 2j is number j of the low half, word 2j + 1 number j of the high half.
        let order = _mm512_add_epi32(
            _mm512_mullo_epi32(
                _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                _mm512_set1_epi32(0x0001_0001),
            ),
            _mm512_set1_epi32(0x0010_0000),
        );
        let mut result = [_mm512_setzero_si512(); STRIP];
        for (p, row) in result.iter_mut().enumerate() {
            let (above, below) = (2 * p, 2 * p + 1);
            if above < rows {
                let low = _mm512_maskz_loadu_ps(lanes, from.add(above * stride));
                let high = match below < rows {
                    true => _mm512_maskz_loadu_ps(lanes, from.add(below * stride)),
                    false => _mm512_setzero_ps(),
                };
                *row = _mm512_permutexvar_epi16(order, rounded(low, high));
            }
        }
        result
    }
}

/// 16 numbers of `low`, then 16 of `high`.
#[inline(always)]
pub(super) unsafe fn rounded(low: __m512, high: __m512) -> __m512i {
    // SAFETY: both are 64 bytes of plain data; the caller vouches for AVX512-BF16.
    unsafe { std::mem::transmute(_mm512_cvtne2ps_pbh(high, low)) }
}

/// The transpose of 16 × 16 words: within quarters of a vector by pairs of rows and
/// pairs of pairs, then the quarters themselves in two steps.
#[inline(always)]
unsafe fn transposed(rows: [__m512i; STRIP]) -> [__m512i; STRIP] {
    // SAFETY: the caller vouches for AVX-512.
    unsafe {
        let zero = _mm512_setzero_si512();
        let (mut pairs, mut fours) = ([zero; STRIP], [zero; STRIP]);
        let (mut eights, mut result) = ([zero; STRIP], [zero; STRIP]);
        for i in 0..STRIP / 2 {
            pairs[2 * i] = _mm512_unpacklo_epi32(rows[2 * i], rows[2 * i + 1]);
            pairs[2 * i + 1] = _mm512_unpackhi_epi32(rows[2 * i], rows[2 * i + 1]);
        }
        // fours[4g + c]: columns c, c+4, c+8, c+12 of rows 4g to 4g+3.
        for g in 0..4 {
            for i in 0..2 {
                let (a, b) = (pairs[4 * g + i], pairs[4 * g + 2 + i]);
                fours[4 * g + 2 * i] = _mm512_unpacklo_epi64(a, b);
                fours[4 * g + 2 * i + 1] = _mm512_unpackhi_epi64(a, b);
            }
        }
        // eights[8h + c]: columns c, c+8 of rows 8h to 8h+7; 8h + 4 + c: c+4, c+12.
        for h in 0..2 {
            for c in 0..4 {
                let (a, b) = (fours[8 * h + c], fours[8 * h + 4 + c]);
                eights[8 * h + c] = _mm512_shuffle_i32x4::<0x88>(a, b);
                eights[8 * h + 4 + c] = _mm512_shuffle_i32x4::<0xdd>(a, b);
            }
        }
        for c in 0..8 {
            result[c] = _mm512_shuffle_i32x4::<0x88>(eights[c], eights[8 + c]);
            result[c + 8] = _mm512_shuffle_i32x4::<0xdd>(eights[c], eights[8 + c]);
        }
        result
    }
}

/// Unpacks.
///
/// # Safety
/// As for [`super::UnpackFn`]; the processor must have AVX-512.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) unsafe fn unpack(u: &Unpacking) {
    for c in (0..u.columns).step_by(DEPTH) {
        let left = u.columns - c;
        let (low, high) = (first(left), first(left.saturating_sub(STRIP)));
        for r in 0..u.rows {
            // SAFETY: a whole row of a tile; only lanes below `columns` are written.
            unsafe {
                let tile = r / STRIP * u.tiles + c / DEPTH;
                let row = u.from.add(tile * TILE + r % STRIP * DEPTH);
                let to = u.to.add(r * u.stride + c);
                _mm512_mask_storeu_ps(to, low, widened(row));
                _mm512_mask_storeu_ps(to.wrapping_add(STRIP), high, widened(row.add(STRIP)));
            }
        }
    }
}

/// 16 numbers of bf16 as f32.
#[inline(always)]
pub(super) unsafe fn widened(from: *const u16) -> __m512 {
    // SAFETY: the caller vouches for 16 numbers and for AVX-512.
    unsafe {
        let bits = _mm512_cvtepu16_epi32(_mm256_loadu_si256(from.cast()));
        _mm512_castsi512_ps(_mm512_slli_epi32::<16>(bits))
    }
}
