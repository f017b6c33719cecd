//! What nearest neighbours make of the data: whether there is anything to learn, and
//! how much a simple method gets.
//!
//! Each row is answered by the ten nearest others (features scaled to equal spread),
//! so no row answers itself. The method knows nothing of networks: what goes wrong
//! in training cannot touch it.

use super::targets::{answers_of, first_answers};
use super::{Errors, Sample};
use gradwise_data::Task;
use gradwise_graph::random::Philox;
use std::collections::HashMap;

/// Neighbours that vote.
const VOTERS: usize = 10;
/// Neighbours whose votes say how sure an answer is: a share among them has a deviation
/// below a tenth.
const WITNESSES: usize = 30;
/// With fewer rows nothing is said.
const LEAST_ROWS: usize = 40;

/// How well nearest neighbours answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// Accuracy, R² of a regression's first number (the squared correlation), or the mean of
    /// that over several labels a row.
    pub score: f64,
    /// What the best constant answer scores.
    pub chance: f64,
    /// The standard deviation of a score by chance.
    pub deviation: f64,
    /// Rows that were answered.
    pub rows: usize,
    /// How much more often than by chance neighbours are of a row's own class, all
    /// classes counting the same, in deviations of shuffled labels; 0 without classes.
    pub surprise: f64,
    /// Rows of each class, and how many of them were answered rightly.
    pub recall: Vec<(u64, u64)>,
    /// The wrong answers, and those among the fifth of rows (and those on a level with them)
    /// whose neighbours agree most.
    pub errors: Errors,
    /// How much more than by chance a single feature tells of the answers, in deviations.
    pub single: f64,
    /// Under a loss that is robust against rows far off: the mean loss of the best constant
    /// answer, and that of the neighbours. Their R² is that of the rows far off alone.
    pub robust: Option<(f64, f64)>,
}

/// A feature's correlation with an answer that is beyond chance, in deviations: among
/// 10,000 pairs one in 2,000 sets has it (Bonferroni).
const SINGLE: f64 = 5.5;

impl Probe {
    /// `None` with too few rows.
    pub(super) fn of(sample: &Sample, task: Task) -> Option<Probe> {
        Probe::by(sample, &Neighbours::of(sample), task)
    }

    /// As [`Probe::of`], by neighbours that were looked for already.
    pub(super) fn by(sample: &Sample, neighbours: &Neighbours, task: Task) -> Option<Probe> {
        if sample.rows < LEAST_ROWS || sample.outputs == 0 {
            return None;
        }
        let answers = first_answers(sample);
        let (voters, witnesses) = (neighbours.voters(), &neighbours.0);
        let rows = sample.rows as f64;
        if !task.has_classes() {
            let columns = if task == Task::Multilabel { sample.outputs } else { 1 };
            let answers: Vec<Vec<f64>> = (0..columns).map(|c| answers_of(sample, c)).collect();
            let mean = |near: &[usize], y: &[f64]| mean_of(near.iter().filter_map(|i| y.get(*i)));
            let said = answers.iter().map(|y| voters.iter().map(|near| mean(near, y)).collect());
            let score = told(&said.collect::<Vec<_>>(), &answers).unwrap_or(0.0);
            // r² of unrelated numbers is about 1/n, with a deviation of √2/n.
            return Some(Probe {
                score,
                chance: 0.0,
                deviation: 2.0 / rows,
                rows: sample.rows,
                surprise: 0.0,
                recall: Vec::new(),
                errors: Errors::default(),
                single: 0.0,
                robust: None,
            });
        }
        let recall = recall(&voters, &answers);
        let hits: u64 = recall.iter().map(|(_, hits)| hits).sum();
        let chance = recall.iter().map(|(all, _)| *all).max().unwrap_or(0) as f64 / rows;
        Some(Probe {
            score: hits as f64 / rows,
            chance,
            deviation: (chance * (1.0 - chance) / rows).sqrt(),
            rows: sample.rows,
            surprise: surprise(&voters, &answers),
            recall,
            errors: errors(witnesses, &answers),
            single: 0.0,
            robust: None,
        })
    }

