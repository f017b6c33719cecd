//! The training loss over time, made comparable between runs.
//!
//! Losses are data losses (without the penalty), a row's mean even where the run
//! sums over rows. The baseline is the loss of the best constant prediction: what a
//! network reaches that has learnt nothing but the targets' distribution.

use crate::run::Run;
use crate::setup::Setup;
use gradwise_nn::Reduction;
use gradwise_trials::stats;

/// Blocks that the steps are averaged in.
const BLOCKS: usize = 20;
/// Steps below which a stretch is fewer than five.
const SHORT: u64 = 5 * BLOCKS as u64;
/// The share of the first loss below which that of a run that short has fallen.
const FELL: f64 = 0.95;

/// The training loss over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The loss of the first step: before anything was learnt.
    pub first: f64,
    /// Means over equally long stretches of the training, at most 20.
    pub blocks: Vec<f64>,
    /// The training loss of each epoch.
    pub epochs: Vec<f64>,
    /// The validation loss of each epoch, if there are validation rows.
    pub validation: Vec<f64>,
    /// The loss of the best constant prediction, if the data are known.
    pub baseline: Option<f64>,
    /// A loss that the best constant prediction does not exceed, where the data are not
    /// known: see [`Setup::constant_bound`].
    pub bound: Option<f64>,
    /// The number of the last step, if steps were recorded.
    pub steps: Option<u64>,
    /// The largest loss of a single one of the first steps, or of two steps in a row: later
    /// on, a few rows of heavy tails make one batch's loss many times that of the next.
    pub peak: f64,
    /// The largest loss of two steps in a row, of the lower.
    pub twice: f64,
    /// The largest loss that five steps in a row, or one epoch where no steps were recorded,
    /// did not go below.
    pub stayed: f64,
    /// The deviation of single steps' losses within the first stretch, the very first left
    /// out; `None` of fewer than four others.
    pub noise: Option<f64>,
}

/// Less below a constant prediction is within the noise of a stretch's mean.
const NOISE: f64 = 0.02;

impl Curve {
    /// The curve of a run; `None` if nothing was recorded.
    pub(crate) fn of(run: &Run) -> Option<Curve> {
        let setup = run.setup.as_ref();
        let rows = match setup {
            Some(s) if s.reduction == Reduction::Sum => s.batch.max(1) as f64,
            _ => 1.0,
        };
        let losses: Vec<f64> = run.steps.iter().map(|s| s.data_loss.0 / rows).collect();
        let of_epochs = |validation: bool| -> Vec<f64> {
            let part = |e: &gradwise_train::folder::event::Epoch| {
                let measures = if validation { &e.validation } else { &e.train };
                measures.get("data_loss").or_else(|| measures.get("loss")).map(|n| n.0)
            };
            run.epochs.iter().filter_map(part).collect()
        };
        let (epochs, validation) = (of_epochs(false), of_epochs(true));
        let all = if losses.is_empty() { &epochs } else { &losses };
        let first = *all.first()?;
        let size = all.len().div_ceil(BLOCKS).max(1);
        let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
        let facts = run.data.as_ref().map(|d| &d.targets);
        // Huber's best constant lies between mean and median: it was looked for with neighbours.
        let robust = || Some(run.data.as_ref()?.probe.as_ref()?.robust?.0);
        let baseline = facts.zip(setup).and_then(|(t, s)| t.baseline(s)).or_else(robust);
        let blocks = all.chunks(size).map(mean).collect();
        let twice = held(all, 2);
        let peak = largest(all.iter().take(EARLY).copied()).max(twice);
        let stayed = held(all, if losses.is_empty() { 1 } else { LASTING });
        let bound = setup.and_then(Setup::constant_bound).filter(|_| baseline.is_none());
        let steps = run.steps.last().map(|s| s.step);
        let noise = all.get(1..size).and_then(noise);
        Some(Curve {
            first,
            blocks,
            epochs,
            validation,
            baseline,
            bound,
            steps,
            peak,
            twice,
            stayed,
            noise,
        })
    }

    /// The loss at the end.
    pub fn last(&self) -> f64 {
        self.blocks.last().copied().unwrap_or(f64::NAN)
    }

