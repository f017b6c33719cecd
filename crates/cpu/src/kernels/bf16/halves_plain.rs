//! Weights in halves, against plain Rust.

use super::plain::{each, place};
use super::{Bf16, Halves, Layout, Momentum, Packing, Unpacking, Velocity, Widening};
use crate::kernels::testing::normals;
use crate::kernels::{Kernels, Pair, Rows};

const SIZES: [(usize, usize); 8] =
    [(1, 1), (3, 40), (16, 32), (33, 65), (64, 64), (31, 17), (48, 100), (8, 10)];

/// A matrix taken apart.
struct Apart {
    upper: Vec<u16>,
    lower: Vec<u16>,
    rows: usize,
    columns: usize,
}

impl Apart {
    fn of(bf16: &Bf16, x: &mut [f32], rows: usize, columns: usize) -> Apart {
        let len = 2 * Layout::Left.len(rows, columns);
        let mut apart = Apart { upper: vec![0; len], lower: vec![0; len], rows, columns };
        // SAFETY: the matrix and its halves are as large as said.
        unsafe { (bf16.halve)(&apart.halves(x)) };
        apart
    }

    fn halves(&mut self, matrix: &mut [f32]) -> Halves {
        Halves {
            upper: self.upper.as_mut_ptr(),
            lower: self.lower.as_mut_ptr(),
            tiles: Layout::Left.tiles(self.rows, self.columns).1,
            rows: self.rows,
            columns: self.columns,
            matrix: matrix.as_mut_ptr(),
            stride: self.columns,
        }
    }

    fn joined(&mut self, bf16: &Bf16) -> Vec<f32> {
        let mut x = vec![f32::NAN; self.rows * self.columns];
        let halves = self.halves(&mut x);
        // SAFETY: the matrix and its halves are as large as said.
        unsafe { (bf16.join)(&halves) };
        x
    }
}

fn matrix(rows: usize, columns: usize) -> Vec<f32> {
    let mut x = normals(rows as u64, rows * columns, 1.0);
    // Ties both ways, a lower half of each sign, the ends of the range.
    let odd = [-0.0, 1.003_906_3, 1.011_718_8, -1.003_906_3, 1e-41, 3e38, f32::INFINITY];
    x.iter_mut().zip(odd).for_each(|(x, odd)| *x = odd);
    x
}

/// Rounded to the nearest number of bf16, ties away from zero.
fn rounded(x: f32) -> u16 {
    (x.to_bits().wrapping_add(0x8000) >> 16) as u16
}

#[test]
fn nothing_is_lost_and_the_upper_half_is_rounded() {
    for (kernels, (rows, columns)) in each().flat_map(|k| SIZES.map(|size| (k, size))) {
        let mut x = matrix(rows, columns);
        let mut apart = Apart::of(kernels, &mut x, rows, columns);
        let (_, tiles) = Layout::Left.tiles(rows, columns);
        let mut expected = vec![0; apart.upper.len()];
        for (r, c) in (0..rows).flat_map(|r| (0..columns).map(move |c| (r, c))) {
            expected[place(Layout::Left, r, c, tiles)] = rounded(x[r * columns + c]);
        }
        assert!(apart.upper == expected, "{} {rows}×{columns}", kernels.unit);
        let same = apart.joined(kernels).iter().zip(&x).all(|(a, b)| a.to_bits() == b.to_bits());
        assert!(same, "{} {rows}×{columns}", kernels.unit);
    }
}

#[test]
fn widened_tiles_are_those_of_a_right_operand() {
    for (kernels, (rows, columns)) in each().flat_map(|k| SIZES.map(|size| (k, size))) {
        let mut x = matrix(rows, columns);
        let apart = Apart::of(kernels, &mut x, rows, columns);
        let (_, tiles) = Layout::Right.tiles(rows, columns);
        let mut expected = vec![0; 2 * Layout::Right.len(rows, columns)];
        for (r, c) in (0..rows).flat_map(|r| (0..columns).map(move |c| (r, c))) {
            expected[place(Layout::Right, r, c, tiles)] = rounded(x[r * columns + c]);
        }
        let mut found = vec![0xffff; expected.len()];
        let from_tiles = Layout::Left.tiles(rows, columns).1;
        let (from, to) = (apart.upper.as_ptr(), found.as_mut_ptr());
        // SAFETY: the matrix's tiles and the result's are as many as said.
        unsafe { (kernels.widen)(&Widening { from, from_tiles, rows, columns, to, tiles }) };
        assert!(found == expected, "{} {rows}×{columns}", kernels.unit);
    }
}

