//! The same in plain Rust: what proves the kernels.

use super::{Bf16, Block, DEPTH, Layout, Packing, Passing, STRIP, TILE, Unpacking};
use crate::isa::Isa;
use crate::kernels::testing::normals;

/// Rounded to the nearest number of bf16, ties to even; subnormal numbers are zero.
fn bf16(x: f32) -> u16 {
    if x.is_subnormal() {
        return (x.to_bits() >> 31 << 15) as u16;
    }
    if x.is_nan() {
        return (x.to_bits() >> 16) as u16 | 0x40;
    }
    let bits = x.to_bits();
    ((bits + 0x7fff + (bits >> 16 & 1)) >> 16) as u16
}

fn f64_of(x: u16) -> f64 {
    f64::from(f32::from_bits(u32::from(x) << 16))
}

/// Where element (r, c) of the matrix is in a packed one.
pub(super) fn place(layout: Layout, r: usize, c: usize, tiles: usize) -> usize {
    let (outer, inner) = if layout.strips_are_rows() { (r, c) } else { (c, r) };
    let tile = (outer / STRIP * tiles + inner / DEPTH) * TILE;
    let (i, p, s) = (outer % STRIP, inner % DEPTH / 2, inner % 2);
    tile + match layout {
        Layout::Left | Layout::LeftTransposed => i * DEPTH + 2 * p + s,
        Layout::Right | Layout::RightTransposed => (p * STRIP + i) * 2 + s,
    }
}

const LAYOUTS: [Layout; 4] =
    [Layout::Left, Layout::LeftTransposed, Layout::Right, Layout::RightTransposed];

pub(super) fn each() -> impl Iterator<Item = &'static Bf16> {
    Isa::available().filter_map(Bf16::for_isa)
}

fn packed(bf16: &Bf16, x: &[f32], rows: usize, columns: usize, layout: Layout) -> Vec<u16> {
    let (_, tiles) = layout.tiles(rows, columns);
    let mut to = vec![0xffff; 2 * layout.len(rows, columns)];
    let (from, to_start) = (x.as_ptr(), to.as_mut_ptr());
    let p = Packing { from, stride: columns, rows, columns, layout, to: to_start, tiles };
    // SAFETY: the matrix and its packed copy are as large as said.
    unsafe { (bf16.pack)(&p) };
    to
}

#[test]
fn packing_rounds_every_element_into_its_place() {
    for kernels in each() {
        for (rows, columns) in
            [(0, 0), (1, 1), (3, 40), (16, 32), (32, 16), (33, 65), (64, 64), (7, 0), (31, 17)]
        {
            let mut x = normals(rows as u64, rows * columns, 1.0);
            let odd = [f32::INFINITY, -1e-41, 1.003_906_3, 1.011_718_8, f32::MAX, -0.0];
            x.iter_mut().zip(odd).for_each(|(x, odd)| *x = odd);
            for layout in LAYOUTS {
                let (_, tiles) = layout.tiles(rows, columns);
                let mut expected = vec![0; 2 * layout.len(rows, columns)];
                for (r, c) in (0..rows).flat_map(|r| (0..columns).map(move |c| (r, c))) {
                    expected[place(layout, r, c, tiles)] = bf16(x[r * columns + c]);
                }
                let found = packed(kernels, &x, rows, columns, layout);
                assert!(found == expected, "{} {rows}×{columns} {layout:?}", kernels.unit);
            }
        }
    }
}

#[test]
fn unpacking_gives_what_packing_has_rounded() {
    for kernels in each() {
        for (rows, columns) in [(0, 0), (1, 1), (3, 40), (16, 32), (33, 65), (64, 64), (7, 0)] {
            let x = normals(rows as u64, rows * columns, 1.0);
            let from = packed(kernels, &x, rows, columns, Layout::Left);
            let (_, tiles) = Layout::Left.tiles(rows, columns);
            let mut y = vec![0.0; x.len()];
            let (from, to) = (from.as_ptr(), y.as_mut_ptr());
            let u = Unpacking { from, tiles, rows, columns, to, stride: columns };
            // SAFETY: the matrix and its packed copy are as large as said.
            unsafe { (kernels.unpack)(&u) };
            let expected: Vec<f64> = x.iter().map(|x| f64_of(bf16(*x))).collect();
            let found: Vec<f64> = y.iter().map(|y| f64::from(*y)).collect();
            assert!(found == expected, "{} {rows}×{columns}", kernels.unit);
        }
    }
}