    /// Whether there is something to learn: three deviations of the score, or of the
    /// company that classes keep, which a rare class shows in, too; or a single feature
    /// that tells of the answers.
    pub fn is_informative(&self) -> bool {
        self.neighbours_tell() || self.a_feature_tells()
    }

    /// Whether neighbours do.
    pub fn neighbours_tell(&self) -> bool {
        self.score > self.chance + 3.0 * self.deviation || self.surprise > 3.0
    }

    /// Whether a single feature does.
    pub fn a_feature_tells(&self) -> bool {
        self.single > SINGLE
    }
}

/// The share of a part's rows that their neighbours among the rows of another answer
/// rightly.
pub(super) fn answered(among: &Sample, part: &Sample) -> f64 {
    let mut both = among.clone();
    both.rows += part.rows;
    both.x.extend(&part.x);
    both.y.extend(&part.y);
    let (x, answers) = (scaled(&both), first_answers(&both));
    let near = near(&x, both.columns, among.rows..both.rows, among.rows, VOTERS);
    let right = near.iter().zip(answers.iter().skip(among.rows)).filter(|(near, answer)| {
        majority(near.iter().filter_map(|i| answers.get(*i))).as_ref() == Some(*answer)
    });
    right.count() as f64 / part.rows.max(1) as f64
}

/// Rows of each class, and how many of them their neighbours answer rightly.
fn recall(neighbours: &[&[usize]], answers: &[f64]) -> Vec<(u64, u64)> {
    let classes = answers.iter().fold(0.0, |most: f64, y| most.max(*y)) as usize + 1;
    let mut recall = vec![(0, 0); classes];
    for (near, y) in neighbours.iter().zip(answers) {
        if let Some((all, hits)) = recall.get_mut(*y as usize) {
            *all += 1;
            let vote = majority(near.iter().filter_map(|i| answers.get(*i)));
            *hits += u64::from(vote == Some(*y));
        }
    }
    recall
}

/// The wrong answers, and those where neighbours agree most.
fn errors(neighbours: &[Vec<usize>], answers: &[f64]) -> Errors {
    let judged = neighbours.iter().zip(answers).filter_map(|(near, y)| {
        let votes = || near.iter().filter_map(|i| answers.get(*i));
        let winner = majority(votes())?;
        let second = majority(votes().filter(|vote| **vote != winner));
        let rank = if winner == *y { 0 } else { 1 + usize::from(second != Some(*y)) };
        Some((votes().filter(|vote| **vote == winner).count(), rank))
    });
    let mut judged: Vec<(usize, usize)> = judged.collect();
    judged.sort_by_key(|(votes, _)| std::cmp::Reverse(*votes));
    let level = judged.get(judged.len() / 5).map_or(0, |(votes, _)| *votes);
    let surest = judged.iter().filter(|(votes, _)| *votes >= level).count();
    let ranks: Vec<usize> = judged.into_iter().map(|(_, rank)| rank).collect();
    Errors::of(&ranks, surest)
}

/// Shuffles of the labels that agreement is compared with: their deviation is then known
/// to a sixth.
const SHUFFLES: u64 = 20;

/// The agreement of neighbours in deviations of what shuffled labels have.
fn surprise(neighbours: &[&[usize]], answers: &[f64]) -> f64 {
    let by_chance = |stream: u64| {
        let (mut shuffled, random) = (answers.to_vec(), Philox::new(0, stream));
        for i in (1..shuffled.len()).rev() {
            shuffled.swap(i, random.below(i as u64, i as u64 + 1) as usize);
        }
        agreement(neighbours, &shuffled)
    };
    let chances: Vec<f64> = (0..SHUFFLES).map(by_chance).collect();
    let mean = mean_of(chances.iter());
    let variance = chances.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / SHUFFLES as f64;
    let excess = agreement(neighbours, answers) - mean;
    if variance > 0.0 { excess / variance.sqrt() } else { 0.0 }
}

