//! Whether a change helps: the test of its runs against those without it.
//!
//! Runs are paired by their seed. The question is one-sided (nobody keeps a change that
//! is worse), the test Student's t of the differences, or of many pairs Wilcoxon's signed
//! ranks; what was asked at once is corrected by Holm. The loss
//! on validation rows tells where the score is too coarse (a network that overfits
//! loses little accuracy); it counts where both sides compute the same loss, and only
//! if the score is not lower.

use super::change::Change;
use gradwise_train::folder::event::{Measures, Reason};
use gradwise_trials::stats::{Sampling, Spread, holm, paired, signed_rank, spread};
use gradwise_trials::{Run, VariantReport};

/// The probability of keeping any change of a round that helps nothing. Half of it is
/// for the first look at a round's runs, a quarter for each of two more over more seeds.
pub const LEVEL: f64 = 0.05;

/// From so many pairs on their ranks decide, not their mean: a training that fails under
/// a few seeds of many has a mean of any spread.
const RANKED: usize = 8;

/// Losses below it are 0.
const TINY: f64 = 1e-12;

/// What a run is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Score {
    /// The share of rows that are right.
    Accuracy,
    /// The mean of the classes' shares: rare classes count like frequent ones.
    Recall,
    /// The share of the targets' variance that is explained.
    R2,
}

impl Score {
    /// Its name in the run folder.
    pub fn name(self) -> &'static str {
        match self {
            Score::Accuracy => "accuracy",
            Score::Recall => "macro_recall",
            Score::R2 => "r2",
        }
    }

    /// The score of a run; the lowest if it diverged. `None` if it did not end.
    pub fn of(self, run: &Run) -> Option<f64> {
        // R² falls to any depth; one awful run must not hide that the others are good.
        let lowest = if self == Score::R2 { -1.0 } else { 0.0 };
        let value = finite(run, self.name());
        run.has_ended().then(|| value.unwrap_or(lowest).max(lowest))
    }

    fn resolution(self, runs: &[Run]) -> f64 {
        let rows = runs.iter().map(|run| run.validation_rows).max().unwrap_or(0);
        match self {
            Score::Accuracy if rows > 0 => 1.0 / rows as f64,
            _ => 0.0,
        }
    }
}

/// A measure on the validation rows of a run that did not diverge.
fn finite(run: &Run, name: &str) -> Option<f64> {
    let measures: &Measures = &run.validation;
    let value = measures.get(name).map(|n| n.0).filter(|x| x.is_finite());
    value.filter(|_| run.reason != Some(Reason::Nonfinite))
}

/// What a change gained.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gain {
    /// The mean difference of the scores.
    pub score: f64,
    /// The corrected p-value, the smaller of score and loss; 1 where nothing is known.
    pub p: f64,
    /// Whether it is the loss that proves it.
    pub by_loss: bool,
}

/// How several changes are asked about, so that a proof stays one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// One after the other, in an order that nothing of these runs decided, until one
    /// fails: no question costs those before it anything (Maurer, Hothorn and Lehmacher
    /// 1995, fixed sequences).
    InTurn,
    /// All at once, each at the price of all (Holm 1979).
    AtOnce,
}

/// The gains of changes over what they are compared with.
pub fn gains(
    before: &VariantReport,
    changes: &[(&VariantReport, &Change)],
    score: Score,
    asked: Asked,
) -> Vec<Gain> {
    let questions = changes.iter().map(|(after, change)| {
        let by_score =
            one_sided(before, after, score.resolution(&before.runs), |run| score.of(run));
        let is_lower = !is_as_good(after, before, score);
        Questions { asked: [by_score, by_loss(before, after, change)], is_lower }
    });
    let questions: Vec<Questions> = questions.collect();
    match asked {
        Asked::AtOnce => corrected(&questions),
        Asked::InTurn => {
            let mut least = 0.0f64;
            let in_turn = questions.iter().flat_map(|own| corrected(std::slice::from_ref(own)));
            let with_those_before = |gain: Gain| {
                least = least.max(gain.p);
                Gain { p: least, ..gain }
            };
            in_turn.map(with_those_before).collect()
        }
    }
}

