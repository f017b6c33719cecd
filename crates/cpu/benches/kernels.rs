//! The kernels' speed on one thread, beside the processor's measured peak.
//!
//! `cargo bench -p gradwise-cpu --bench kernels [isa …] [products]`. Each figure is the best
//! of many short runs, and the peak is measured again before each product, as
//! the machine may be shared.

use gradwise_cpu::isa::Isa;
use gradwise_cpu::kernels::{Kernels, ProductTile, Rows};
use gradwise_cpu::{Device, Precision};
use gradwise_graph::ops::{Binary, Unary};
use gradwise_graph::random::Philox;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Seconds of one call: the best of 20 runs of about 2 ms.
fn best(mut call: impl FnMut()) -> f64 {
    let start = Instant::now();
    call();
    let once = start.elapsed().as_secs_f64().max(1e-7);
    let calls = (2e-3 / once).ceil() as u32;
    let mut best = f64::INFINITY;
    for _ in 0..20 {
        let start = Instant::now();
        (0..calls).for_each(|_| call());
        best = best.min(start.elapsed().as_secs_f64() / f64::from(calls));
    }
    best
}

/// GFLOP/s of one core's multipliers.
fn peak(isa: Isa) -> f64 {
    let device = Device::with_isa(isa, Some(1));
    device.map_or(0.0, |device| device.peak(Precision::F32, Duration::from_millis(40)))
}

/// Numbers that begin at a cache line.
struct Aligned {
    storage: Vec<f32>,
    start: usize,
}

impl Aligned {
    fn as_ptr(&self) -> *const f32 {
        self.storage[self.start..].as_ptr()
    }

    fn as_mut_ptr(&mut self) -> *mut f32 {
        self.storage[self.start..].as_mut_ptr()
    }
}

fn numbers(n: usize) -> Aligned {
    let generator = Philox::new(1, 0);
    let storage: Vec<f32> = (0..n as u64 + 16).map(|i| generator.uniform(i) as f32 - 0.5).collect();
    let start = storage.as_ptr().align_offset(64);
    Aligned { storage, start }
}

/// m, n, k; whether A is transposed; distance of A's rows (columns if transposed).
type Shape = (usize, usize, usize, bool, usize);

const SHAPES: [Shape; 18] = [
    (128, 64, 500, false, 500),
    (128, 96, 500, false, 528),
    (126, 144, 500, false, 528),
    (128, 500, 500, false, 528),
    (500, 128, 500, true, 528),
    (108, 144, 128, true, 528),
    (108, 144, 256, true, 2048),
    (108, 144, 256, true, 2064),
    (256, 144, 1024, false, 1040),
    (128, 144, 2048, false, 2064),
    (256, 144, 2048, false, 2064),
    (256, 288, 2048, false, 2064),
    (32, 128, 784, false, 784),
    (784, 128, 32, true, 784),
    (64, 10, 784, false, 784),
    (784, 10, 64, true, 784),
    (10, 784, 64, true, 16),
    (1, 128, 784, false, 784),
];

fn products(kernels: &Kernels) {
    println!(
        "{:>5} {:>4} {:>4} {:>10} {:>9} {:>9} {:>7}",
        "m", "n", "k", "A stride", "µs", "GFLOP/s", "share"
    );
    for (m, n, k, transposed, stride) in SHAPES {
        let b_stride = 2064;
        let (a, b) = (numbers(stride * if transposed { k } else { m }), numbers(k * b_stride));
        let c_stride = n.next_multiple_of(16);
        let mut c = numbers(m * c_stride);
        let mut scratch = vec![0.0; kernels.product_scratch(n, k)];
        let product = ProductTile {
            m,
            n,
            k,
            a: a.as_ptr(),
            a_row: if transposed { 1 } else { stride },
            a_column: if transposed { stride } else { 1 },
            b: b.as_ptr(),
            b_stride,
            c: c.as_mut_ptr(),
            c_stride,
            far: false,
            soon: None,
            scratch: scratch.as_mut_ptr(),
        };
        let peak = peak(kernels.isa);
        // SAFETY: the matrices have room for these sizes.
        let seconds = best(|| unsafe { (kernels.product)(black_box(&product)) });
        let rate = 2.0 * (m * n * k) as f64 / seconds / 1e9;
        println!(
            "{m:>5} {n:>4} {k:>4} {:>10} {:>9.2} {rate:>9.1} {:>6.1}%",
            format!("{stride}{}", if transposed { "ᵀ" } else { "" }),
            seconds * 1e6,
            100.0 * rate / peak
        );
    }
}

