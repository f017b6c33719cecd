//! One round: remedies of what is wrong, in short runs, then the promising ones in full
//! runs, then the test.

use super::candidates::{Remedies, candidates};
use super::change::{Change, Part};
use super::gain::{self, Asked, Gain, LEVEL, Score};
use super::workshop::Workshop;
use super::{Fixed, Tried, honest, roots, scores, usual};
use crate::doctor::HealthError;
use gradwise_train::folder::event::{Finding, Severity};
use gradwise_trials::VariantReport;

/// Rounds of trying, keeping and judging again.
const ROUNDS: usize = 6;
/// The most changes that get full runs.
const PROMISING: usize = 3;
/// The looks at a round's full runs: so many times the seeds, at which level, and what
/// part of the budget that is left it may take. A fault that strikes under every second
/// seed shows over nine of them, not over three; a small gain over twenty-four.
const LOOKS: [(u32, f64, f64); 3] =
    [(1, LEVEL / 2.0, 1.0), (3, LEVEL / 4.0, 0.8), (8, LEVEL / 4.0, 0.3)];
/// The most changes that are asked for again.
const UNCLEAR: usize = 2;

/// What a round starts on: what was kept, or a change that did not help by itself.
pub(super) struct Start {
    /// Remedies are put on top of it.
    pub change: Change,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

/// A round, with what was found so far.
pub(super) struct Round<'r, 'w> {
    pub workshop: &'r mut Workshop<'w>,
    pub fixed: &'r mut Fixed,
    pub score: Score,
}

/// Full runs of some changes beside what was kept before.
struct Look {
    /// Their places in [`Fixed::tried`].
    places: Vec<usize>,
    changes: Vec<Change>,
    after: Vec<VariantReport>,
    gains: Vec<Gain>,
    /// The p-value that proves.
    level: f64,
}

impl Round<'_, '_> {
    /// Rounds until nothing is wrong or helps; then, if nothing did or it is still no
    /// training, with the usual settings.
    pub fn rounds(&mut self, mut on: Start) -> Result<(), HealthError> {
        for _ in 0..ROUNDS {
            match self.run(&on)? {
                Some(next) => on = next,
                None => break,
            }
        }
        let broken = self.fixed.left.iter().any(|f| f.severity == Severity::Error);
        if self.fixed.kept.parts.is_empty() || broken {
            let usual = usual::changes(self.workshop, &self.fixed.kept, &self.fixed.left);
            self.try_out(usual)?;
        }
        Ok(())
    }

    /// Tries what may help. What the next round starts on; `None` where there is nothing
    /// more to try.
    pub fn run(&mut self, on: &Start) -> Result<Option<Start>, HealthError> {
        let known: Vec<Change> = self.fixed.tried.iter().map(|t| t.change.clone()).collect();
        let changes = candidates(&remedies(&on.findings), &on.change, &known);
        self.try_out(changes)
    }

    /// The same with given changes.
    pub fn try_out(&mut self, changes: Vec<Change>) -> Result<Option<Start>, HealthError> {
        let changes = self.workshop.possible(changes);
        if changes.is_empty() || self.workshop.is_over() {
            return Ok(None);
        }
        let promising = self.screen(changes)?;
        let Some((look, won)) = self.looks(promising)? else { return Ok(None) };
        let Some(at) = won.or_else(|| look.highest(self.score)) else { return Ok(None) };
        let next = Start { change: look.changes[at].clone(), findings: roots(&look.after[at]) };
        if won.is_some() {
            self.fixed.tried[look.places[at]].kept = true;
            self.fixed.kept = next.change.clone();
            self.fixed.after = scores(&look.after[at], self.score);
            self.fixed.left = next.findings.clone();
        }
        Ok(Some(next))
    }