/// The share of a row's neighbours that are of its class, the mean of each class, summed.
fn agreement(neighbours: &[&[usize]], answers: &[f64]) -> f64 {
    let mut classes: HashMap<u64, (f64, f64)> = HashMap::new();
    for (near, y) in neighbours.iter().zip(answers) {
        let same = near.iter().filter(|i| answers.get(**i) == Some(y)).count();
        let class = classes.entry(*y as u64).or_default();
        *class = (class.0 + same as f64, class.1 + near.len() as f64);
    }
    let mut shares: Vec<f64> = classes.values().map(|(same, all)| same / all.max(1.0)).collect();
    // A map has no order, and sums of floats depend on it.
    shares.sort_by(f64::total_cmp);
    shares.iter().sum()
}

fn mean_of<'a>(values: impl Iterator<Item = &'a f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(s, n), x| (s + x, n + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

/// The answer that most give; of equally many, the nearest's.
fn majority<'a>(votes: impl Iterator<Item = &'a f64>) -> Option<f64> {
    let votes: Vec<f64> = votes.copied().collect();
    let count = |y: &f64| votes.iter().filter(|v| *v == y).count();
    let most = votes.iter().map(count).max()?;
    votes.iter().copied().find(|y| count(y) == most)
}

/// The mean over columns of the squared correlation of what was said with what was wanted;
/// columns of one value have none. `None` if no column has another.
pub(crate) fn told(said: &[Vec<f64>], wanted: &[Vec<f64>]) -> Option<f64> {
    let varied = |y: &Vec<f64>| y.iter().any(|v| Some(v) != y.first());
    let columns = said.iter().zip(wanted).filter(|(_, wanted)| varied(wanted));
    let (sum, count) = columns.fold((0.0, 0.0), |(sum, count), (said, wanted)| {
        (sum + correlation(said, wanted).max(0.0).powi(2), count + 1.0)
    });
    (count > 0.0).then(|| sum / count)
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let (ma, mb) = (mean_of(a.iter()), mean_of(b.iter()));
    let sums = a.iter().zip(b).fold((0.0, 0.0, 0.0), |(ab, aa, bb), (x, y)| {
        let (x, y) = (x - ma, y - mb);
        (ab + x * y, aa + x * x, bb + y * y)
    });
    let root = (sums.1 * sums.2).sqrt();
    if root > 0.0 { sums.0 / root } else { 0.0 }
}

