//! A block by vectors of AVX512-BF16, where there is no matrix unit: a pair of left
//! numbers times sixteen pairs of right ones, added to sixteen sums.

use super::{Block, DEPTH, STRIP, TILE};
use std::arch::x86_64::*;

/// Rows of sums kept in registers: with two strips of columns, 16 of 32 registers.
const ROWS: usize = 8;

/// Whether this processor has the instructions.
pub(super) fn is_available() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512bf16")
}

/// Computes a block.
///
/// # Safety
/// As for [`super::BlockFn`]; the processor must have AVX512-BF16.
pub(super) unsafe fn block(b: &Block) {
    // SAFETY: rows stay within the strips and the result that the caller vouches for.
    unsafe {
        for row in (0..b.down * STRIP).step_by(ROWS) {
            let left = b.left.add(row / STRIP * b.left_step + row % STRIP * DEPTH);
            let c = b.c.add(row * b.c_stride);
            if b.across == 2 { rows::<2>(b, left, c) } else { rows::<1>(b, left, c) }
        }
    }
}

/// [`ROWS`] rows of the result, V strips of columns.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
unsafe fn rows<const V: usize>(b: &Block, left: *const u16, c: *mut f32) {
    let mut sums = [[_mm512_setzero_ps(); V]; ROWS];
    // SAFETY: tiles stay below the strip's, pairs within a tile.
    unsafe {
        if b.added {
            for (r, sums) in sums.iter_mut().enumerate() {
                for (v, sum) in sums.iter_mut().enumerate() {
                    *sum = _mm512_loadu_ps(c.add(r * b.c_stride + v * STRIP));
                }
            }
        }
        for tile in 0..b.tiles {
            for pair in 0..DEPTH / 2 {
                let right = b.right.add(tile * TILE + pair * 2 * STRIP);
                let columns: [__m512bh; V] = std::array::from_fn(|v| {
                    bf16(_mm512_loadu_si512(right.add(v * b.right_step).cast()))
                });
                for (r, sums) in sums.iter_mut().enumerate() {
                    let two = left.add(tile * TILE + r * DEPTH + 2 * pair).cast::<i32>();
                    let two = bf16(_mm512_set1_epi32(two.read_unaligned()));
                    for (sum, column) in sums.iter_mut().zip(columns) {
                        *sum = _mm512_dpbf16_ps(*sum, two, column);
                    }
                }
            }
        }
        for (r, sums) in sums.into_iter().enumerate() {
            for (v, sum) in sums.into_iter().enumerate() {
                _mm512_storeu_ps(c.add(r * b.c_stride + v * STRIP), sum);
            }
        }
    }
}

/// The same bits as numbers of bf16.
#[target_feature(enable = "avx512f")]
fn bf16(bits: __m512i) -> __m512bh {
    // SAFETY: both are 64 bytes of plain data.
    unsafe { std::mem::transmute(bits) }
}

/// Multiplies `rounds` times what is in registers: as much arithmetic as so many
/// tiles of two strips by two.
///
/// # Safety
/// The processor must have AVX512-BF16.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
pub(super) unsafe fn peak(rounds: usize) {
    let mut sums = [_mm512_setzero_ps(); 2 * ROWS];
    let x = std::hint::black_box(bf16(_mm512_setzero_si512()));
    for _ in 0..rounds.max(1) * 2 * STRIP * DEPTH / 2 * 2 / (2 * ROWS) {
        sums.iter_mut().for_each(|sum| *sum = _mm512_dpbf16_ps(*sum, x, x));
    }
    std::hint::black_box(sums);
}