/// What is asked about a change.
struct Questions {
    /// The gain with its p-value, by score and by loss.
    asked: [Option<(f64, f64)>; 2],
    /// Whether the score fell by more than the seeds differ: no loss makes up for that.
    is_lower: bool,
}

/// Gains with p-values that are corrected for all of the questions.
fn corrected(questions: &[Questions]) -> Vec<Gain> {
    let asked = questions.iter().flat_map(|own| own.asked).flatten().map(|(_, p)| p);
    let mut corrected = holm(&asked.collect::<Vec<_>>()).into_iter();
    let mut next =
        |asked: &Option<(f64, f64)>| asked.and_then(|(gain, _)| Some((gain, corrected.next()?)));
    let gain = |questions: &Questions| {
        let [by_score, by_loss] = questions.asked.each_ref().map(&mut next);
        let Some((score, p)) = by_score else { return Gain { p: 1.0, ..Gain::default() } };
        match by_loss.filter(|(_, other)| !questions.is_lower && *other < p) {
            Some((_, p)) => Gain { score, p, by_loss: true },
            None => Gain { score, p, by_loss: false },
        }
    };
    questions.iter().map(gain).collect()
}

/// The fall of the validation loss, where a change leaves its meaning.
fn by_loss(before: &VariantReport, after: &VariantReport, change: &Change) -> Option<(f64, f64)> {
    let other = ["loss.", "model.output", "data.scale-target", "data.split", "data.shuffle"];
    if other.iter().any(|key| change.touches(key)) {
        return None;
    }
    // By what factor it falls: losses differ by orders where some runs fail.
    let fall = |run: &Run| finite(run, "loss").map(|loss| -loss.max(TINY).ln());
    one_sided(before, after, 0.0, fall)
}

/// The mean gain in pairs of one seed, and the probability of one as large by chance.
fn one_sided(
    before: &VariantReport,
    after: &VariantReport,
    resolution: f64,
    of: impl Fn(&Run) -> Option<f64>,
) -> Option<(f64, f64)> {
    let pairs = before.runs.iter().zip(&after.runs);
    let gains: Vec<f64> = pairs.filter_map(|(b, a)| Some(of(a)? - of(b)?)).collect();
    let found = paired(&gains, Sampling::Seeds, resolution)?;
    let by_mean = if found.mean > 0.0 { found.p / 2.0 } else { 1.0 - found.p / 2.0 };
    if gains.len() < RANKED {
        return Some((found.mean, by_mean));
    }
    let by_rank = signed_rank(&gains).filter(|_| found.mean > 0.0);
    Some((found.mean, by_rank.unwrap_or(by_mean.max(0.5))))
}

/// Whether a mean is as high as another as far as the seeds can tell: within the standard
/// error of the differences, which is that of rounding to whole rows at least.
pub fn is_as_good(simpler: &VariantReport, best: &VariantReport, score: Score) -> bool {
    let pairs = simpler.runs.iter().zip(&best.runs);
    let lost = pairs.filter_map(|(a, b)| Some(score.of(b)? - score.of(a)?));
    let lost: Vec<f64> = lost.collect();
    let rounding = score.resolution(&best.runs) / 6f64.sqrt();
    let found = spread(&lost, Sampling::Seeds);
    // One seed alone that differs is just at the error.
    let error = |s: &Spread| s.std.unwrap_or(0.0).max(rounding) / (s.values as f64).sqrt();
    found.is_some_and(|s| s.mean <= (1.0 + 1e-9) * error(&s))
}