fn line(name: &str, n: usize, call: impl FnMut()) {
    println!("{name:>24} {:>8.3} ns an element", best(call) * 1e9 / n as f64);
}

fn elementwise(kernels: &Kernels) {
    let n = 4096;
    let (x, mut y) = (numbers(n), numbers(n));
    for function in [
        Unary::Relu,
        Unary::Scale(0.5),
        Unary::LeakyRelu(0.01),
        Unary::Exp,
        Unary::Tanh,
        Unary::Sigmoid,
        Unary::Ln,
        Unary::Ln1p,
        Unary::Elu(1.0),
        Unary::Gelu,
        Unary::Silu,
        Unary::Softplus,
        Unary::Erf,
        Unary::Sin,
    ] {
        let (kernel, p) = kernels.unary(function);
        // SAFETY: both have n elements.
        line(&format!("{function:?}"), n, || unsafe {
            (kernel.of)(&Rows::one(n, [x.as_ptr(), y.as_mut_ptr()]), p)
        });
    }
    let add = kernels.binary(Binary::Add).vv;
    // SAFETY: all have n elements.
    line("add", n, || unsafe { add(&Rows::one(n, [x.as_ptr(), y.as_ptr(), y.as_mut_ptr()])) });
    // SAFETY: x has n elements.
    line("sum", n, || unsafe { _ = black_box((kernels.sum)(x.as_ptr(), n)) });
    // SAFETY: x has n elements.
    line("non-finite", n, || unsafe { _ = black_box((kernels.has_nonfinite)(x.as_ptr(), n)) });
    // SAFETY: x has n elements.
    line("moments", n, || unsafe { _ = black_box((kernels.moments)(x.as_ptr(), 1, n, n)) });
    // SAFETY: y has n elements.
    line("uniforms", n, || unsafe { (kernels.uniforms)(Philox::new(1, 2), 3, y.as_mut_ptr(), n) });
    // SAFETY: both are 64 × 64.
    line("transpose 64×64", n, || unsafe {
        (kernels.transpose)(x.as_ptr(), 64, 64, 64, y.as_mut_ptr(), 64)
    });
}

fn rows(kernels: &Kernels) {
    for n in [10, 1000] {
        let (x, mut y) = (numbers(n), numbers(n));
        // SAFETY: both have n elements.
        line(&format!("softmax of {n}"), n, || unsafe {
            (kernels.softmax)(x.as_ptr(), n, y.as_mut_ptr())
        });
        // SAFETY: x has n elements.
        line(&format!("cross-entropy of {n}"), n, || unsafe {
            _ = black_box((kernels.cross_entropy)(x.as_ptr(), n, 3.0));
        });
        // SAFETY: both have n elements.
        line(&format!("its gradient of {n}"), n, || unsafe {
            (kernels.cross_entropy_gradient)(x.as_ptr(), n, 3.0, y.as_mut_ptr());
        });
    }
    let (n, k) = (128, 784);
    let (a, b, mut y) = (numbers(k), numbers(n * k), numbers(n));
    // SAFETY: n rows of k numbers.
    line("dot 784 × 128 rows", n * k, || unsafe {
        (kernels.dot_rows)(a.as_ptr(), b.as_ptr(), k, n, k, y.as_mut_ptr());
    });
}

fn main() {
    let named: Vec<Isa> = std::env::args().filter_map(|name| name.parse().ok()).collect();
    let only_products = std::env::args().any(|argument| argument == "products");
    for isa in Isa::available().filter(|isa| named.is_empty() || named.contains(isa)) {
        let kernels = Kernels::for_isa(isa);
        println!("{isa}: peak {:.1} GFLOP/s", peak(isa));
        products(kernels);
        if !only_products {
            elementwise(kernels);
            rows(kernels);
        }
    }
}
