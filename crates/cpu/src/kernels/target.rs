//! The kernels as functions compiled for one instruction set each.

use super::binary::{self, Zip};
use super::few_classes::{self, Scores};
use super::grid::Rows;
use super::moments::{self, MomentsPart};
use super::narrow::{self, NarrowTile};
use super::pair::{self, Pair};
#[cfg(any(test, not(target_arch = "x86_64")))]
use super::portable;
use super::reduce;
use super::simd::Simd;
use super::tile::{self, Tile};
use super::unary::{self, Map};
#[cfg(target_arch = "x86_64")]
use super::{avx2, avx512, sse2};
use super::{dot, maxout, over_root, peak, rows, together, transpose, uniforms};
use gradwise_graph::random::Philox;

/// An instruction set: its vectors, and the kernels compiled for it.
///
/// The contract of each function is that of the kernel of its name; the processor
/// must have the instruction set.
pub(super) trait Target {
    type Vector: Simd;

    unsafe fn map<M: Map>(rows: &Rows<2>, p: [f32; 2]);
    unsafe fn map_sum<M: Map>(rows: &Rows<3>, p: [f32; 2]);
    unsafe fn vv<Z: Zip>(rows: &Rows<3>);
    unsafe fn vs<Z: Zip>(rows: &Rows<3>);
    unsafe fn sv<Z: Zip>(rows: &Rows<3>);
    unsafe fn axpby(rows: &Rows<3>, p: [f32; 2]) -> bool;
    unsafe fn over_root(rows: &Rows<3>, p: [f32; 2]);
    unsafe fn pair(x: &Pair) -> bool;
    unsafe fn sum(x: *const f32, n: usize) -> f32;
    unsafe fn sum_squares(x: *const f32, n: usize) -> f32;
    unsafe fn add_rows(sums: *mut f32, rows: &Rows<1>);
    unsafe fn add_sizes(sums: *mut f32, rows: &Rows<1>);
    unsafe fn has_nonfinite(x: *const f32, n: usize) -> bool;
    unsafe fn moments(x: *const f32, rows: usize, n: usize, step: usize) -> MomentsPart;
    unsafe fn moments_of_step(rows: &Rows<2>) -> [MomentsPart; 2];
    unsafe fn moments_and_columns(x: &Rows<1>, sums: *mut f32, sizes: *mut f32) -> MomentsPart;
    unsafe fn softmax(x: *const f32, n: usize, y: *mut f32);
    unsafe fn log_sum_exp(x: *const f32, n: usize) -> f32;
    unsafe fn cross_entropy(x: *const f32, n: usize, label: f32) -> f32;
    unsafe fn cross_entropy_gradient(x: *const f32, n: usize, label: f32, y: *mut f32);
    unsafe fn cross_entropies(x: &Scores, y: *mut f32);
    unsafe fn cross_entropy_gradients(x: &Scores, y: *mut f32, y_stride: usize);
    unsafe fn transpose(
        from: *const f32,
        stride: usize,
        rows: usize,
        columns: usize,
        to: *mut f32,
        to_stride: usize,
    );
    unsafe fn pick_winner(
        scores: *const f32,
        from: *const f32,
        pieces: usize,
        units: usize,
        y: *mut f32,
    );
    unsafe fn scatter_winner(
        scores: *const f32,
        values: *const f32,
        pieces: usize,
        units: usize,
        y: *mut f32,
    );
    unsafe fn uniforms(generator: Philox, first: u64, y: *mut f32, n: usize);
    unsafe fn peak(rounds: usize);
    unsafe fn dot_rows(
        a: *const f32,
        b: *const f32,
        b_stride: usize,
        n: usize,
        k: usize,
        y: *mut f32,
    );
    unsafe fn narrow_tile<const R: usize, const C: usize>(t: &NarrowTile);
    unsafe fn tile<const R: usize, const V: usize, const PACK: bool, const TRANSPOSED: bool>(
        t: &Tile<Self::Vector>,
    );
}

