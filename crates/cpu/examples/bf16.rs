//! How near the bf16 kernels come to what the processor can multiply, on one thread:
//! `cargo run --release -p gradwise-cpu --example bf16 -- 512 512 512` (m, n, k).

use gradwise_cpu::Isa;
use gradwise_cpu::kernels::{Bf16, Block, DEPTH, Layout, Packing, Passing, STRIP, TILE};
use std::time::Instant;

/// The shortest of many runs, in seconds: others may be using the machine.
fn best(mut f: impl FnMut()) -> f64 {
    let time = |_| {
        let start = Instant::now();
        f();
        start.elapsed().as_secs_f64()
    };
    (0..300).map(time).fold(f64::INFINITY, f64::min)
}

/// Zeros that start at a cache line, as the kernels like it.
fn aligned<T: Copy + Default>(len: usize) -> &'static mut [T] {
    let room = Vec::leak(vec![T::default(); len + 64]);
    let skip = room.as_ptr().align_offset(64);
    &mut room[skip..skip + len]
}

/// A·B from packed operands of whole strips; each 32 columns of the result replace
/// the last, as if they were consumed while they are in cache.
fn product(kernels: &Bf16, a: &[u16], b: &[u16], c: &mut [f32], [m, n, k]: [usize; 3]) {
    let tiles = k.div_ceil(DEPTH);
    for j in (0..n / STRIP).step_by(2) {
        for i in (0..m / STRIP).step_by(2) {
            let block = Block {
                left: a[i * tiles * TILE..].as_ptr(),
                left_step: tiles * TILE,
                right: b[j * tiles * TILE..].as_ptr(),
                right_step: tiles * TILE,
                tiles,
                down: (m / STRIP - i).min(2),
                across: (n / STRIP - j).min(2),
                passing: Passing::Left,
                added: false,
                c: c[STRIP * i * 2 * STRIP..].as_mut_ptr(),
                c_stride: 2 * STRIP,
            };
            // SAFETY: the strips and the block lie in the slices.
            unsafe { (kernels.block)(&block) };
        }
    }
}

fn main() {
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let [m, n, k] = sizes.try_into().unwrap_or([512; 3]);
    let (m, n) = (m.next_multiple_of(STRIP), n.next_multiple_of(STRIP));
    let x = vec![1.0f32; m.max(n) * k];
    for kernels in Isa::available().filter_map(Bf16::for_isa) {
        // SAFETY: the kernels are handed out only where they can run.
        unsafe { (kernels.begin)() };
        let flops = |rounds: usize| rounds as f64 * 65_536.0;
        // SAFETY: as above.
        let peak = flops(20_000) / best(|| unsafe { (kernels.peak)(20_000) });
        println!("{}: peak {:.0} GFLOP/s on one thread", kernels.unit, peak / 1e9);
        let pack = |rows: usize, columns: usize, layout: Layout| {
            let to = aligned::<u16>(2 * layout.len(rows, columns));
            let (_, tiles) = layout.tiles(rows, columns);
            let (from, start) = (x.as_ptr(), to.as_mut_ptr());
            let p = Packing { from, stride: columns, rows, columns, layout, to: start, tiles };
            // SAFETY: both are as large as said.
            let time = best(|| unsafe { (kernels.pack)(&p) });
            let each = time * 1e9 / (rows * columns) as f64 * 1024.0;
            println!("  {layout:?} {rows}×{columns}: {each:.1} ns for 32×32");
            to
        };
        let a = pack(m, k, Layout::Left);
        let b = pack(k, n, Layout::Right);
        pack(k, m, Layout::LeftTransposed);
        pack(n, k, Layout::RightTransposed);
        let c = aligned::<f32>(m * 2 * STRIP);
        let reps = (100_000_000 / (m * n * k)).max(1);
        let time =
            best(|| (0..reps).for_each(|_| product(kernels, a, b, c, [m, n, k]))) / reps as f64;
        let rate = (2 * m * n * k) as f64 / time;
        let share = 100.0 * rate / peak;
        println!("  {m}×{n}×{k}: {:.0} GFLOP/s, {share:.0} % of the peak", rate / 1e9);
        // SAFETY: as above.
        unsafe { (kernels.end)() };
    }
}
