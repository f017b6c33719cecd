//! What single features tell of the answers: the quickest of linear probes.
//!
//! Where a few of many features decide, rows that are alike in all of them are no better
//! answered than by chance, and neighbours see nothing. A feature by itself does.

use super::Sample;
use super::targets::first_answers;

/// Classes with fewer rows are left out: their mean hangs on single rows.
const LEAST_ROWS: usize = 20;

/// The largest correlation of a feature with an answer (a class against the others, or a
/// number), in deviations of what unrelated ones have: r·√n. Values beyond five
/// deviations of their feature count as five.
pub(super) fn surprise(sample: &Sample, classes: usize) -> f64 {
    let x = super::neighbours::scaled(sample);
    let answers = first_answers(sample);
    let wanted: Vec<Vec<f32>> = match classes {
        0 => vec![units(&answers)],
        _ => (0..classes).filter_map(|class| indicator(&answers, class as f64)).collect(),
    };
    let mut sums = vec![0f64; wanted.len() * sample.columns];
    for (row, x) in x.chunks_exact(sample.columns.max(1)).enumerate() {
        for (sums, wanted) in sums.chunks_exact_mut(sample.columns.max(1)).zip(&wanted) {
            let y = f64::from(wanted.get(row).copied().unwrap_or(0.0));
            sums.iter_mut().zip(x).for_each(|(sum, x)| *sum += y * f64::from(*x));
        }
    }
    let most = sums.iter().map(|sum| sum.abs()).fold(0.0, f64::max);
    most / (sample.rows.max(1) as f64).sqrt()
}

/// Whether a row is of a class, in units of its deviation; `None` of too small a class.
fn indicator(answers: &[f64], class: f64) -> Option<Vec<f32>> {
    let of: Vec<f64> = answers.iter().map(|y| f64::from(u8::from(*y == class))).collect();
    let count = of.iter().filter(|is| **is > 0.0).count();
    (count >= LEAST_ROWS && of.len() - count >= LEAST_ROWS).then(|| units(&of))
}

/// Distances from the mean in deviations, five at most.
fn units(values: &[f64]) -> Vec<f32> {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let deviation = (values.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / n).sqrt();
    let unit = |y: &f64| if deviation > 0.0 { (y - mean) / deviation } else { 0.0 };
    values.iter().map(|y| unit(y).clamp(-5.0, 5.0) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradwise_graph::random::Philox;

    #[test]
    fn one_of_many_features_stands_out_and_none_does_by_chance() {
        let (random, rows, columns) = (Philox::new(5, 1), 1000, 60);
        let x: Vec<f32> = (0..rows * columns).map(|i| random.normal(i as u64) as f32).collect();
        let coin = Philox::new(5, 2);
        let made = |share: f64| -> Sample {
            let of = |i: usize| {
                let told = coin.uniform(i as u64) < share;
                let chance = coin.uniform((i + rows) as u64) < 0.5;
                f32::from(u8::from(if told { x[i * columns + 7] > 0.0 } else { chance }))
            };
            let y = (0..rows).map(of).collect();
            Sample { rows, columns, x: x.clone(), outputs: 1, y }
        };
        assert!(surprise(&made(0.3), 2) > 5.5, "{}", surprise(&made(0.3), 2));
        assert!(surprise(&made(0.0), 2) < 4.5, "{}", surprise(&made(0.0), 2));
        assert!(surprise(&made(0.3), 0) > 5.5);
    }
}
