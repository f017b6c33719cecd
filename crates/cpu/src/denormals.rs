//! Numbers below 1.2e-38 are taken as zero while a plan runs.
//!
//! Processors compute with such numbers up to a hundred times slower, and training
//! makes many of them: a gradient whose loss goes to zero, a moving average whose
//! input stays away. No result that a network can tell apart depends on them.

/// Treats numbers below the smallest normal one as zero while it lives.
pub(crate) struct FlushDenormals {
    #[cfg(target_arch = "x86_64")]
    before: u32,
}

/// Results are flushed to zero, and operands taken as zero.
#[cfg(target_arch = "x86_64")]
const FLUSH: u32 = 1 << 15 | 1 << 6;

#[cfg(target_arch = "x86_64")]
fn control() -> u32 {
    let mut word = 0u32;
    // SAFETY: stores the control word to `word` and changes nothing else.
    unsafe {
        std::arch::asm!("stmxcsr [{}]", in(reg) &mut word, options(nostack, preserves_flags))
    };
    word
}

#[cfg(target_arch = "x86_64")]
fn set_control(word: u32) {
    // SAFETY: `word` came from `control`, at most with the two bits of FLUSH added:
    // rounding and exceptions stay as the compiler expects them. The two bits only
    // change what is computed of numbers below 1.2e-38, and the code that runs under
    // them is the kernels', which asks for that.
    unsafe { std::arch::asm!("ldmxcsr [{}]", in(reg) &word, options(nostack, preserves_flags)) };
}

impl FlushDenormals {
    /// From now until the value is dropped, in this thread.
    #[cfg(target_arch = "x86_64")]
    pub fn new() -> Self {
        let before = control();
        set_control(before | FLUSH);
        FlushDenormals { before }
    }

    /// Nothing to do: other processors are not slow.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn new() -> Self {
        FlushDenormals {}
    }
}

impl Drop for FlushDenormals {
    fn drop(&mut self) {
        #[cfg(target_arch = "x86_64")]
        set_control(self.before);
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use std::hint::black_box;

    #[test]
    fn it_ends_with_its_life() {
        let tiny = || black_box(1e-30f32) * black_box(1e-10f32);
        assert!(tiny() > 0.0);
        {
            let _flush = FlushDenormals::new();
            assert_eq!(tiny(), 0.0);
        }
        assert!(tiny() > 0.0);
    }
}
