//! Counter-based random numbers: Philox 4x32-10.
//!
//! A number is a pure function of (seed, stream, index), so any thread can make
//! any part of a sequence and the result is the same for every thread count.
//! Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// A hash that is the same on every machine and by every version of the compiler: 64-bit
/// FNV-1a (Fowler, Noll and Vo). It chooses streams and names files; it withstands nobody
/// who means ill.
pub fn fnv1a(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// One stream of random numbers, chosen by seed and stream number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Philox {
    key: [u32; 2],
    stream: u64,
}

impl Philox {
    /// The stream `stream` of `seed`. Streams of one seed are independent.
    pub fn new(seed: u64, stream: u64) -> Self {
        Philox { key: [seed as u32, (seed >> 32) as u32], stream }
    }

    /// Four random words for a counter.
    #[inline(always)]
    pub fn block(&self, counter: u64) -> [u32; 4] {
        let halves = |x: u64| [x as u32, (x >> 32) as u32];
        let ([c0, c1], [c2, c3]) = (halves(counter), halves(self.stream));
        rounds([c0, c1, c2, c3], self.key)
    }

    /// The words of N counters from `first` on: `[w][i]` is word w of counter
    /// first + i. Inlined, so that it is vectorized with the instructions of the
    /// function that calls it.
    #[inline(always)]
    pub fn blocks<const N: usize>(&self, first: u64) -> [[u32; N]; 4] {
        let mut words = [[0; N]; 4];
        for i in 0..N {
            let block = self.block(first.wrapping_add(i as u64));
            for (lanes, word) in words.iter_mut().zip(block) {
                lanes[i] = word;
            }
        }
        words
    }

    /// The `index`-th random word.
    pub fn word(&self, index: u64) -> u32 {
        self.block(index / 4)[(index % 4) as usize]
    }

    /// The `index`-th uniform number in [0, 1), with 24 random bits: exact in f32.
    pub fn uniform(&self, index: u64) -> f64 {
        f64::from(self.word(index) >> 8) / f64::from(1u32 << 24)
    }

    /// The `index`-th standard normal number, by the Box–Muller transform of two
    /// 32-bit uniforms.
    pub fn normal(&self, index: u64) -> f64 {
        let words = self.block(index / 2);
        let pair = (index % 2) as usize * 2;
        let u = (f64::from(words[pair]) + 0.5) / 4_294_967_296.0;
        let v = (f64::from(words[pair + 1]) + 0.5) / 4_294_967_296.0;
        libm::sqrt(-2.0 * libm::log(u)) * libm::cos(std::f64::consts::TAU * v)
    }

    /// A uniform whole number below `bound` (0 if `bound` is 0), from 64 bits by
    /// a widening multiplication; its bias is under bound / 2⁶⁴.
    pub fn below(&self, index: u64, bound: u64) -> u64 {
        let words = self.block(index / 2);
        let pair = (index % 2) as usize * 2;
        let bits = u64::from(words[pair]) << 32 | u64::from(words[pair + 1]);
        ((u128::from(bits) * u128::from(bound)) >> 64) as u64
    }
}

#[inline(always)]
fn rounds(mut c: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for round in 0..10 {
        if round > 0 {
            key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
        }
        let a = u64::from(MULTIPLIERS[0]) * u64::from(c[0]);
        let b = u64::from(MULTIPLIERS[1]) * u64::from(c[2]);
        let high = |x: u64| (x >> 32) as u32;
        c = [high(b) ^ c[1] ^ key[0], b as u32, high(a) ^ c[3] ^ key[1], a as u32];
    }
    c
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnvs() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
    }

    /// Known answers of the Random123 library's `kat_vectors`.
    #[test]
    fn known_answers() {
        let zero = rounds([0; 4], [0; 2]);
        assert_eq!(zero, [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        let ones = rounds([u32::MAX; 4], [u32::MAX; 2]);
        assert_eq!(ones, [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
    }

    #[test]
    fn blocks_are_those_of_each_counter() {
        let stream = Philox::new(11, 1 << 40 | 5);
        for first in [0, 7, u64::from(u32::MAX) - 3, u64::MAX - 3] {
            let words = stream.blocks::<8>(first);
            for i in 0..8 {
                let one = stream.block(first.wrapping_add(i as u64));
                assert_eq!(words.map(|w| w[i]), one);
            }
        }
    }

    #[test]
    fn normals_have_the_moments_of_a_normal() {
        let stream = Philox::new(7, 1);
        let n = 100_000u64;
        let sum = |power: i32| (0..n).map(|i| stream.normal(i).powi(power)).sum::<f64>() / n as f64;
        assert!(sum(1).abs() < 0.015, "mean {}", sum(1));
        assert!((sum(2) - 1.0).abs() < 0.02, "variance {}", sum(2));
        assert!((sum(4) - 3.0).abs() < 0.15, "fourth moment {}", sum(4));
    }

    #[test]
    fn whole_numbers_stay_below_their_bound() {
        let stream = Philox::new(3, 0);
        assert!((0..1000).all(|i| stream.below(i, 7) < 7));
        assert_eq!(stream.below(0, 0), 0);
    }

    #[test]
    fn streams_and_seeds_differ() {
        let first = Philox::new(1, 0).word(0);
        assert_ne!(first, Philox::new(2, 0).word(0));
        assert_ne!(first, Philox::new(1, 1).word(0));
    }
}
