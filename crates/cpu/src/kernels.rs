//! The loops that do the arithmetic, for each instruction set.
//!
//! Every kernel is written once over a vector type (`simd`) and compiled for each
//! instruction set (`target`); [`Kernels::for_isa`] hands out the result as plain
//! function pointers. Kernels know nothing of graphs, threads or memory: they get
//! pointers and lengths. This is the only place in the project with unsafe code.
//!
//! A result never depends on how the work was cut: an element's value is the same
//! in any lane, a product's element is summed over k in an order that k alone
//! decides, in any tile. Between instruction sets results differ by rounding.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod bf16;
mod binary;
mod dot;
mod few_classes;
mod grid;
mod math;
mod maxout;
mod moments;
mod narrow;
mod over_root;
mod pair;
mod peak;
#[cfg(any(test, not(target_arch = "x86_64")))]
mod portable;
mod product;
mod reduce;
mod rows;
mod simd;
mod spread;
#[cfg(target_arch = "x86_64")]
mod sse2;
mod table;
mod target;
#[cfg(test)]
mod testing;
mod tile;
mod tile_hint;
mod together;
mod transpose;
mod unary;
mod uniforms;

#[cfg(target_arch = "x86_64")]
pub(crate) use bf16::has_amx;
pub use bf16::{
    Bf16, Block, BlockFn, DEPTH, FEW, Halves, HalvesFn, Layout, Momentum, MomentumFn, PackFn,
    Packing, Passing, STRIP, TILE, Unit, Unpacking, Velocity, WidenFn, Widening,
};
pub use binary::{BinaryFn, BinaryFns};
pub use few_classes::Scores;
pub use grid::Rows;
pub use moments::MomentsPart;
pub use narrow::FEW_COLUMNS;
pub use pair::Pair;
pub use product::{ProductFn, ProductTile};
pub use table::Kernels;
pub use unary::UnaryFns;