/// Every second strip down and across, with the first tile of each half.
fn blocks(down: usize, across: usize, half: usize) -> Vec<(usize, usize, usize)> {
    let halves = || [0, half].into_iter().take(if half > 0 { 2 } else { 1 });
    let strips = |i| (0..across).step_by(2).map(move |j| (i, j));
    let squares = (0..down).step_by(2).flat_map(strips);
    squares.flat_map(|(i, j)| halves().map(move |first| (i, j, first))).collect()
}

/// A·B by blocks; (m, n, k) and whether each is packed from its transpose.
fn product(kernels: &Bf16, x: [&[f32]; 2], [m, n, k]: [usize; 3], t: [bool; 2]) -> Vec<f32> {
    let (a_layout, b_layout) = (
        if t[0] { Layout::LeftTransposed } else { Layout::Left },
        if t[1] { Layout::RightTransposed } else { Layout::Right },
    );
    let a = packed(kernels, x[0], [m, k][usize::from(t[0])], [k, m][usize::from(t[0])], a_layout);
    let b = packed(kernels, x[1], [k, n][usize::from(t[1])], [n, k][usize::from(t[1])], b_layout);
    let tiles = k.div_ceil(DEPTH);
    let (down, across) = (m.div_ceil(STRIP), n.div_ceil(STRIP));
    let c_stride = across * STRIP;
    let mut c = vec![f32::NAN; down * STRIP * c_stride];
    // The second half of the strips is added to what the first one gave.
    let half = tiles.div_ceil(2);
    let at = |x: &[u16], strip: usize, first: usize| {
        x.as_ptr().wrapping_add((strip * tiles + first) * TILE)
    };
    // SAFETY: the strips and the result, which has whole strips, are there.
    unsafe {
        (kernels.begin)();
        for (i, j, first) in blocks(down, across, half) {
            (kernels.block)(&Block {
                left: at(&a, i, first),
                left_step: tiles * TILE,
                right: at(&b, j, first),
                right_step: tiles * TILE,
                tiles: if first == 0 { half } else { tiles - half },
                added: first > 0,
                down: (down - i).min(2),
                across: (across - j).min(2),
                passing: [Passing::Left, Passing::Right, Passing::Both][(i + j) / 2 % 3],
                c: c.as_mut_ptr().add(STRIP * (i * c_stride + j)),
                c_stride,
            });
        }
        (kernels.end)();
    }
    c.chunks(c_stride.max(1)).take(m).flat_map(|row| row[..n].to_vec()).collect()
}

#[test]
fn products_are_those_in_f64_of_the_rounded_operands() {
    for kernels in each() {
        let sizes = [1, 2, 10, 16, 17, 32, 33, 48, 70, 130];
        for (case, &m) in sizes.iter().enumerate() {
            for (n, k) in [(1, 40), (10, 784), (16, 32), (33, 0), (64, 33), (50, 500), (20, 1)] {
                let t = [case % 2 == 0, case % 3 == 0];
                let (a, b) = (normals(1, m * k, 1.0), normals(2, k * n, 1.0));
                let c = product(kernels, [&a, &b], [m, n, k], t);
                for (i, j) in (0..m).flat_map(|i| (0..n).map(move |j| (i, j))) {
                    let (mut sum, mut size) = (0.0, 0.0);
                    for l in 0..k {
                        let x = f64_of(bf16(a[if t[0] { l * m + i } else { i * k + l }]));
                        let y = f64_of(bf16(b[if t[1] { j * k + l } else { l * n + j }]));
                        sum += x * y;
                        size += (x * y).abs();
                    }
                    let error = (f64::from(c[i * n + j]) - sum).abs();
                    let bound = 1e-7 * size * (1.0 + (k as f64).sqrt());
                    assert!(error <= bound, "{} {m}×{n}×{k} {t:?}: {error:e}", kernels.unit);
                }
            }
        }
    }
}