/// The same bits as the step in f32; what is not finite is seen.
#[test]
fn momentum_is_that_of_whole_weights() {
    let plain = Kernels::for_isa(crate::isa::Isa::Avx512);
    for (kernels, (rows, n)) in each().flat_map(|k| SIZES.map(|size| (k, size))) {
        for broken in [false, true] {
            let mut w = normals(1, rows * n, 1.0);
            let (mut v, mut g) = (normals(2, rows * n, 1.0), normals(3, rows * n, 1.0));
            if broken {
                g[rows * n - 1] = f32::NAN;
            }
            let (p, q) = ([0.9, 1.0], [1.0, -0.1]);
            let (mut w2, mut v2) = (w.clone(), v.clone());
            let mut apart = Apart::of(kernels, &mut w, rows, n);
            let [vp, gp, wp] = [&mut v2, &mut g, &mut w2].map(|x| (x.as_mut_ptr(), n));
            let pair = Pair { rows: Rows { rows, n, matrices: [vp, gp, vp, wp, wp] }, p, q };
            let weights = apart.halves(&mut w);
            let velocity = Velocity::Whole(v.as_mut_ptr(), n);
            let gradient = (gp.0.cast_const(), n);
            // SAFETY: all rows lie in the vectors, the weights in their tiles.
            let seen = unsafe {
                let expected = (plain.pair)(&pair);
                ((kernels.momentum)(&Momentum { weights, velocity, gradient, p, q }), expected)
            };
            assert_eq!(seen, (broken, broken));
            let bits = |x: &[f32]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert!(bits(&v) == bits(&v2) && bits(&apart.joined(kernels)) == bits(&w2));
        }
    }
}

/// Weights as from a velocity in f32; the velocity itself rounded only afterwards.
#[test]
fn a_rounded_velocity_moves_weights_before_it_is_rounded() {
    for (kernels, (rows, n)) in each().flat_map(|k| SIZES.map(|size| (k, size))) {
        let [mut w, v, g] = [1, 2, 3].map(|stream| normals(stream, rows * n, 1.0));
        let mut apart = Apart::of(kernels, &mut w, rows, n);
        let (_, tiles) = Layout::Left.tiles(rows, n);
        let mut upper = vec![0_u16; 2 * Layout::Left.len(rows, n)];
        let (layout, to) = (Layout::Left, upper.as_mut_ptr());
        let packing = |x: &[f32]| Packing {
            from: x.as_ptr(),
            stride: n,
            rows,
            columns: n,
            layout,
            to,
            tiles,
        };
        let unpacked = || {
            let mut x = vec![0.0_f32; rows * n];
            let (from, to) = (to.cast_const(), x.as_mut_ptr());
            let u = Unpacking { from, tiles, rows, columns: n, to, stride: n };
            // SAFETY: the matrix and its packed copy are as large as said.
            unsafe { (kernels.unpack)(&u) };
            x
        };
        // SAFETY: the matrix and its packed copy are as large as said.
        unsafe { (kernels.pack)(&packing(&v)) };
        let mut exact = unpacked();
        let (p, q) = ([0.9, 1.0], [1.0, -0.1]);
        let gradient = (g.as_ptr(), n);
        let mut whole = Apart::of(kernels, &mut w, rows, n);
        // SAFETY: all rows lie in the vectors, weights and velocity in their tiles.
        unsafe {
            let weights = whole.halves(&mut w);
            let velocity = Velocity::Whole(exact.as_mut_ptr(), n);
            (kernels.momentum)(&Momentum { weights, velocity, gradient, p, q });
            let (weights, velocity) = (apart.halves(&mut w), Velocity::Rounded(to));
            (kernels.momentum)(&Momentum { weights, velocity, gradient, p, q });
        }
        assert!(whole.joined(kernels) == apart.joined(kernels), "{} {rows}×{n}", kernels.unit);
        let found = unpacked();
        // SAFETY: the matrix and its packed copy are as large as said.
        unsafe { (kernels.pack)(&packing(&exact)) };
        assert!(found == unpacked(), "{} {rows}×{n}", kernels.unit);
    }
}