    /// The highest mean of an epoch or block.
    pub fn highest(&self) -> f64 {
        self.blocks.iter().chain(&self.epochs).copied().fold(f64::NEG_INFINITY, f64::max)
    }

    /// What counts as having learnt nothing: the baseline, or else the first loss.
    pub fn nothing(&self) -> f64 {
        self.baseline.unwrap_or(self.first)
    }

    /// How much of that is gone: 0 for nothing learnt, 1 for a loss of 0.
    pub fn progress(&self) -> f64 {
        let nothing = self.nothing();
        if nothing > 0.0 { 1.0 - self.last() / nothing } else { 0.0 }
    }

    /// Whether the loss of the first step was high by the chance of its rows alone, and the
    /// mean since has fallen by a smaller share than this. Where a constant's loss is known,
    /// that is what to compare with.
    pub fn begins_no_higher(&self, share: f64) -> bool {
        let (Some(noise), Some(begin)) = (self.noise, self.blocks.first()) else { return false };
        let by_chance = (self.first - begin).abs() <= 3.0 * noise;
        self.baseline.is_none() && by_chance && self.last() > (1.0 - share) * begin
    }

    /// Whether the loss at the end is that of a constant prediction or above it, as far
    /// as the run file alone can tell: it may have come down to there from far above.
    pub fn is_constant(&self) -> bool {
        self.bound.is_some_and(|bound| self.last() > (1.0 - NOISE) * bound)
    }

    /// Whether the loss fell in a run that ended so early, within two epochs and a hundred
    /// steps, that single batches hide how it went on.
    pub fn fell_shortly(&self) -> bool {
        let short = self.steps.is_some_and(|steps| steps < SHORT) && self.epochs.len() < 3;
        short && self.last() < FELL * self.first
    }

    /// By how much the loss fell over the last quarter, relative to its value before.
    pub fn recent_gain(&self) -> f64 {
        let quarter = (self.blocks.len() / 4).max(1);
        let before = self.blocks.len().checked_sub(quarter + 1);
        match before.and_then(|at| self.blocks.get(at)) {
            Some(before) if *before > 0.0 => 1.0 - self.last() / before,
            _ => 0.0,
        }
    }

    /// Whether the loss of each epoch was lower than that of the one before: of five or more,
    /// which come so by chance in one run of 120.
    pub fn falls_each_epoch(&self) -> bool {
        self.epochs.len() >= 5 && self.epochs.windows(2).all(|w| w[1] < w[0])
    }

    /// By how much it has come up again: the lower mean of the last two epochs over the lowest
    /// of all; `None` of fewer than four epochs.
    pub fn relapse(&self) -> Option<f64> {
        let lowest = self.epochs.iter().copied().fold(f64::INFINITY, f64::min);
        let last = self.epochs.iter().rev().take(2).copied().fold(f64::INFINITY, f64::min);
        (self.epochs.len() >= 4 && lowest > 0.0).then(|| last / lowest)
    }

    /// Whether the loss went down in four of five blocks, which of twenty happens by chance
    /// in one run of a hundred; of fewer than four, which only a run of as few steps has, in
    /// each.
    pub fn falls_steadily(&self) -> bool {
        let (blocks, downs) = (self.blocks.len(), self.blocks.windows(2));
        let downs = downs.filter(|w| w[1] < w[0]).count();
        match blocks {
            0 | 1 => false,
            2 | 3 => downs + 1 == blocks,
            _ => downs * 5 >= (blocks - 1) * 4,
        }
    }
}

/// Steps at the start that may overshoot and be back with the next.
const EARLY: usize = 10;

/// Steps for which a loss stays up.
const LASTING: usize = 5;

/// The largest loss that so many in a row did not go below.
fn held(losses: &[f64], steps: usize) -> f64 {
    let steps = steps.min(losses.len()).max(1);
    largest(losses.windows(steps).map(|w| w.iter().copied().fold(f64::INFINITY, f64::min)))
}

fn largest(losses: impl Iterator<Item = f64>) -> f64 {
    losses.fold(f64::NEG_INFINITY, f64::max)
}

