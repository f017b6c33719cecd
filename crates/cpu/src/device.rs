//! The processor as a plan sees it: an instruction set and some threads.

use crate::CpuError;
use crate::isa::Isa;
use crate::kernels::{Bf16, Kernels, Unit};
use crate::pool::Pool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The environment variable that forces an instruction set.
pub const ISA_VARIABLE: &str = "GRADWISE_ISA";

/// Where plans run. Clones share their threads.
#[derive(Clone, Debug)]
pub struct Device {
    isa: Isa,
    threads: usize,
    pool: Arc<Mutex<Pool>>,
}

impl Device {
    /// A device of so many threads (as many as the machine has cores if `None`),
    /// with the fastest instruction set that the processor has, or the one that
    /// the environment variable `GRADWISE_ISA` forces.
    ///
    /// # Errors
    /// An instruction set that does not exist or that the processor does not have.
    pub fn new(threads: Option<usize>) -> Result<Device, CpuError> {
        let isa = match std::env::var(ISA_VARIABLE) {
            Ok(name) if !name.is_empty() => {
                name.parse::<Isa>().map_err(|e| CpuError::Isa(format!("{ISA_VARIABLE}: {e}")))?
            }
            _ => Isa::detect(),
        };
        Device::with_isa(isa, threads)
    }

    /// A device with a chosen instruction set.
    ///
    /// # Errors
    /// The processor does not have it.
    pub fn with_isa(isa: Isa, threads: Option<usize>) -> Result<Device, CpuError> {
        if !isa.is_available() {
            let have: Vec<String> = Isa::available().map(|i| i.to_string()).collect();
            let message = format!("this processor does not have {isa}; it has {}", have.join(", "));
            return Err(CpuError::Isa(message));
        }
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let pool = Pool::new(threads.unwrap_or_else(cores).max(1));
        Ok(Device { isa, threads: pool.threads(), pool: Arc::new(Mutex::new(pool)) })
    }

    /// The instruction set in use.
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// The number of threads.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// What multiplies numbers of bf16, if the instruction set has something for it.
    pub fn bf16(&self) -> Option<Unit> {
        self.bf16_kernels().map(|kernels| kernels.unit)
    }

    /// The scalar products of `row` with each of `rows`, which are as long and follow
    /// each other without gaps, as far as `to` has room.
    pub fn products_with(&self, row: &[f32], rows: &[f32], to: &mut [f32]) {
        self.kernels().products_with(row, rows, to);
    }

    pub(crate) fn bf16_kernels(&self) -> Option<&'static Bf16> {
        Bf16::for_isa(self.isa)
    }

    pub(crate) fn kernels(&self) -> &'static Kernels {
        Kernels::for_isa(self.isa)
    }

    pub(crate) fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
