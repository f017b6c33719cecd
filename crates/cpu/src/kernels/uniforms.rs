//! A stretch of a stream of uniform random numbers.

use gradwise_graph::random::Philox;

/// Counters done at a time: a vector's worth for the widest instruction set.
const COUNTERS: usize = 16;

/// y[i] = number first + i of the generator's uniforms.
///
/// # Safety
/// `y` must be writable for n numbers.
#[inline(always)]
pub(super) unsafe fn uniforms(generator: Philox, first: u64, y: *mut f32, n: usize) {
    let mut i = 0;
    while i < n {
        let index = first + i as u64;
        let skipped = (index % 4) as usize;
        let words = generator.blocks::<COUNTERS>(index / 4);
        let count = (4 * COUNTERS - skipped).min(n - i);
        let mut numbers = [0.0; 4 * COUNTERS];
        for (c, four) in numbers.chunks_exact_mut(4).enumerate() {
            for (word, number) in words.iter().zip(four) {
                *number = (word[c] >> 8) as f32 * (1.0 / 16_777_216.0); // 24 bits: exact
            }
        }
        // SAFETY: skipped + count is at most the length of `numbers`, and i + count
        // at most n.
        unsafe { numbers.as_ptr().add(skipped).copy_to_nonoverlapping(y.add(i), count) };
        i += count;
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{LENGTHS, each};
    use gradwise_graph::random::Philox;

    #[test]
    fn numbers_are_those_of_the_generator() {
        let generator = Philox::new(5, 9);
        for kernels in each() {
            for n in LENGTHS {
                for first in [0, 1, 6, (1 << 34) - 70] {
                    let mut y = vec![0.0; n];
                    // SAFETY: y has n elements.
                    unsafe { (kernels.uniforms)(generator, first, y.as_mut_ptr(), n) };
                    for (i, y) in y.iter().enumerate() {
                        assert_eq!(f64::from(*y), generator.uniform(first + i as u64));
                    }
                }
            }
        }
    }
}
