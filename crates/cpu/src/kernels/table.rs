//! The kernels of each instruction set, as plain function pointers.
//!
//! A kernel is written once over [`Simd`]; [`super::target`] has it inside a function that
//! is compiled for an instruction set.

use super::binary::{self, BinaryFns};
use super::few_classes::Scores;
use super::grid::Rows;
use super::moments::MomentsPart;
use super::narrow;
use super::pair::Pair;
use super::product::{self, ProductFn};
use super::simd::Simd;
#[cfg(any(test, not(target_arch = "x86_64")))]
use super::target::Portable;
pub(super) use super::target::Target;
#[cfg(target_arch = "x86_64")]
use super::target::{Avx2, Avx512, Sse2};
use super::unary::{self, UnaryFns};
use super::{peak, tile_hint};
use crate::isa::Isa;
use gradwise_graph::ops::{Binary, Unary};
use gradwise_graph::random::Philox;

/// The kernels of one instruction set.
///
/// All take contiguous vectors of any length, at any address. Each may be called
/// only for memory that is valid for the lengths given; what may overlap is said
/// at each. The table itself is only handed out where the processor can run it.
#[derive(Debug)]
pub struct Kernels {
    /// The instruction set.
    pub isa: Isa,
    unary: fn(Unary) -> (UnaryFns, [f32; 2]),
    binary: fn(Binary) -> BinaryFns,
    /// `p₀·x² + p₁`.
    pub parabola: UnaryFns,
    /// `((a, b, y), [p₀, p₁])`: y = p₀·a + p₁·b; y may be a or b. True if some y is infinite
    /// or NaN.
    pub axpby: unsafe fn(&Rows<3>, [f32; 2]) -> bool,
    /// `((a, v, y), [s, ε])`: y = a/(s·√v + ε); y may be a or v.
    pub over_root: unsafe fn(&Rows<3>, [f32; 2]),
    /// Two sums of multiples for rows; true if a result is not finite.
    pub pair: unsafe fn(&Pair) -> bool,
    /// `(x, n)`: Σ x.
    pub sum: unsafe fn(*const f32, usize) -> f32,
    /// `(x, n)`: Σ x².
    pub sum_squares: unsafe fn(*const f32, usize) -> f32,
    /// `(sums, (x))`: sums += each row of x, one after the other.
    pub add_rows: unsafe fn(*mut f32, &Rows<1>),
    /// `(sums, (x))`: the same of |x|.
    pub add_sizes: unsafe fn(*mut f32, &Rows<1>),
    /// `(x, n)`: whether an element is infinite or NaN.
    pub has_nonfinite: unsafe fn(*const f32, usize) -> bool,
    /// `(x, rows, n, step)`: moments and extremes of rows of n numbers, each `step`
    /// numbers after the last.
    pub moments: unsafe fn(*const f32, usize, usize, usize) -> MomentsPart,
    /// `((a, b))`: those of a − b and of b.
    pub moments_of_step: unsafe fn(&Rows<2>) -> [MomentsPart; 2],
    /// `(x, sums, sizes)`: those of x; sums += each row of x, sizes += each row of |x|.
    pub moments_and_columns: unsafe fn(&Rows<1>, *mut f32, *mut f32) -> MomentsPart,
    /// `(x, n, y)`: softmax of one row; y may be x.
    pub softmax: unsafe fn(*const f32, usize, *mut f32),
    /// `(x, n)`: ln Σ eˣ of one row.
    pub log_sum_exp: unsafe fn(*const f32, usize) -> f32,
    /// `(scores, n, label)`: the loss of one row.
    pub cross_entropy: unsafe fn(*const f32, usize, f32) -> f32,
    /// `(scores, n, label, y)`: its gradient by the scores; y may be the scores.
    pub cross_entropy_gradient: unsafe fn(*const f32, usize, f32, *mut f32),
    /// `(rows, y)`: the losses of many rows.
    pub cross_entropies: unsafe fn(&Scores, *mut f32),
    /// `(rows, y, y_stride)`: their gradients by the scores.
    pub cross_entropy_gradients: unsafe fn(&Scores, *mut f32, usize),
    /// `(from, from_stride, rows, columns, to, to_stride)`: the transpose.
    pub transpose: unsafe fn(*const f32, usize, usize, usize, *mut f32, usize),
    /// `(scores, from, pieces, units, y)`: one row of maxout.
    pub pick_winner: unsafe fn(*const f32, *const f32, usize, usize, *mut f32),
    /// `(scores, values, pieces, units, y)`: one row of its reverse; y may be the scores.
    pub scatter_winner: unsafe fn(*const f32, *const f32, usize, usize, *mut f32),
    /// `(generator, first, y, n)`: uniforms first, first + 1, ….
    pub uniforms: unsafe fn(Philox, u64, *mut f32, usize),
    /// `(a, b, b_stride, n, k, y)`: `y[j] = Σ a[i]·b[j·b_stride + i]`.
    pub dot_rows: unsafe fn(*const f32, *const f32, usize, usize, usize, *mut f32),
    /// Multiplies so many times what stands in registers: see [`Kernels::peak_width`].
    pub(crate) peak: unsafe fn(usize),
    /// C = A·B.
    pub product: ProductFn,
    scratch_len: fn(usize, usize) -> usize,
    /// C = A·B for at most [`super::FEW_COLUMNS`] columns, rows of A along k.
    pub narrow: ProductFn,
    narrow_scratch_len: fn(usize, usize) -> usize,
    lanes: usize,
    register_tile: (usize, usize),
}

