//! Functions of two elements, and the sums of multiples that updates are made of.

use super::grid::Rows;
use super::simd::Simd;
use super::table::Target;
use gradwise_graph::ops::Binary;

/// `y = f(a, b)` for the rows of a, b and y.
///
/// # Safety
/// Rows of operands must be readable for n numbers, or for one where it stands for
/// all; those of `y` writable; `y` and an operand of n numbers are the same or apart.
pub type BinaryFn = unsafe fn(&Rows<3>);

/// The kernels of one function of two elements.
#[derive(Clone, Copy, Debug)]
pub struct BinaryFns {
    /// Two vectors.
    pub vv: BinaryFn,
    /// A vector and one number at `b`.
    pub vs: BinaryFn,
    /// One number at `a` and a vector.
    pub sv: BinaryFn,
}

/// A function of two elements.
pub(super) trait Zip {
    /// Its value in each lane.
    fn at<S: Simd>(a: S, b: S) -> S;
}

/// An operand: a vector, or one number for all elements.
trait Operand<S> {
    unsafe fn whole(&self, i: usize) -> S;
    unsafe fn part(&self, i: usize, n: usize) -> S;
}

struct Many(*const f32);

struct One<S>(S);

impl<S: Simd> Operand<S> for Many {
    #[inline(always)]
    unsafe fn whole(&self, i: usize) -> S {
        // SAFETY: the caller asks only for elements of the operand.
        unsafe { S::load(self.0.add(i)) }
    }

    #[inline(always)]
    unsafe fn part(&self, i: usize, n: usize) -> S {
        // SAFETY: the caller asks only for elements of the operand.
        unsafe { S::load_part(self.0.add(i), S::part(n), S::splat(0.0)) }
    }
}

impl<S: Simd> Operand<S> for One<S> {
    #[inline(always)]
    unsafe fn whole(&self, _: usize) -> S {
        self.0
    }

    #[inline(always)]
    unsafe fn part(&self, _: usize, _: usize) -> S {
        self.0
    }
}

#[inline(always)]
unsafe fn apply<S: Simd, Z: Zip>(a: impl Operand<S>, b: impl Operand<S>, y: *mut f32, n: usize) {
    // SAFETY: `i` stays below n, and the rest after whole vectors is a part.
    unsafe {
        let mut i = 0;
        while i + S::LANES <= n {
            Z::at(a.whole(i), b.whole(i)).store(y.add(i));
            i += S::LANES;
        }
        if i < n {
            Z::at(a.part(i, n - i), b.part(i, n - i)).store_part(y.add(i), S::part(n - i));
        }
    }
}

/// Applies a function to rows of vectors.
///
/// # Safety
/// As for [`BinaryFn`], on a processor that has the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn vv<S: Simd, Z: Zip>(rows: &Rows<3>) {
    for row in 0..rows.rows {
        let [a, b, y] = rows.row(row);
        // SAFETY: the caller vouches for n numbers in each row.
        unsafe { apply::<S, Z>(Many(a), Many(b), y, rows.n) }
    }
}

/// Applies a function to vectors and a number a row.
///
/// # Safety
/// As for [`BinaryFn`], on a processor that has the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn vs<S: Simd, Z: Zip>(rows: &Rows<3>) {
    for row in 0..rows.rows {
        let [a, b, y] = rows.row(row);
        // SAFETY: the caller vouches for one number at b and n at the others.
        unsafe { apply::<S, Z>(Many(a), One(S::splat(*b)), y, rows.n) }
    }
}

/// Applies a function to a number a row and vectors.
///
/// # Safety
/// As for [`BinaryFn`], on a processor that has the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn sv<S: Simd, Z: Zip>(rows: &Rows<3>) {
    for row in 0..rows.rows {
        let [a, b, y] = rows.row(row);
        // SAFETY: the caller vouches for one number at a and n at the others.
        unsafe { apply::<S, Z>(One(S::splat(*a)), Many(b), y, rows.n) }
    }
}

/// p₀·a + p₁·b in each lane.
#[inline(always)]
pub(super) fn combine<S: Simd>(a: S, b: S, p: [f32; 2]) -> S {
    a.fma(a.like(p[0]), b * p[1])
}

/// y = p₀·a + p₁·b; true if some y is infinite or NaN.
///
/// # Safety
/// As for [`BinaryFn`], on a processor that has the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn axpby<S: Simd>(rows: &Rows<3>, p: [f32; 2]) -> bool {
    // SAFETY: the caller vouches for the instructions.
    let (zero, mut vanishing) = unsafe { (S::splat(0.0), S::splat(0.0)) };
    for row in 0..rows.rows {
        let [a, b, y] = rows.row(row);
        let (a, b, n) = (Many(a), Many(b), rows.n);
        // SAFETY: the caller vouches for n numbers in each row.
        unsafe {
            let mut i = 0;
            while i + S::LANES <= n {
                let sum = combine::<S>(a.whole(i), b.whole(i), p);
                sum.store(y.add(i));
                vanishing = sum.fma(zero, vanishing);
                i += S::LANES;
            }
            if i < n {
                let sum = combine::<S>(a.part(i, n - i), b.part(i, n - i), p);
                sum.store_part(y.add(i), S::part(n - i));
                vanishing = sum.fma(zero, vanishing);
            }
        }
    }
    vanishing.sum() != 0.0
}

