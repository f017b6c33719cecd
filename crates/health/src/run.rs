//! All that is known of a training: what rules look at.
//!
//! Parts may be missing. Before training there are no steps; of another program's
//! run the data and the network are unknown. A rule that lacks a part stays silent.

use crate::curve::Curve;
use crate::data::{Facts, Probe};
use crate::measures::Measures;
use crate::setup::Setup;
use crate::survey::Survey;
use gradwise_data::Task;
use gradwise_train::folder::event::{End, Epoch, Event, Finding, Measures as Scores};
use gradwise_train::folder::event::{Reason, Start, Step};

/// What is known of a training.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// What the run file says, with sizes.
    pub setup: Option<Setup>,
    /// What the data say.
    pub data: Option<Facts>,
    /// The network at its first weights, on the data.
    pub initial: Option<Survey>,
    /// The network at its last (or best) weights, on the data.
    pub trained: Option<Survey>,
    /// The record of the start.
    pub start: Option<Start>,
    /// Every step.
    pub steps: Vec<Step>,
    /// Every epoch.
    pub epochs: Vec<Epoch>,
    /// Layers over time.
    pub measures: Measures,
    /// The record of the end.
    pub end: Option<End>,
    /// What the trainer itself found, such as where a number first was not finite.
    pub recorded: Vec<Finding>,
    /// Whether it was stopped long before its own end, to be judged early: what takes
    /// longer is then not judged.
    pub brief: bool,
    /// What could not be looked at, and why.
    pub unknown: Vec<String>,
    /// The losses, made comparable; see [`Run::prepare`].
    pub curve: Option<Curve>,
}

/// From how much of the reachable a training counts as good: the gap that a first
/// choice of settings may leave (faults.md's healthy twins reach 0.9 and more).
const GOOD: f64 = 0.9;
/// Less of the reachable, or of R², is no better than a constant answer.
const CHANCE: f64 = 0.1;
/// A fall of the loss by a smaller share is none.
const NOTHING: f64 = 0.02;
/// The share of a constant's loss by which neighbours must lower it to be compared with.
const ROOM: f64 = 0.02;

impl Run {
    /// Takes the records of a run folder.
    pub fn take(&mut self, events: Vec<Event>) {
        for event in events {
            match event {
                Event::Start(start) => self.start = Some(start),
                Event::Step(step) => self.steps.push(step),
                Event::Epoch(epoch) => self.epochs.push(epoch),
                Event::Layer(layer) => self.measures.add(layer),
                Event::Finding(finding) => self.recorded.push(finding),
                Event::End(end) => self.end = Some(end),
                Event::Histogram(histogram) => self.measures.add_histogram(histogram),
                Event::Unknown => {}
            }
        }
    }

    /// Works out what several rules need, once all parts are there.
    pub fn prepare(&mut self) {
        self.curve = Curve::of(self);
    }

    /// What is predicted, if run file or start say so.
    pub fn task(&self) -> Option<Task> {
        let told = || self.start.as_ref()?.task.parse().ok();
        self.setup.as_ref().map(|setup| setup.task).or_else(told)
    }

    /// Whether anything was trained.
    pub fn has_trained(&self) -> bool {
        self.curve.is_some()
    }

    /// Whether a loss or a parameter was not finite.
    pub fn is_nonfinite(&self) -> bool {
        let ended = self.end.as_ref().is_some_and(|end| end.reason == Reason::Nonfinite);
        ended
            || self.recorded.iter().any(|f| f.id == "nonfinite")
            || self.steps.iter().any(|s| !s.loss.0.is_finite())
    }

    /// How much of what a simple method reaches on the training rows the network has
    /// reached: 0 is a constant prediction, 1 as good as nearest neighbours. Under a robust
    /// loss that is by loss or by R², whichever says more; where classes are weighted, by the
    /// mean of the share of each class that is told. `None` without a trained network,
    /// without data to compare with, and where neighbours are no better than a constant.
    pub fn reach(&self) -> Option<f64> {
        let probe = self.data.as_ref()?.probe.as_ref()?;
        let trained = self.trained.as_ref()?;
        if self.setup.as_ref().is_some_and(|setup| setup.class_weights) {
            return reach_of_weighted(probe, &trained.answers.recall);
        }
        let room = probe.score - probe.chance;
        let by_score = |score: f64| (score - probe.chance) / room;
        let by_score = trained.score.filter(|_| room > 3.0 * probe.deviation).map(by_score);
        let Some((ignorant, told)) = probe.robust else { return by_score };
        let by_loss = (ignorant - trained.loss) / (ignorant - told);
        (told < (1.0 - ROOM) * ignorant).then(|| by_score.map_or(by_loss, |s| s.max(by_loss)))
    }

    /// R² on training rows in the last epoch, where nothing is known of a regression but its
    /// curves: by the errors on training and validation rows, and what R² says of the latter,
    /// both kinds of rows taken to be equally spread. R² = 1 − e²/e'²·(1 − R'²).
    pub fn train_r2(&self) -> Option<f64> {
        let last = self.epochs.last()?;
        let error = |m: &Scores| m.get("rmse").map(|n| n.0);
        let told = last.validation.get("r2")?.0;
        let ratio = error(&last.train)? / error(&last.validation)?;
        Some(1.0 - ratio * ratio * (1.0 - told)).filter(|r2| r2.is_finite())
    }

