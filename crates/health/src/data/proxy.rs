//! A feature that is the answer under another name: it was recorded after the fact, or
//! copied when the file was made.
//!
//! Only what cannot be by chance counts: a column with as many values as there are
//! classes, each of them of one class; or a column that a number to be predicted is a
//! straight line of. A column with borders between classes that no row crosses counts
//! only where the others do not answer by far as well: what is known after the answer
//! (a refund), or the number of a row in a file that was sorted.

use super::targets::first_answers;
use super::{Probe, Sample, Targets};
use gradwise_data::Task;

/// With fewer rows a column may match by chance.
const ROWS: usize = 100;
/// The squared correlation that only a copy has: measured numbers have noise.
const COPY: f64 = 0.999_999;

/// Rows that borders are looked for in: some row of each class crosses one by chance.
const BORDER_ROWS: usize = 200;
/// What neighbours score without the column, between a constant answer (0) and all rows
/// right (1), where borders are learning: with features that answer as well it is one of
/// several that the classes differ in.
const OTHERS: f64 = 0.9;

/// The first such column; `None` where there is but one feature. Neighbours are searched
/// among a `few` of the rows.
pub(super) fn of(sample: &Sample, few: &Sample, targets: &Targets, task: Task) -> Option<usize> {
    if sample.rows < ROWS || sample.columns < 2 || sample.outputs != 1 {
        return None;
    }
    let answers = first_answers(sample);
    let column = |c: usize| -> Vec<f32> {
        sample.x.iter().skip(c).step_by(sample.columns).copied().collect()
    };
    let copy = (0..sample.columns).find(|c| match targets.classes.len() {
        0 => is_line(&column(*c), &answers),
        classes => is_code(&column(*c), &answers, classes),
    });
    let classes = targets.classes.len();
    if copy.is_some() || sample.rows < BORDER_ROWS || sample.columns < 3 || classes < 2 {
        return copy;
    }
    let mut bordered = (0..sample.columns).filter(|c| has_borders(&column(*c), &answers, classes));
    let (first, second) = (bordered.next()?, bordered.next());
    // Where one class has nearly all rows, a constant answer scores nearly 1.
    let told = |probe: Probe| (probe.score - probe.chance) / (1.0 - probe.chance).max(1e-9);
    let others = Probe::of(&few.without(first), task).map_or(1.0, told);
    (second.is_none() && others < OTHERS).then_some(first)
}

/// Whether each class is one stretch of the values.
fn has_borders(x: &[f32], answers: &[f64], classes: usize) -> bool {
    let mut rows: Vec<(f32, u32)> = x.iter().zip(answers).map(|(x, y)| (*x, *y as u32)).collect();
    rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let changes = |w: &[(f32, u32)]| w[0].1 != w[1].1;
    let shared = rows.windows(2).any(|w| changes(w) && w[0].0 == w[1].0);
    !shared && rows.windows(2).filter(|w| changes(w)).count() + 1 == classes
}

/// Whether each class has one value of its own.
fn is_code(x: &[f32], answers: &[f64], classes: usize) -> bool {
    let mut values: Vec<Option<u32>> = vec![None; classes];
    for (x, y) in x.iter().zip(answers) {
        let Some(value) = values.get_mut(*y as usize) else { return false };
        if *value.get_or_insert(x.to_bits()) != x.to_bits() {
            return false;
        }
    }
    let mut known: Vec<u32> = values.iter().flatten().copied().collect();
    known.sort_unstable();
    known.dedup();
    known.len() == classes && classes > 1
}

/// Whether the answer is a straight line of the values.
fn is_line(x: &[f32], answers: &[f64]) -> bool {
    let n = answers.len().max(1) as f64;
    let mean_x = x.iter().map(|x| f64::from(*x)).sum::<f64>() / n;
    let mean_y = answers.iter().sum::<f64>() / n;
    let sums = x.iter().zip(answers).fold([0.0; 3], |[xy, xx, yy], (x, y)| {
        let (x, y) = (f64::from(*x) - mean_x, y - mean_y);
        [xy + x * y, xx + x * x, yy + y * y]
    });
    sums[1] * sums[2] > 0.0 && sums[0] * sums[0] > COPY * sums[1] * sums[2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_told_from_a_border() {
        let answers: Vec<f64> = (0..200).map(|i| f64::from(i % 2)).collect();
        let code: Vec<f32> = answers.iter().map(|y| if *y > 0.0 { 7.0 } else { 4.0 }).collect();
        assert!(is_code(&code, &answers, 2));
        let border: Vec<f32> =
            answers.iter().enumerate().map(|(i, y)| (*y * 9.0) as f32 + i as f32 / 999.0).collect();
        assert!(!is_code(&border, &answers, 2));
        assert!(has_borders(&border, &answers, 2) && has_borders(&code, &answers, 2));
        assert!(!has_borders(&vec![1.0; 200], &answers, 2));
        let crossed: Vec<f32> =
            border.iter().enumerate().map(|(i, x)| if i == 9 { 0.0 } else { *x }).collect();
        assert!(!has_borders(&crossed, &answers, 2));
        assert!(!is_code(&vec![1.0; 200], &answers, 2));
        let line: Vec<f32> = (0..200).map(|i| i as f32).collect();
        let y: Vec<f64> = (0..200).map(|i| 3.0 * f64::from(i) - 1.0).collect();
        assert!(is_line(&line, &y) && !is_line(&code, &y));
    }
}
