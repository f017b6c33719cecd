//! The peak of a device: the rate at which it multiplies if nothing has to be loaded.

use crate::device::Device;
use crate::kernels::{DEPTH, STRIP};
use crate::plan::Precision;
use std::time::{Duration, Instant};

/// Parts that each thread has to do: so many that none waits long for the others.
const PARTS: usize = 8;

impl Device {
    /// 10⁹ multiplications and additions of numbers of this precision a second, each
    /// counted, by all threads at once with all operands in registers: the best of runs
    /// for about so long. 0 if the device cannot multiply such numbers.
    pub fn peak(&self, precision: Precision, time: Duration) -> f64 {
        let (begin, mut best, mut rounds) = (Instant::now(), 0.0_f64, 1000);
        loop {
            let start = Instant::now();
            let operations = self.multiply(precision, rounds);
            let seconds = start.elapsed().as_secs_f64().max(1e-9);
            best = best.max(operations / seconds / 1e9);
            if operations == 0.0 || begin.elapsed() >= time {
                return best;
            }
            // Long enough for the threads' start to be nothing beside it.
            rounds = if seconds < 2e-3 { rounds * 2 } else { rounds };
        }
    }

    /// Multiplies for so many rounds in each part, and says how many operations it did.
    fn multiply(&self, precision: Precision, rounds: usize) -> f64 {
        let (kernels, bf16) = (self.kernels(), self.bf16_kernels());
        let parts = PARTS * self.threads();
        let total = (parts * rounds) as f64;
        match (precision, bf16) {
            // SAFETY: the kernels are those of an instruction set that the processor has.
            (Precision::F32, _) => self.pool().run(parts, &|_, _| unsafe {
                (kernels.peak)(rounds);
            }),
            // SAFETY: as above; the unit is set up and given up around it.
            (Precision::Bf16, Some(bf16)) => self.pool().run(parts, &|_, _| unsafe {
                (bf16.begin)();
                (bf16.peak)(rounds);
                (bf16.end)();
            }),
            (Precision::Bf16, None) => return 0.0,
        }
        match precision {
            Precision::F32 => total * (2 * kernels.peak_width()) as f64,
            Precision::Bf16 => total * (2 * 2 * STRIP * 2 * STRIP * DEPTH) as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::Isa;

    #[test]
    fn each_instruction_set_has_a_peak_and_bf16_only_where_there_is_a_unit() {
        for isa in Isa::available() {
            let device = Device::with_isa(isa, Some(2)).unwrap();
            let of = |precision| device.peak(precision, Duration::from_millis(5));
            assert!(of(Precision::F32) > 0.1, "{isa}");
            assert_eq!(of(Precision::Bf16) > 0.1, device.bf16().is_some(), "{isa}");
        }
    }
}