/// Each column divided by its deviation, values that are not finite as 0.
pub(super) fn scaled(sample: &Sample) -> Vec<f32> {
    let columns = sample.columns;
    let mut x = sample.x.clone();
    for column in 0..columns {
        let values = || sample.x.iter().skip(column).step_by(columns.max(1));
        let finite = || values().map(|v| f64::from(*v)).filter(|v| v.is_finite());
        let n = finite().count().max(1) as f64;
        let mean = finite().sum::<f64>() / n;
        let deviation = (finite().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
        for v in x.iter_mut().skip(column).step_by(columns.max(1)) {
            let scaled = (f64::from(*v) - mean) / deviation;
            // A pixel that is hardly ever set would count most if it were scaled up.
            *v = if deviation > 0.0 && scaled.is_finite() {
                scaled.clamp(-5.0, 5.0) as f32
            } else {
                0.0
            };
        }
    }
    x
}

/// The nearest other rows of each row, nearest first, features scaled to equal spread.
/// Looking for them takes most of the time of whatever they are for.
pub(super) struct Neighbours(pub Vec<Vec<usize>>);

impl Neighbours {
    /// Of a sample.
    pub(super) fn of(sample: &Sample) -> Neighbours {
        let (x, columns) = (scaled(sample), sample.columns);
        let rows = x.len() / columns.max(1);
        // Of few rows so many would not be near.
        let most = (rows / 10).clamp(VOTERS, WITNESSES);
        Neighbours(near(&x, columns, 0..rows, rows, most))
    }

    /// Those of each row that vote.
    pub(super) fn voters(&self) -> Vec<&[usize]> {
        self.0.iter().map(|near| near.get(..VOTERS).unwrap_or(near)).collect()
    }
}

/// The nearest `most` of the first `among` rows to each of some rows, which are not their own
/// neighbours.
fn near(
    x: &[f32],
    columns: usize,
    of: std::ops::Range<usize>,
    among: usize,
    most: usize,
) -> Vec<Vec<usize>> {
    let rows: Vec<&[f32]> = x.chunks_exact(columns.max(1)).collect();
    let one = |i: usize| {
        let mut distances: Vec<(f32, usize)> = Vec::with_capacity(among);
        for (j, other) in rows.iter().take(among).enumerate().filter(|(j, _)| *j != i) {
            distances.push((square_distance(rows[i], other), j));
        }
        let last = most.min(distances.len());
        if last < distances.len() {
            distances.select_nth_unstable_by(last, |a, b| a.0.total_cmp(&b.0));
        }
        distances.truncate(last);
        distances.sort_by(|a, b| a.0.total_cmp(&b.0));
        distances.into_iter().map(|(_, j)| j).collect()
    };
    of.map(one).collect()
}

/// In eight sums side by side, which the compiler keeps in one register.
fn square_distance(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0f32; 8];
    for (a, b) in a.chunks(8).zip(b.chunks(8)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += (a - b) * (a - b);
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradwise_graph::random::Philox;

    fn sample(answer: impl Fn(f64, u64) -> f64) -> Sample {
        let (random, rows) = (Philox::new(1, 1), 400);
        let x: Vec<f32> = (0..2 * rows).map(|i| random.normal(i) as f32).collect();
        let y = (0..rows).map(|i| answer(f64::from(x[2 * i as usize]), i) as f32).collect();
        Sample { rows: rows as usize, columns: 2, x, outputs: 1, y }
    }

    #[test]
    fn a_row_where_classes_overlap_is_of_the_second() {
        let (blur, coin) = (Philox::new(3, 1), Philox::new(3, 2));
        let class = |x: f64| (x + 2.0).floor().clamp(0.0, 3.0);
        let blurred = sample(|x, i| class(x + 0.5 * blur.normal(i)));
        let drawn = sample(|x, i| match coin.uniform(2 * i) < 0.5 {
            true => (4.0 * coin.uniform(2 * i + 1)).floor(),
            false => class(x),
        });
        let errors = |of| Probe::of(of, Task::Classification).unwrap().errors;
        let (overlap, wrong) = (errors(&blurred), errors(&drawn));
        assert!(overlap.surest > 0.1 && overlap.second > 0.7, "{overlap:?}");
        assert!(wrong.surest > 0.3 && wrong.second < 0.6, "{wrong:?}");
    }

    #[test]
    fn what_can_be_learnt_is_told_from_what_cannot() {
        let random = Philox::new(2, 2);
        let sign = sample(|x, _| f64::from(x > 0.0));
        let probe = Probe::of(&sign, Task::Binary).unwrap();
        assert!(probe.score > 0.9 && probe.is_informative());
        assert_eq!(probe.recall.iter().map(|(all, _)| all).sum::<u64>(), 400);
        let rare = sample(|x, i| f64::from(x > 0.8 && random.uniform(i) < 0.3));
        let probe = Probe::of(&rare, Task::Binary).unwrap();
        assert!(probe.score <= probe.chance && probe.is_informative(), "{probe:?}");
        let coin = sample(|_, i| f64::from(random.uniform(i) > 0.5));
        assert!(!Probe::of(&coin, Task::Binary).unwrap().is_informative());
        let line = Probe::of(&sample(|x, _| 3.0 * x + 1.0), Task::Regression).unwrap();
        assert!(line.score > 0.9 && line.is_informative());
        let noise = sample(|_, i| random.normal(i));
        assert!(!Probe::of(&noise, Task::Regression).unwrap().is_informative());
        let mut labels = sample(|x, _| f64::from(x > 0.0));
        assert!(Probe::of(&labels, Task::Multilabel).unwrap().score > 0.7);
        labels.outputs = 2;
        let coins =
            |(i, y): (usize, &f32)| [*y, f32::from(u8::from(random.uniform(i as u64) > 0.5))];
        labels.y = labels.y.iter().enumerate().flat_map(coins).collect();
        let score = Probe::of(&labels, Task::Multilabel).unwrap().score;
        assert!((0.35..0.6).contains(&score), "{score}");
    }
}
