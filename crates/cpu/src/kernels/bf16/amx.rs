//! The matrix unit: a block of 32 × 32 sums in four of its eight tile registers.
//!
//! In assembly, because Rust has no stable intrinsics for AMX. Per step of 32 along
//! the inner dimension it loads two tiles of each operand and multiplies each with
//! each: four multiplications of 16 cycles to four loads of 8, so that multiplying
//! is what takes the time as long as the operands come from the first-level cache.
//! Two strips of 500 are 32 kB, so that cache holds those of one operand: the other's
//! pass it by, which makes a product of 512³ a third faster.

use super::{Block, Passing};
use std::arch::asm;

/// How the tiles are cut; the processor's format.
#[repr(C, align(64))]
struct Configuration {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    bytes_per_row: [u16; 16],
    rows: [u8; 16],
}

/// Eight tiles of 16 rows of 64 bytes.
static CONFIGURATION: Configuration = Configuration {
    palette: 1,
    start_row: 0,
    reserved: [0; 14],
    bytes_per_row: [64, 64, 64, 64, 64, 64, 64, 64, 0, 0, 0, 0, 0, 0, 0, 0],
    rows: [16, 16, 16, 16, 16, 16, 16, 16, 0, 0, 0, 0, 0, 0, 0, 0],
};

/// Whether the processor has AMX for bf16 and the system lets this process use it.
/// The first call asks the system, for all threads of the process.
#[cfg(target_os = "linux")]
pub(super) fn is_available() -> bool {
    static ALLOWED: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *ALLOWED.get_or_init(|| has_instructions() && is_allowed())
}

/// Other systems are not asked yet.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_available() -> bool {
    false
}

#[cfg(target_os = "linux")]
fn has_instructions() -> bool {
    const BF16: u32 = 1 << 22;
    const TILE: u32 = 1 << 24;
    // SAFETY: every processor of 64 bits can be asked. Newer compilers know that.
    #[allow(unused_unsafe)]
    let features = unsafe { std::arch::x86_64::__cpuid_count(7, 0) }.edx;
    features & (BF16 | TILE) == BF16 | TILE
}

/// Asks the system for the tiles' state, which it keeps only for those who asked.
#[cfg(target_os = "linux")]
fn is_allowed() -> bool {
    const ARCH_REQ_XCOMP_PERM: libc::c_long = 0x1023;
    const TILE_DATA: libc::c_long = 18;
    // SAFETY: the request takes a number and changes nothing in this process's memory.
    unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, TILE_DATA) == 0 }
}

/// Sets up this thread's tiles.
///
/// # Safety
/// AMX must be available.
pub(super) unsafe fn begin() {
    // SAFETY: the configuration is a valid one; the caller vouches for AMX.
    unsafe { asm!("ldtilecfg [{}]", in(reg) &CONFIGURATION, options(nostack, preserves_flags)) };
}

/// Gives the tiles up, so that the system need not save them.
///
/// # Safety
/// AMX must be available.
pub(super) unsafe fn end() {
    // SAFETY: the caller vouches for AMX.
    unsafe { asm!("tilerelease", options(nostack, preserves_flags)) };
}

/// Computes a block.
///
/// # Safety
/// As for [`super::BlockFn`]; AMX must be available.
pub(super) unsafe fn block(b: &Block) {
    // SAFETY: the same contract.
    unsafe {
        match (b.down, b.across) {
            (2, 2) => match b.passing {
                Passing::Left => left_passes(b),
                Passing::Right => right_passes(b),
                Passing::Both => both_pass(b),
            },
            (2, _) => two_by_one(b),
            (_, 2) => one_by_two(b),
            _ => one_by_one(b),
        }
    }
}

/// Bytes of a tile's row.
const ROW: usize = 64;

/// The accumulators' and operands' registers are named here and nowhere else:
/// sums 0 to 3, left tiles 4 and 5, right tiles 6 and 7.
macro_rules! kernel {
    ($name:ident, $zero:expr, $load:expr, $step:expr, $store:expr) => {
        unsafe fn $name(b: &Block) {
            // SAFETY: strips and result are as large as the caller vouches for; the
            // loop is left out if a strip has no tiles.
            unsafe {
                asm!(
                    "test {added}, {added}",
                    "jnz 4f",
                    $zero,
                    "jmp 5f",
                    "4:",
                    $load,
                    "5:",
                    "test {n}, {n}",
                    "jz 3f",
                    "2:",
                    $step,
                    "add {left}, 1024",
                    "add {left2}, 1024",
                    "add {right}, 1024",
                    "add {right2}, 1024",
                    "dec {n}",
                    "jnz 2b",
                    "3: // {c2}",
                    $store,
                    n = inout(reg) b.tiles => _,
                    left = inout(reg) b.left => _,
                    left2 = inout(reg) b.left.wrapping_add(b.left_step) => _,
                    right = inout(reg) b.right => _,
                    right2 = inout(reg) b.right.wrapping_add(b.right_step) => _,
                    added = in(reg) usize::from(b.added),
                    row = in(reg) ROW,
                    c = in(reg) b.c,
                    c2 = in(reg) b.c.wrapping_add(super::STRIP * b.c_stride),
                    c_row = in(reg) b.c_stride * size_of::<f32>(),
                    out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                    out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                    options(nostack),
                );
            }
        }
    };
}

