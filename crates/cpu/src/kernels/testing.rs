//! What the tests of the kernels share.

use super::Kernels;
use crate::isa::Isa;
use gradwise_graph::random::Philox;

/// Lengths around whole vectors, blocks and nothing.
pub(super) const LENGTHS: [usize; 12] = [0, 1, 7, 8, 9, 15, 16, 17, 33, 100, 4096, 10_007];

/// The kernels of each instruction set of this processor, and the plain ones.
pub(super) fn each() -> impl Iterator<Item = &'static Kernels> {
    Isa::available().map(Kernels::for_isa).chain([Kernels::plain()])
}

/// Normal numbers of this deviation.
pub(super) fn normals(stream: u64, n: usize, deviation: f64) -> Vec<f32> {
    let generator = Philox::new(17, stream);
    (0..n as u64).map(|i| (generator.normal(i) * deviation) as f32).collect()
}

/// Asserts that `actual` is the f32 number for `expected` but for an error of
/// `relative` times its size and of `absolute`; non-finite numbers must be equal.
#[track_caller]
pub(super) fn near(what: &str, actual: f32, expected: f64, relative: f64, absolute: f64) {
    let rounded = expected as f32;
    if !rounded.is_finite() {
        let same = rounded == actual || rounded.is_nan() && actual.is_nan();
        assert!(same, "{what}: {actual}, not {rounded}");
        return;
    }
    let error = (f64::from(actual) - expected).abs();
    let bound = relative * expected.abs() + absolute;
    assert!(error <= bound, "{what}: {actual:e}, not {expected:e}: error {error:e} > {bound:e}");
}