impl Kernels {
    /// The kernels of an instruction set; portable ones if the processor has it not.
    pub fn for_isa(isa: Isa) -> &'static Kernels {
        match isa {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 if isa.is_available() => &AVX2,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 | Isa::Amx if isa.is_available() => &AVX512,
            _ => &PORTABLE,
        }
    }

    /// The kernels of an element-wise function, and the parameters to call them with.
    pub fn unary(&self, function: Unary) -> (UnaryFns, [f32; 2]) {
        (self.unary)(function)
    }

    /// The kernels of a function of two elements.
    pub fn binary(&self, function: Binary) -> BinaryFns {
        (self.binary)(function)
    }

    /// How many numbers a round of `peak` multiplies and adds to.
    pub(crate) fn peak_width(&self) -> usize {
        peak::CHAINS * self.lanes
    }

    /// The register tile of the product: rows and columns.
    pub fn register_tile(&self) -> (usize, usize) {
        self.register_tile
    }

    /// The best size of product tiles, rows and columns, to cut an m×n product
    /// into: about equal ones, large enough to pay for packing.
    pub fn tile_hint(&self, m: usize, n: usize) -> (usize, usize) {
        tile_hint::tile_hint(self.lanes, m, n)
    }

    /// The same of a product that is a gradient of weights, which its tiles update.
    pub fn gradient_tile_hint(&self, m: usize, n: usize) -> (usize, usize) {
        tile_hint::gradient_tile_hint(self.lanes, m, n)
    }

    /// How many numbers of scratch memory a product of n columns over k needs.
    pub fn product_scratch(&self, n: usize, k: usize) -> usize {
        (self.scratch_len)(n, k)
    }

    /// The same for [`Kernels::narrow`].
    pub fn narrow_scratch(&self, n: usize, k: usize) -> usize {
        (self.narrow_scratch_len)(n, k)
    }

    /// The kernels in plain Rust, which another architecture's processors would run.
    #[cfg(test)]
    pub(super) fn plain() -> &'static Kernels {
        static PLAIN: Kernels = Kernels::of::<Portable>(Isa::Portable);
        &PLAIN
    }

    const fn of<T: Target>(isa: Isa) -> Kernels {
        Kernels {
            isa,
            unary: unary::kernel::<T>,
            binary: binary::kernel::<T>,
            parabola: unary::parabola::<T>(),
            axpby: T::axpby,
            over_root: T::over_root,
            pair: T::pair,
            sum: T::sum,
            sum_squares: T::sum_squares,
            add_rows: T::add_rows,
            add_sizes: T::add_sizes,
            has_nonfinite: T::has_nonfinite,
            moments: T::moments,
            moments_of_step: T::moments_of_step,
            moments_and_columns: T::moments_and_columns,
            softmax: T::softmax,
            log_sum_exp: T::log_sum_exp,
            cross_entropy: T::cross_entropy,
            cross_entropy_gradient: T::cross_entropy_gradient,
            cross_entropies: T::cross_entropies,
            cross_entropy_gradients: T::cross_entropy_gradients,
            transpose: T::transpose,
            pick_winner: T::pick_winner,
            scatter_winner: T::scatter_winner,
            uniforms: T::uniforms,
            dot_rows: T::dot_rows,
            peak: T::peak,
            product: product::product::<T>,
            scratch_len: product::scratch_len::<T::Vector>,
            narrow: narrow::narrow::<T>,
            narrow_scratch_len: narrow::scratch_len::<T::Vector>,
            lanes: T::Vector::LANES,
            register_tile: (
                T::Vector::TILES[T::Vector::VECTORS - 1],
                T::Vector::VECTORS * T::Vector::LANES,
            ),
        }
    }
}

#[cfg(target_arch = "x86_64")]
static PORTABLE: Kernels = Kernels::of::<Sse2>(Isa::Portable);
#[cfg(not(target_arch = "x86_64"))]
static PORTABLE: Kernels = Kernels::of::<Portable>(Isa::Portable);
#[cfg(target_arch = "x86_64")]
static AVX2: Kernels = Kernels::of::<Avx2>(Isa::Avx2);
#[cfg(target_arch = "x86_64")]
static AVX512: Kernels = Kernels::of::<Avx512>(Isa::Avx512);