/// Declares functions: `Name: |a, b| value`.
macro_rules! zips {
    ($($name:ident: |$a:ident, $b:ident| $value:expr;)*) => {
        $(
            struct $name;

            impl Zip for $name {
                #[inline(always)]
                fn at<S: Simd>($a: S, $b: S) -> S {
                    $value
                }
            }
        )*
    };
}

zips! {
    Plus: |a, b| a + b;
    Minus: |a, b| a - b;
    Times: |a, b| a * b;
    Over: |a, b| a / b;
    Max: |a, b| S::select(b.is_nan(), b, b.max(a));
    Min: |a, b| S::select(b.is_nan(), b, b.min(a));
    Greater: |a, b| S::select(a.gt(b), a.like(1.0), a.like(0.0));
}

fn all<T: Target, Z: Zip>() -> BinaryFns {
    BinaryFns { vv: T::vv::<Z>, vs: T::vs::<Z>, sv: T::sv::<Z> }
}

/// The kernels of a function.
pub(super) fn kernel<T: Target>(function: Binary) -> BinaryFns {
    match function {
        Binary::Add => all::<T, Plus>(),
        Binary::Sub => all::<T, Minus>(),
        Binary::Mul => all::<T, Times>(),
        Binary::Div => all::<T, Over>(),
        Binary::Max => all::<T, Max>(),
        Binary::Min => all::<T, Min>(),
        Binary::Greater => all::<T, Greater>(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{LENGTHS, each, near, normals};
    use super::Rows;
    use gradwise_graph::ops::Binary;

    const ALL: [Binary; 7] = [
        Binary::Add,
        Binary::Sub,
        Binary::Mul,
        Binary::Div,
        Binary::Max,
        Binary::Min,
        Binary::Greater,
    ];

    const SPECIAL: [f32; 8] =
        [0.0, -0.0, 1.0, -2.5, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e-40];

    /// n numbers, special ones among them.
    fn operand(stream: u64, n: usize, every: usize) -> Vec<f32> {
        let mut x = normals(stream, n, 2.0);
        for (i, x) in x.iter_mut().enumerate() {
            if i % 3 == 0 {
                *x = SPECIAL[i / every % SPECIAL.len()];
            }
        }
        x
    }

    /// One rounding.
    fn check(what: &str, function: Binary, a: f32, b: f32, y: f32) {
        let expected = function.at(f64::from(a), f64::from(b));
        near(&format!("{what} {function:?}({a}, {b})"), y, expected, 6e-8, 1e-45);
    }

    #[test]
    fn values_are_those_of_the_reference() {
        for kernels in each() {
            for (function, n) in ALL.into_iter().flat_map(|f| LENGTHS.map(|n| (f, n))) {
                let (a, b, mut y) = (operand(1, n, 3), operand(2, n, 24), vec![0.0; n]);
                let fns = kernels.binary(function);
                // SAFETY: all have n elements.
                unsafe { (fns.vv)(&Rows::one(n, [a.as_ptr(), b.as_ptr(), y.as_mut_ptr()])) };
                for i in 0..n {
                    check("vv", function, a[i], b[i], y[i]);
                }
                for one in [0.7, f32::NAN] {
                    // SAFETY: one number and vectors of n.
                    unsafe { (fns.vs)(&Rows::one(n, [a.as_ptr(), &one, y.as_mut_ptr()])) };
                    for i in 0..n {
                        check("vs", function, a[i], one, y[i]);
                    }
                    y.copy_from_slice(&b);
                    // SAFETY: one number and a vector of n in place.
                    unsafe { (fns.sv)(&Rows::one(n, [&one, y.as_ptr(), y.as_mut_ptr()])) };
                    for i in 0..n {
                        check("sv", function, one, b[i], y[i]);
                    }
                }
            }
        }
    }

    #[test]
    fn sums_of_multiples() {
        for kernels in each() {
            for n in LENGTHS {
                let (a, b) = (normals(1, n, 1.0), normals(2, n, 1.0));
                let mut y = a.clone();
                // SAFETY: all have n elements; y is its own operand.
                unsafe {
                    let rows = Rows::one(n, [y.as_ptr(), b.as_ptr(), y.as_mut_ptr()]);
                    (kernels.axpby)(&rows, [0.5, -0.25]);
                };
                for i in 0..n {
                    let expected = 0.5 * f64::from(a[i]) - 0.25 * f64::from(b[i]);
                    near("axpby", y[i], expected, 6e-8, 6e-8 * f64::from(b[i].abs()));
                }
            }
        }
    }
}
