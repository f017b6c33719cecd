use super::*;
use std::convert::Infallible;

type Result<T> = std::result::Result<T, Infallible>;

fn run(
    mut point: Vec<f64>,
    iterations: usize,
    evaluate: impl Fn(&[f64]) -> Evaluation,
) -> (Vec<f64>, Outcome, usize) {
    let mut solver = Lbfgs { tolerance: 1e-10, ..Lbfgs::default() };
    let (mut outcome, mut calls) = (Outcome::Moved, 0);
    for _ in 0..iterations {
        let result: Result<Outcome> = solver.step(&mut point, |x| {
            calls += 1;
            Ok(evaluate(x))
        });
        outcome = match result {
            Ok(outcome) => outcome,
            Err(never) => match never {},
        };
        if outcome != Outcome::Moved {
            break;
        }
    }
    (point, outcome, calls)
}

#[test]
fn a_badly_scaled_quadratic() {
    let scale = |i: usize| 10f64.powi(i as i32 % 5);
    let f = |x: &[f64]| {
        let terms = x.iter().enumerate();
        Evaluation {
            value: terms.clone().map(|(i, x)| 0.5 * scale(i) * (x - 1.0).powi(2)).sum(),
            gradient: terms.map(|(i, x)| scale(i) * (x - 1.0)).collect(),
        }
    };
    let (x, outcome, calls) = run(vec![0.0; 20], 200, f);
    assert_eq!(outcome, Outcome::Converged);
    assert!(x.iter().all(|x| (x - 1.0).abs() < 1e-9), "{x:?}");
    assert!(calls < 100, "{calls} evaluations");
}

fn rosenbrock(x: &[f64]) -> Evaluation {
    let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
    Evaluation {
        value: a * a + 100.0 * b * b,
        gradient: vec![-2.0 * a - 400.0 * x[0] * b, 200.0 * b],
    }
}

#[test]
fn rosenbrock_from_the_classic_start() {
    let (x, outcome, calls) = run(vec![-1.2, 1.0], 200, rosenbrock);
    assert_eq!(outcome, Outcome::Converged);
    assert!((x[0] - 1.0).abs() < 1e-9 && (x[1] - 1.0).abs() < 1e-9, "{x:?}");
    assert!(calls < 120, "{calls} evaluations");
}

/// Value and gradient rounded to f32, as a backend gives them.
fn rounded(exact: Evaluation) -> Evaluation {
    let round = |x: f64| f64::from(x as f32);
    Evaluation {
        value: round(exact.value),
        gradient: exact.gradient.into_iter().map(round).collect(),
    }
}

/// Logistic regression with an L2 penalty: Newton's method in f64 is the judge.
fn logistic(w: &[f64]) -> Evaluation {
    let rows = (0..60).map(|i| {
        let t = f64::from(i);
        let x = [1.0, (t * 0.7).sin(), (t * 1.3).cos() + 0.3 * (t * 0.7).sin()];
        (x, f64::from(x[1] + 0.5 * x[2] + 0.8 * (t * 2.9).sin() > 0.2))
    });
    let (mut value, mut gradient) = (0.0, vec![0.0; 3]);
    for (x, y) in rows {
        let s = dot(&x, w);
        value += s.max(0.0) + (-s.abs()).exp().ln_1p() - y * s;
        add(&mut gradient, 1.0 / (1.0 + (-s).exp()) - y, &x);
    }
    value = value / 60.0 + 0.01 * dot(&w[1..], &w[1..]);
    gradient.iter_mut().for_each(|g| *g /= 60.0);
    gradient.iter_mut().zip(w).skip(1).for_each(|(g, w)| *g += 0.02 * w);
    Evaluation { value, gradient }
}

#[test]
fn logistic_regression_to_six_digits_even_through_f32() {
    let (exact, outcome, _) = run(vec![0.0; 3], 100, logistic);
    assert_eq!(outcome, Outcome::Converged);
    assert!(logistic(&exact).gradient.iter().all(|g| g.abs() < 1e-10));
    let (noisy, _, calls) = run(vec![0.0; 3], 100, |w| rounded(logistic(w)));
    for (a, b) in exact.iter().zip(&noisy) {
        assert!((a - b).abs() < 1e-6, "{exact:?} {noisy:?}");
    }
    assert!(calls < 150, "{calls} evaluations");
}

#[test]
fn a_function_that_is_not_finite_gets_nowhere_without_panic() {
    let f = |x: &[f64]| Evaluation { value: f64::NAN, gradient: vec![f64::NAN; x.len()] };
    let (x, outcome, _) = run(vec![3.0], 10, f);
    assert_eq!((x, outcome), (vec![3.0], Outcome::Stuck));
}

#[test]
fn an_overshoot_into_infinity_is_taken_back() {
    let f = |x: &[f64]| {
        let value = if x[0] > 0.0 { x[0] - x[0].ln() } else { f64::INFINITY };
        Evaluation { value, gradient: vec![1.0 - 1.0 / x[0]] }
    };
    let (x, outcome, _) = run(vec![1e-3], 100, f);
    assert_eq!(outcome, Outcome::Converged);
    assert!((x[0] - 1.0).abs() < 1e-9, "{x:?}");
}