/// The mean score of the runs that ended.
pub fn mean(variant: &VariantReport, score: Score) -> f64 {
    let scores: Vec<f64> = variant.runs.iter().filter_map(|run| score.of(run)).collect();
    scores.iter().sum::<f64>() / scores.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::super::change::tests::part;
    use super::*;

    fn variant(scores: &[f64], losses: &[f64]) -> VariantReport {
        let run = |(score, loss): (&f64, &f64)| Run {
            reason: Some(Reason::Done),
            validation_rows: 1000,
            validation: [("r2".into(), (*score).into()), ("loss".into(), (*loss).into())].into(),
            ..Run::default()
        };
        VariantReport {
            runs: scores.iter().zip(losses).map(run).collect(),
            ..VariantReport::default()
        }
    }

    /// `scipy.stats.ttest_rel(after, before, alternative="greater")`.
    #[test]
    fn the_test_is_scipys_and_one_sided() {
        let before = variant(&[0.89, 0.92, 0.90, 0.91, 0.90], &[1.0; 5]);
        let after = variant(&[0.91, 0.93, 0.90, 0.95, 0.92], &[1.0; 5]);
        let of = |a: &VariantReport, b: &VariantReport| {
            one_sided(a, b, 0.0, |run| Score::R2.of(run)).unwrap().1
        };
        assert!((of(&before, &after) - 0.0266691305228444).abs() < 1e-9);
        // Two of nine fail without the change: the mean says little, the ranks enough.
        let failing = variant(&[0.9, 0.0, 0.9, 0.9, 0.4, 0.9, 0.9, 0.9, 0.9], &[1.0; 9]);
        assert!(of(&failing, &variant(&[0.91; 9], &[1.0; 9])) < 0.005);
        assert!((of(&after, &before) - (1.0 - 0.0266691305228444)).abs() < 1e-9);
    }

    #[test]
    fn several_questions_are_corrected_and_worse_scores_outweigh_the_loss() {
        let before = variant(&[0.5, 0.52, 0.51], &[1.0, 1.1, 1.0]);
        let better = variant(&[0.9, 0.91, 0.92], &[0.2, 0.2, 0.2]);
        let worse = variant(&[0.4, 0.42, 0.41], &[0.2, 0.2, 0.2]);
        let (none, loss) =
            (Change::default(), Change::default().then(&part("a", &[("loss.kind", "1")])));
        let alone = gains(&before, &[(&better, &loss)], Score::R2, Asked::AtOnce)[0];
        let both = [(&better, &loss), (&worse, &none)];
        let all = gains(&before, &both, Score::R2, Asked::AtOnce);
        assert!(alone.p < 0.01 && all[0].p > alone.p && !alone.by_loss);
        assert!(all[1].p > 0.5 && all[1].score < 0.0);
        let same = variant(&[0.5, 0.52, 0.51], &[0.2, 0.2, 0.2]);
        let found = gains(&before, &[(&same, &none)], Score::R2, Asked::AtOnce)[0];
        assert!(found.by_loss && found.p < 0.01);
        let in_turn = gains(&before, &both, Score::R2, Asked::InTurn);
        assert!(in_turn[0].p == alone.p && in_turn[1].p > 0.5);
        let turned = gains(&before, &[both[1], both[0]], Score::R2, Asked::InTurn);
        assert!(turned[1].p > 0.5, "what comes after a failure is not proven");
    }

    #[test]
    fn as_good_is_within_the_error_of_the_pairs() {
        let best = variant(&[0.90, 0.92, 0.91], &[1.0; 3]);
        let alike = variant(&[0.91, 0.91, 0.905], &[1.0; 3]);
        let lower = variant(&[0.89, 0.91, 0.90], &[1.0; 3]);
        assert!(is_as_good(&alike, &best, Score::R2) && is_as_good(&best, &best, Score::R2));
        assert!(!is_as_good(&lower, &best, Score::R2));
    }

    #[test]
    fn a_diverged_run_has_the_lowest_score_and_one_that_did_not_end_none() {
        let lost = Run { reason: Some(Reason::Nonfinite), ..Run::default() };
        assert_eq!((Score::R2.of(&lost), Score::Accuracy.of(&lost)), (Some(-1.0), Some(0.0)));
        assert_eq!(Score::R2.of(&Run::default()), None);
        assert_eq!(gains(&VariantReport::default(), &[], Score::R2, Asked::InTurn), []);
    }
}
