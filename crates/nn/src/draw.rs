//! Filling parameters with random numbers by index.
//!
//! Number i of a parameter depends on seed, name and i alone, so threads may fill
//! parts of it in any order and the result is the same for any number of them.

use gradwise_graph::Initializer;
use gradwise_graph::random::{Philox, fnv1a};

/// Fewer elements than this are not worth a thread: it takes about 1 ms to draw
/// them.
const LEAST_PER_THREAD: usize = 1 << 15;

/// The stream of random numbers of a name.
pub fn stream(name: &str) -> u64 {
    fnv1a(name.as_bytes())
}

/// The random numbers of the parameter `name` under `seed`.
pub fn numbers(seed: u64, name: &str) -> Philox {
    Philox::new(seed, stream(name))
}

/// An initializer that sets element i to `width · f(random, i)`.
pub(crate) fn each(
    label: String,
    random: Philox,
    width: f64,
    f: fn(Philox, u64) -> f64,
) -> Initializer {
    Initializer::new(label, move |to| fill(to, |i| (width * f(random, i)) as f32))
}

/// Sets element i to `f(i)`, on as many threads as there are processors.
fn fill(to: &mut [f32], f: impl Fn(u64) -> f32 + Sync) {
    let part = share(to.len(), LEAST_PER_THREAD);
    let part_of = |start: usize, part: &mut [f32]| {
        part.iter_mut().zip(start as u64..).for_each(|(to, i)| *to = f(i));
    };
    std::thread::scope(|scope| {
        let mut parts = to.chunks_mut(part).enumerate();
        let first = parts.next();
        for (number, slice) in parts {
            scope.spawn(move || part_of(number * part, slice));
        }
        if let Some((_, slice)) = first {
            part_of(0, slice);
        }
    });
}

/// How many of `count` items each thread takes, if none takes fewer than `least`.
pub(crate) fn share(count: usize, least: usize) -> usize {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    count.div_ceil(threads).max(least).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_fill_what_one_would() {
        let random = numbers(1, "dense1.weight");
        for count in [0, 1, LEAST_PER_THREAD, 3 * LEAST_PER_THREAD + 7] {
            let mut found = vec![f32::NAN; count];
            each("u".into(), random, 2.0, |r, i| r.uniform(i)).fill(&mut found);
            let right = |(i, x): (usize, &f32)| *x == (2.0 * random.uniform(i as u64)) as f32;
            assert!(found.iter().enumerate().all(right), "{count} elements");
        }
    }

    #[test]
    fn names_have_streams_of_their_own() {
        assert_ne!(stream("dense1.weight"), stream("dense2.weight"));
    }
}