/// The standard deviation; `None` of fewer than four losses.
fn noise(losses: &[f64]) -> Option<f64> {
    stats::deviation(losses).filter(|_| losses.len() >= 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradwise_train::folder::event::Step;

    #[test]
    fn a_falling_curve() {
        let mut run = Run::default();
        for i in 0..100u64 {
            let loss = 2.0 * (-(i as f64) / 30.0).exp();
            let step = Step { step: i + 1, data_loss: loss.into(), ..Step::default() };
            run.steps.push(step);
        }
        let curve = Curve::of(&run).unwrap();
        assert_eq!((curve.first, curve.blocks.len(), curve.peak), (2.0, 20, 2.0));
        assert!(curve.falls_steadily() && curve.progress() > 0.9);
        assert!((curve.recent_gain() - (1.0 - (-25.0f64 / 30.0).exp())).abs() < 0.01);
        assert!(Curve::of(&Run::default()).is_none());
        assert!(!curve.begins_no_higher(0.02));
    }

    #[test]
    fn a_noisy_fall_is_steady_if_chance_hardly_makes_it() {
        let falls = |ups: usize| {
            let mut run = Run::default();
            for i in 0..20u64 {
                let up = if (i as usize) % 4 == 3 && i as usize / 4 < ups { 0.1 } else { 0.0 };
                let loss = 2.0 - 0.05 * i as f64 + up;
                run.steps.push(Step { step: i + 1, data_loss: loss.into(), ..Step::default() });
            }
            Curve::of(&run).unwrap().falls_steadily()
        };
        assert!(falls(0) && falls(3) && !falls(4), "16 and 15 of 19");
    }

    #[test]
    fn a_first_step_that_is_high_by_chance_is_no_fall() {
        let mut run = Run::default();
        for i in 0..200u64 {
            // Single batches differ by a tenth, and the first is the worst of them.
            let noise = if i == 0 { 0.2 } else { 0.1 * (i as f64 * 2.4).sin() };
            let step = Step { step: i + 1, data_loss: (2.4 + noise).into(), ..Step::default() };
            run.steps.push(step);
        }
        let curve = Curve::of(&run).unwrap();
        assert!(curve.progress() > 0.02 && curve.begins_no_higher(0.02));
    }

    #[test]
    fn epochs_tell_a_relapse_and_a_fall_that_batches_hide() {
        let with = |epochs: &[f64]| Curve { epochs: epochs.into(), ..flat() };
        assert!(with(&[5.0, 4.9, 4.8, 4.75, 4.7]).falls_each_epoch());
        assert!(!with(&[5.0, 4.9, 4.8, 4.85, 4.7]).falls_each_epoch());
        assert_eq!(with(&[2.0, 1.0, 1.5, 1.6]).relapse(), Some(1.5));
        assert_eq!(with(&[2.0, 1.0, 4.0, 1.0]).relapse(), Some(1.0), "a single epoch leaps");
        assert_eq!(with(&[2.0, 1.0, 1.5]).relapse(), None);
    }

    #[test]
    fn one_heavy_batch_is_no_rise_but_an_early_overshoot_is() {
        let with = |high: &[u64]| {
            let loss = |i: u64| if high.contains(&i) { 30.0 } else { 1.0 };
            let step = |i| Step { step: i + 1, data_loss: loss(i).into(), ..Step::default() };
            let curve = Curve::of(&Run { steps: (0..100).map(step).collect(), ..Run::default() });
            curve.map(|c| (c.peak, c.stayed)).unwrap()
        };
        assert_eq!(with(&[52]), (1.0, 1.0));
        assert_eq!(with(&[1]), (30.0, 1.0));
        assert_eq!(with(&[52, 53]), (30.0, 1.0));
        assert_eq!(with(&[50, 51, 52, 53, 54]), (30.0, 30.0));
    }

    fn flat() -> Curve {
        let step = Step { step: 1, data_loss: 1.0.into(), ..Step::default() };
        Curve::of(&Run { steps: vec![step], ..Run::default() }).unwrap()
    }
}
