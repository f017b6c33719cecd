//! Which instruction set the kernels use: found at run time, or forced for tests.

use std::{fmt, str::FromStr};
use thiserror::Error;

/// An instruction set that kernels exist for, from the plainest to the fastest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Isa {
    /// What every processor of the architecture has: SSE2 on x86-64, 4 lanes; elsewhere
    /// plain Rust that the compiler vectorizes.
    Portable,
    /// x86-64 with AVX2, FMA and POPCNT: 8 lanes.
    Avx2,
    /// x86-64 with AVX-512 F, DQ, BW and VL: 16 lanes.
    Avx512,
    /// AVX-512 with BF16, and the matrix unit AMX for products of bf16 numbers.
    Amx,
}

/// The name given is not that of an instruction set.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no instruction set; known are portable, avx2, avx512 and amx")]
pub struct UnknownIsa(String);

impl Isa {
    /// All instruction sets, the plainest first.
    pub const ALL: [Isa; 4] = [Isa::Portable, Isa::Avx2, Isa::Avx512, Isa::Amx];

    /// The fastest one that this processor has.
    pub fn detect() -> Isa {
        Isa::available().last().unwrap_or(Isa::Portable)
    }

    /// Those that this processor has, the plainest first.
    pub fn available() -> impl Iterator<Item = Isa> {
        Isa::ALL.into_iter().filter(|isa| isa.is_available())
    }

    /// Whether this processor has it.
    #[cfg(target_arch = "x86_64")]
    pub fn is_available(self) -> bool {
        let avx2 = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma")
            && is_x86_feature_detected!("popcnt");
        match self {
            Isa::Portable => true,
            Isa::Avx2 => avx2,
            Isa::Avx512 => {
                avx2 && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vl")
            }
            Isa::Amx => Isa::Avx512.is_available() && crate::kernels::has_amx(),
        }
    }

    /// Whether this processor has it.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn is_available(self) -> bool {
        self == Isa::Portable
    }

    fn name(self) -> &'static str {
        match self {
            Isa::Portable => "portable",
            Isa::Avx2 => "avx2",
            Isa::Avx512 => "avx512",
            Isa::Amx => "amx",
        }
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Isa {
    type Err = UnknownIsa;

    fn from_str(name: &str) -> Result<Self, UnknownIsa> {
        Isa::ALL
            .into_iter()
            .find(|isa| isa.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownIsa(name.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for isa in Isa::ALL {
            assert_eq!(isa.to_string().parse(), Ok(isa));
        }
        assert_eq!("mmx".parse::<Isa>(), Err(UnknownIsa("mmx".into())));
    }

    #[test]
    fn the_detected_set_is_the_last_available() {
        assert_eq!(Isa::available().next(), Some(Isa::Portable));
        assert!(Isa::detect().is_available());
        assert!(Isa::available().all(|isa| isa <= Isa::detect()));
    }
}