    /// Whether only curves are known, and these say that the answers explain less than a
    /// tenth of what a regression's numbers differ in, of known and of new rows: errors on
    /// known ones are means over an epoch, of which the first tells little.
    fn explains_nothing(&self) -> bool {
        let new = self.epochs.last().and_then(|e| e.validation.get("r2")).map(|r2| r2.0);
        let known = self.train_r2().filter(|_| self.data.is_none());
        known.zip(new).is_some_and(|(known, new)| known.max(new) < CHANCE)
    }

    /// Whether it trained well. Where nothing can be compared, a loss that fell to
    /// half of what it was, and below that of a constant, is taken for good.
    pub fn is_good(&self) -> bool {
        if self.is_nonfinite() {
            return false;
        }
        match (self.reach(), &self.curve) {
            (Some(reach), _) => reach >= GOOD,
            (None, Some(curve)) => {
                curve.progress() >= 0.5 && !curve.is_constant() && !self.explains_nothing()
            }
            (None, None) => false,
        }
    }

    /// Whether something was trained and did not come out well.
    pub fn is_poor(&self) -> bool {
        (self.has_trained() || self.is_nonfinite()) && !self.is_good()
    }

    /// Whether something was trained and came out no better than a constant.
    pub fn is_at_chance(&self) -> bool {
        if self.is_nonfinite() {
            return false;
        }
        match (self.reach(), &self.curve) {
            (Some(reach), Some(_)) => reach < CHANCE,
            // Of a run that goes on, it is too early to say.
            (None, Some(curve)) => {
                let flat = curve.progress() < NOTHING || curve.begins_no_higher(NOTHING);
                flat || self.end.is_some() && (curve.is_constant() || self.explains_nothing())
            }
            _ => false,
        }
    }

    /// The step until which a training counts as young: the first tenth.
    pub fn youth(&self) -> u64 {
        self.steps.last().map_or(0, |step| step.step / 10).max(1)
    }
}

/// How much of the neighbours' mean recall is reached: who weights classes gives up rows of
/// the common ones for some of the rare. Neighbours that vote tell hardly a rare one; where
/// they tell none, they are no measure.
fn reach_of_weighted(probe: &Probe, recall: &[(u64, u64)]) -> Option<f64> {
    let (theirs, own) = (mean_recall(&probe.recall)?, mean_recall(recall)?);
    let classes = probe.recall.iter().filter(|(all, _)| *all > 0).count() as f64;
    let rarest = probe.recall.iter().map(|(all, _)| *all).filter(|all| *all > 0).min()?;
    let chance = 1.0 / classes;
    // By chance, most of what a mean differs by comes from the class with the fewest rows.
    let deviation = (chance * (1.0 - chance) / rarest as f64).sqrt() / classes;
    (theirs - chance > 3.0 * deviation).then(|| (own - chance) / (theirs - chance))
}

/// The mean over classes of the share of their rows that were answered rightly.
fn mean_recall(recall: &[(u64, u64)]) -> Option<f64> {
    let shares: Vec<f64> = recall
        .iter()
        .filter(|(all, _)| *all > 0)
        .map(|(all, right)| *right as f64 / *all as f64)
        .collect();
    (shares.len() > 1).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A regression of which nothing is known but the errors of one epoch.
    fn curves(train: f64, validation: f64, r2: f64) -> Run {
        let scores = |of: &[(&str, f64)]| -> Scores {
            of.iter().map(|(name, x)| ((*name).into(), (*x).into())).collect()
        };
        let epoch = Epoch {
            train: scores(&[("loss", train * train), ("rmse", train)]),
            validation: scores(&[("rmse", validation), ("r2", r2)]),
            ..Epoch::default()
        };
        let loss = |step: u64| Step {
            step,
            data_loss: (train * train * (1.0 + 2.0 / step as f64)).into(),
            ..Step::default()
        };
        let steps = (1..40).map(loss).collect();
        let end = Some(End::default());
        let mut run = Run { epochs: vec![epoch], steps, end, ..Run::default() };
        run.prepare();
        run
    }

    #[test]
    fn weighted_classes_are_compared_by_their_mean_recall() {
        let of = |recall: &[(u64, u64)]| Probe {
            score: 0.0,
            chance: 0.0,
            deviation: 0.0,
            rows: 0,
            surprise: 0.0,
            recall: recall.to_vec(),
            errors: crate::data::Errors::default(),
            single: 0.0,
            robust: None,
        };
        let neighbours = of(&[(900, 880), (100, 40), (0, 0)]);
        // Fewer rows right in all, and more of the rare class: better than neighbours.
        let reach = reach_of_weighted(&neighbours, &[(900, 800), (100, 80)]).unwrap();
        let (own, theirs) = (800.0 / 900.0 + 0.8 - 1.0, 880.0 / 900.0 + 0.4 - 1.0);
        assert!((reach - own / theirs).abs() < 1e-12 && reach > 1.0);
        // They tell none of the rare rows: no measure.
        assert_eq!(reach_of_weighted(&of(&[(900, 890), (100, 3)]), &[(900, 800), (100, 80)]), None);
    }

    #[test]
    fn errors_of_new_rows_and_their_r2_tell_that_of_known_ones() {
        let by_heart = curves(0.1, 1.0, 0.5);
        assert!((by_heart.train_r2().unwrap() - 0.995).abs() < 1e-12);
        assert!(by_heart.is_good() && !by_heart.is_at_chance());
        // The loss fell to a third, and is four times that of a constant answer still.
        let far_off = curves(2.0, 2.0, -3.0);
        assert!(far_off.is_at_chance() && !far_off.is_good());
        assert_eq!(Run::default().train_r2(), None);
    }
}