/// Compiles all kernels for one instruction set.
macro_rules! target {
    ($(#[$attribute:meta])* $target:ident, $vector:ty) => {
        pub(super) struct $target;

        impl Target for $target {
            type Vector = $vector;

            $(#[$attribute])*
            unsafe fn map<M: Map>(rows: &Rows<2>, p: [f32; 2]) {
                // SAFETY: the same contract.
                unsafe { unary::map::<Self::Vector, M>(rows, p) }
            }

            $(#[$attribute])*
            unsafe fn map_sum<M: Map>(rows: &Rows<3>, p: [f32; 2]) {
                // SAFETY: the same contract.
                unsafe { unary::map_sum::<Self::Vector, M>(rows, p) }
            }

            $(#[$attribute])*
            unsafe fn vv<Z: Zip>(rows: &Rows<3>) {
                // SAFETY: the same contract.
                unsafe { binary::vv::<Self::Vector, Z>(rows) }
            }

            $(#[$attribute])*
            unsafe fn vs<Z: Zip>(rows: &Rows<3>) {
                // SAFETY: the same contract.
                unsafe { binary::vs::<Self::Vector, Z>(rows) }
            }

            $(#[$attribute])*
            unsafe fn sv<Z: Zip>(rows: &Rows<3>) {
                // SAFETY: the same contract.
                unsafe { binary::sv::<Self::Vector, Z>(rows) }
            }

            $(#[$attribute])*
            unsafe fn axpby(rows: &Rows<3>, p: [f32; 2]) -> bool {
                // SAFETY: the same contract.
                unsafe { binary::axpby::<Self::Vector>(rows, p) }
            }

            $(#[$attribute])*
            unsafe fn over_root(rows: &Rows<3>, p: [f32; 2]) {
                // SAFETY: the same contract.
                unsafe { over_root::over_root::<Self::Vector>(rows, p) }
            }

            $(#[$attribute])*
            unsafe fn pair(x: &Pair) -> bool {
                // SAFETY: the same contract.
                unsafe { pair::pair::<Self::Vector>(x) }
            }

            $(#[$attribute])*
            unsafe fn sum(x: *const f32, n: usize) -> f32 {
                // SAFETY: the same contract.
                unsafe { reduce::sum::<Self::Vector>(x, n) }
            }

            $(#[$attribute])*
            unsafe fn sum_squares(x: *const f32, n: usize) -> f32 {
                // SAFETY: the same contract.
                unsafe { reduce::sum_squares::<Self::Vector>(x, n) }
            }

            $(#[$attribute])*
            unsafe fn add_rows(sums: *mut f32, rows: &Rows<1>) {
                // SAFETY: the same contract.
                unsafe { reduce::add_rows::<Self::Vector>(sums, rows) }
            }

            $(#[$attribute])*
            unsafe fn add_sizes(sums: *mut f32, rows: &Rows<1>) {
                // SAFETY: the same contract.
                unsafe { reduce::add_sizes::<Self::Vector>(sums, rows) }
            }

            $(#[$attribute])*
            unsafe fn has_nonfinite(x: *const f32, n: usize) -> bool {
                // SAFETY: the same contract.
                unsafe { reduce::has_nonfinite::<Self::Vector>(x, n) }
            }

            $(#[$attribute])*
            unsafe fn moments(x: *const f32, rows: usize, n: usize, step: usize) -> MomentsPart {
                // SAFETY: the same contract.
                unsafe { moments::moments::<Self::Vector>(x, rows, n, step) }
            }

            $(#[$attribute])*
            unsafe fn moments_of_step(rows: &Rows<2>) -> [MomentsPart; 2] {
                // SAFETY: the same contract.
                unsafe { together::moments_of_step::<Self::Vector>(rows) }
            }

            $(#[$attribute])*
            unsafe fn moments_and_columns(
                x: &Rows<1>,
                sums: *mut f32,
                sizes: *mut f32,
            ) -> MomentsPart {
                // SAFETY: the same contract.
                unsafe { together::moments_and_columns::<Self::Vector>(x, sums, sizes) }
            }

            $(#[$attribute])*
            unsafe fn softmax(x: *const f32, n: usize, y: *mut f32) {
                // SAFETY: the same contract.
                unsafe { rows::softmax::<Self::Vector>(x, n, y) }
            }

            $(#[$attribute])*
            unsafe fn log_sum_exp(x: *const f32, n: usize) -> f32 {
                // SAFETY: the same contract.
                unsafe { rows::log_sum_exp::<Self::Vector>(x, n) }
            }

            $(#[$attribute])*
            unsafe fn cross_entropy(x: *const f32, n: usize, label: f32) -> f32 {
                // SAFETY: the same contract.
                unsafe { rows::cross_entropy::<Self::Vector>(x, n, label) }
            }

            $(#[$attribute])*
            unsafe fn cross_entropy_gradient(x: *const f32, n: usize, label: f32, y: *mut f32) {
                // SAFETY: the same contract.
                unsafe { rows::cross_entropy_gradient::<Self::Vector>(x, n, label, y) }
            }

            $(#[$attribute])*
            unsafe fn cross_entropies(x: &Scores, y: *mut f32) {
                // SAFETY: the same contract.
                unsafe { few_classes::cross_entropies::<Self::Vector>(x, y) }
            }

            $(#[$attribute])*
            unsafe fn cross_entropy_gradients(x: &Scores, y: *mut f32, y_stride: usize) {
                // SAFETY: the same contract.
                unsafe { few_classes::cross_entropy_gradients::<Self::Vector>(x, y, y_stride) }
            }

            $(#[$attribute])*
            unsafe fn transpose(
                from: *const f32,
                stride: usize,
                rows: usize,
                columns: usize,
                to: *mut f32,
                to_stride: usize,
            ) {
                // SAFETY: the same contract.
                unsafe {
                    transpose::transpose::<Self::Vector>(from, stride, rows, columns, to, to_stride)
                }
            }

            $(#[$attribute])*
            unsafe fn pick_winner(
                scores: *const f32,
                from: *const f32,
                pieces: usize,
                units: usize,
                y: *mut f32,
            ) {
                // SAFETY: the same contract.
                unsafe { maxout::pick_winner::<Self::Vector>(scores, from, pieces, units, y) }
            }

            $(#[$attribute])*
            unsafe fn scatter_winner(
                scores: *const f32,
                values: *const f32,
                pieces: usize,
                units: usize,
                y: *mut f32,
            ) {
                // SAFETY: the same contract.
                unsafe { maxout::scatter_winner::<Self::Vector>(scores, values, pieces, units, y) }
            }

            $(#[$attribute])*
            unsafe fn uniforms(generator: Philox, first: u64, y: *mut f32, n: usize) {
                // SAFETY: the same contract.
                unsafe { uniforms::uniforms(generator, first, y, n) }
            }

            $(#[$attribute])*
            unsafe fn peak(rounds: usize) {
                // SAFETY: the same contract.
                unsafe { peak::peak::<Self::Vector>(rounds) }
            }

            $(#[$attribute])*
            unsafe fn dot_rows(
                a: *const f32,
                b: *const f32,
                b_stride: usize,
                n: usize,
                k: usize,
                y: *mut f32,
            ) {
                // SAFETY: the same contract.
                unsafe { dot::dot_rows::<Self::Vector>(a, b, b_stride, n, k, y) }
            }

            $(#[$attribute])*
            unsafe fn narrow_tile<const R: usize, const C: usize>(t: &NarrowTile) {
                // SAFETY: the same contract.
                unsafe { narrow::tile::<Self::Vector, R, C>(t) }
            }

            $(#[$attribute])*
            unsafe fn tile<
                const R: usize,
                const V: usize,
                const PACK: bool,
                const TRANSPOSED: bool,
            >(
                t: &Tile<Self::Vector>,
            ) {
                // Sizes that this instruction set does not use are not compiled.
                if V <= 3 && R <= Self::Vector::TILES[V - 1] {
                    // SAFETY: the same contract.
                    unsafe { tile::tile::<Self::Vector, R, V, PACK, TRANSPOSED>(t) }
                }
            }
        }
    };
}

#[cfg(any(test, not(target_arch = "x86_64")))]
target!(Portable, portable::Lanes);
#[cfg(target_arch = "x86_64")]
target!(Sse2, sse2::F32x4);
#[cfg(target_arch = "x86_64")]
target!(
    #[target_feature(enable = "avx2,fma,popcnt")]
    Avx2,
    avx2::F32x8
);
#[cfg(target_arch = "x86_64")]
target!(
    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,popcnt")]
    Avx512,
    avx512::F32x16
);