/// All four sums; a tile that passes is loaded with the hint that says so.
macro_rules! square {
    ($name:ident, $load_left:literal, $load_right:literal) => {
        kernel!(
            $name,
            "tilezero tmm0
            tilezero tmm1
            tilezero tmm2
            tilezero tmm3",
            "tileloadd tmm0, [{c} + {c_row}]
            tileloadd tmm1, [{c} + {c_row} + 64]
            tileloadd tmm2, [{c2} + {c_row}]
            tileloadd tmm3, [{c2} + {c_row} + 64]",
            concat!(
                $load_left,
                " tmm4, [{left} + {row}]\n",
                $load_right,
                " tmm6, [{right} + {row}]\n",
                "tdpbf16ps tmm0, tmm4, tmm6\n",
                $load_right,
                " tmm7, [{right2} + {row}]\n",
                "tdpbf16ps tmm1, tmm4, tmm7\n",
                $load_left,
                " tmm5, [{left2} + {row}]\n",
                "tdpbf16ps tmm2, tmm5, tmm6\n",
                "tdpbf16ps tmm3, tmm5, tmm7"
            ),
            "tilestored [{c} + {c_row}], tmm0
            tilestored [{c} + {c_row} + 64], tmm1
            tilestored [{c2} + {c_row}], tmm2
            tilestored [{c2} + {c_row} + 64], tmm3"
        );
    };
}

square!(left_passes, "tileloaddt1", "tileloadd");
square!(right_passes, "tileloadd", "tileloaddt1");
square!(both_pass, "tileloaddt1", "tileloaddt1");

kernel!(
    two_by_one,
    "tilezero tmm0
    tilezero tmm2",
    "tileloadd tmm0, [{c} + {c_row}]
    tileloadd tmm2, [{c2} + {c_row}]",
    "tileloadd tmm6, [{right} + {row}]
    tileloadd tmm4, [{left} + {row}]
    tdpbf16ps tmm0, tmm4, tmm6
    tileloadd tmm5, [{left2} + {row}]
    tdpbf16ps tmm2, tmm5, tmm6",
    "tilestored [{c} + {c_row}], tmm0
    tilestored [{c2} + {c_row}], tmm2"
);

kernel!(
    one_by_two,
    "tilezero tmm0
    tilezero tmm1",
    "tileloadd tmm0, [{c} + {c_row}]
    tileloadd tmm1, [{c} + {c_row} + 64]",
    "tileloadd tmm4, [{left} + {row}]
    tileloadd tmm6, [{right} + {row}]
    tdpbf16ps tmm0, tmm4, tmm6
    tileloadd tmm7, [{right2} + {row}]
    tdpbf16ps tmm1, tmm4, tmm7",
    "tilestored [{c} + {c_row}], tmm0
    tilestored [{c} + {c_row} + 64], tmm1"
);

kernel!(
    one_by_one,
    "tilezero tmm0",
    "tileloadd tmm0, [{c} + {c_row}]",
    "tileloadd tmm4, [{left} + {row}]
    tileloadd tmm6, [{right} + {row}]
    tdpbf16ps tmm0, tmm4, tmm6",
    "tilestored [{c} + {c_row}], tmm0"
);

/// Multiplies `rounds` times what is in the registers: as much arithmetic as so many
/// steps of a square of four sums, and nothing else.
///
/// # Safety
/// AMX must be available and this thread's tiles set up.
pub(super) unsafe fn peak(rounds: usize) {
    // SAFETY: only registers change.
    unsafe {
        asm!(
            "2:",
            "tdpbf16ps tmm0, tmm4, tmm6",
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            "dec {n}",
            "jnz 2b",
            n = inout(reg) rounds.max(1) => _,
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            options(nostack, nomem),
        );
    }
}