    /// Looks at full runs until something is proven, nothing is left to hope for, or it
    /// would take too long: the last look, and the place in it of what won.
    fn looks(&mut self, places: Vec<usize>) -> Result<Option<(Look, Option<usize>)>, HealthError> {
        let (mut asked, mut last) = (places, None);
        for (times, level, part) in LOOKS {
            let seeds = times * self.workshop.seeds();
            let runs = (asked.len() + 1) * seeds as usize;
            if asked.is_empty() || (last.is_some() && !self.workshop.affords(runs, part)) {
                break;
            }
            let kind = if times == 1 { Asked::InTurn } else { Asked::AtOnce };
            let Some(look) = self.look(asked, seeds, (kind, level))? else { break };
            let won = look.best(self.score);
            asked = look.unclear();
            last = Some((look, won));
            if won.is_some() {
                break;
            }
        }
        Ok(last)
    }

    /// Leaves out of what was kept what it does not need: parts that were put together
    /// one after the other are not all to be thanked.
    pub fn prune(&mut self) -> Result<(), HealthError> {
        let seeds = self.fixed.after.len() as u32;
        while self.fixed.kept.parts.len() > 1 && !self.workshop.is_over() {
            let places = 0..self.fixed.kept.parts.len();
            let fewer: Vec<Change> = places.map(|at| self.fixed.kept.without(at)).collect();
            let all: Vec<&Change> = std::iter::once(&self.fixed.kept).chain(&fewer).collect();
            self.workshop.say("full runs without each of the parts");
            let reports = self.workshop.full(&all, seeds)?;
            let Some(reports) = reports.into_iter().collect::<Option<Vec<_>>>() else { break };
            let Some((kept, rest)) = reports.split_first() else { break };
            let all_there =
                rest.iter().chain([kept]).all(|r| scores(r, self.score).len() == seeds as usize);
            let as_good = |(part, report): (&Part, &VariantReport)| {
                !honest::is_due(part)
                    && gain::is_as_good(report, kept, self.score)
                    && roots(report).len() <= roots(kept).len()
            };
            let mut parts = self.fixed.kept.parts.iter().zip(rest);
            let Some(at) = parts.position(as_good).filter(|_| all_there) else { break };
            self.fixed.kept = fewer[at].clone();
            self.fixed.after = scores(&rest[at], self.score);
            self.fixed.left = roots(&rest[at]);
            let (change, full) = (self.fixed.kept.clone(), self.fixed.after.clone());
            self.fixed.tried.push(Tried { change, full, kept: true, ..Tried::default() });
        }
        Ok(())
    }

    /// Changes in short runs; the places of the promising ones, the best first. One
    /// alone needs none.
    fn screen(&mut self, changes: Vec<Change>) -> Result<Vec<usize>, HealthError> {
        let begin = self.fixed.tried.len();
        if changes.len() == 1 {
            self.fixed.tried.extend(changes.into_iter().map(Tried::of));
            return Ok(vec![begin]);
        }
        self.fixed.tried.extend(changes.into_iter().map(Tried::of));
        let tried = &mut self.fixed.tried[begin..];
        let changes = tried.iter().map(|t| &t.change);
        let all: Vec<&Change> = std::iter::once(&self.fixed.kept).chain(changes).collect();
        self.workshop.say(&format!("{} in short runs", several(tried.len())));
        let reports = self.workshop.short(&all)?;
        let score = self.score;
        let mut means = reports.iter().map(|report| Some(gain::mean(report.as_ref()?, score)));
        let bar = means.next().flatten().unwrap_or(f64::NEG_INFINITY);
        for (tried, mean) in tried.iter_mut().zip(means) {
            tried.short = mean;
        }
        let short = |at: &usize| tried[*at].short;
        let mut order: Vec<usize> = (0..tried.len()).filter(|at| short(at).is_some()).collect();
        order.sort_by(|a, b| short(b).unwrap_or(bar).total_cmp(&short(a).unwrap_or(bar)));
        // A short run may be too short for any of them to show; then the first has to do.
        let ahead = order.iter().filter(|at| short(at) >= Some(bar)).count().max(1);
        order.truncate(ahead.min(PROMISING));
        Ok(order.into_iter().map(|at| begin + at).collect())
    }

    /// Full runs and their test; `None` if they were stopped before two seeds had
    /// ended.
    fn look(
        &mut self,
        places: Vec<usize>,
        seeds: u32,
        (asked, level): (Asked, f64),
    ) -> Result<Option<Look>, HealthError> {
        let of = |at: &usize| self.fixed.tried[*at].change.clone();
        let changes: Vec<Change> = places.iter().map(of).collect();
        let all: Vec<&Change> = std::iter::once(&self.fixed.kept).chain(&changes).collect();
        self.workshop.say(&format!("{} in full runs over {seeds} seeds", several(changes.len())));
        let reports = self.workshop.full(&all, seeds)?;
        let mut pairs = places.into_iter().zip(changes).zip(reports.iter().skip(1));
        let Some(before) = reports.first().cloned().flatten() else { return Ok(None) };
        let (mut places, mut changes, mut after) = (Vec::new(), Vec::new(), Vec::new());
        for ((place, change), report) in pairs.by_ref() {
            let Some(report) = report.clone() else { continue };
            // What the budget cut short says as much as the seeds that ended.
            if scores(&report, self.score).len() > 1 {
                places.push(place);
                changes.push(change);
                after.push(report);
            }
        }
        if after.is_empty() || scores(&before, self.score).len() < 2 {
            return Ok(None);
        }
        if self.fixed.kept.parts.is_empty() {
            self.fixed.before = scores(&before, self.score);
        }
        let pairs: Vec<(&VariantReport, &Change)> = after.iter().zip(&changes).collect();
        let gains = gain::gains(&before, &pairs, self.score, asked);
        for ((at, after), gain) in places.iter().zip(&after).zip(&gains) {
            let tried = &mut self.fixed.tried[*at];
            (tried.gain, tried.p, tried.by_loss) = (Some(gain.score), Some(gain.p), gain.by_loss);
            tried.full = scores(after, self.score);
        }
        Ok(Some(Look { places, changes, after, gains, level }))
    }
}

impl Look {
    /// The change to keep: the best of the proven ones, or a simpler one that is as good
    /// as the seeds can tell.
    fn best(&self, score: Score) -> Option<usize> {
        let proven: Vec<usize> =
            (0..self.gains.len()).filter(|i| self.gains[*i].p <= self.level).collect();
        let mean = |at: &usize| gain::mean(&self.after[*at], score);
        let top = proven.iter().copied().max_by(|a, b| mean(a).total_cmp(&mean(b)))?;
        let good = |at: &usize| gain::is_as_good(&self.after[*at], &self.after[top], score);
        let alike = proven.into_iter().filter(good);
        alike.min_by_key(|at| (self.changes[*at].settings().len(), *at != top))
    }

    /// The change with the highest mean.
    fn highest(&self, score: Score) -> Option<usize> {
        let mean = |at: &usize| gain::mean(&self.after[*at], score);
        (0..self.after.len()).max_by(|a, b| mean(a).total_cmp(&mean(b)))
    }

    /// The places of those that may help after all.
    fn unclear(&self) -> Vec<usize> {
        let hope = |gain: &Gain| gain.p < 0.5 || gain.score > 0.0;
        let mut higher: Vec<usize> = (0..self.gains.len()).collect();
        higher.retain(|i| hope(&self.gains[*i]));
        higher.sort_by(|a, b| self.gains[*b].score.total_cmp(&self.gains[*a].score));
        higher.into_iter().map(|i| self.places[i]).take(UNCLEAR).collect()
    }
}

fn several(changes: usize) -> String {
    format!("{changes} change{}", if changes == 1 { "" } else { "s" })
}

/// The causes' remedies, in the order of the findings.
fn remedies(findings: &[Finding]) -> Vec<Remedies> {
    let of = |finding: &Finding| {
        finding.remedies.iter().map(|remedy| Part::of(&finding.id, remedy)).collect()
    };
    findings.iter().map(of).collect()
}
