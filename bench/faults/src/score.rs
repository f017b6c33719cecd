//! The figures over some records.

use crate::mend::Mended;
use crate::record::Record;
use gradwise_health::Verdict;
use std::fmt::Write;

/// A count of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share(pub usize, pub usize);

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent = 100.0 * self.0 as f64 / self.1.max(1) as f64;
        match self.1 {
            0 => f.write_str("–"),
            all => write!(f, "{}/{all} ({percent:.1} %)", self.0),
        }
    }
}

/// How often the judge was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// Sick runs with an alarm after training.
    pub found: Share,
    /// Healthy runs with an alarm after or before training.
    pub alarms: Share,
    /// Sick runs with a right root among the roots.
    pub right: Share,
    /// Right roots of all roots.
    pub precise: Share,
    /// Sick runs that were known before the first step.
    pub before: Share,
    /// Remarks made of those asked for.
    pub remarks: Share,
    /// Of sick runs with something to try, those that `doctor --fix` is proven to have
    /// made better.
    pub mended: Share,
    /// Of these runs, those that then reach the score of their healthy twin, if they
    /// have one.
    pub restored: Share,
}

impl Score {
    /// Over some records.
    pub fn of<'a>(records: impl Iterator<Item = &'a Record>) -> Score {
        let (sick, well): (Vec<&Record>, Vec<&Record>) = records.partition(|r| r.sick);
        let count = |of: &[&Record], is: fn(&Record) -> bool| {
            Share(of.iter().filter(|r| is(r)).count(), of.len())
        };
        let named: usize = sick.iter().map(|r| r.roots.len()).sum();
        let spurious: usize = sick.iter().map(|r| r.spurious()).sum();
        let asked: Vec<&Record> = well.iter().copied().filter(|r| r.remarked.is_some()).collect();
        let tries = sick.iter().filter_map(|r| r.mended.as_ref());
        let tries: Vec<&Mended> = tries.filter(|m| m.has_remedy()).collect();
        let reach: Vec<bool> = tries.iter().filter_map(|m| m.reaches()).collect();
        Score {
            found: count(&sick, |r| r.verdict != Verdict::Healthy),
            alarms: count(&well, Record::alarmed),
            right: count(&sick, Record::is_right),
            precise: Share(named - spurious, named),
            before: count(&sick, |r| r.before != Verdict::Healthy),
            remarks: count(&asked, |r| r.remarked == Some(true)),
            mended: Share(tries.iter().filter(|m| m.proven).count(), tries.len()),
            restored: Share(reach.iter().filter(|is| **is).count(), reach.len()),
        }
    }
}

/// What measuring and judging cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spent {
    /// Share of the training time that measuring took.
    pub measuring: f64,
    /// The median of seconds that judging a run took.
    pub judging: f64,
    /// Hours of training in all.
    pub training: f64,
}

impl Spent {
    /// Over some records.
    pub fn of(records: &[Record]) -> Spent {
        let sum = |of: fn(&Record) -> f64| records.iter().map(of).sum::<f64>();
        let mut judging: Vec<f64> = records.iter().map(|r| r.cost.judging).collect();
        judging.sort_by(f64::total_cmp);
        let training = sum(|r| r.cost.training);
        Spent {
            measuring: sum(|r| r.cost.measuring) / training.max(1e-9),
            judging: judging.get(judging.len() / 2).copied().unwrap_or(0.0),
            training: training / 3600.0,
        }
    }
}

/// When sick runs were first known to be so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alarms {
    /// Before the first step.
    pub before: Share,
    /// While they trained.
    pub during: Share,
    /// Quartiles of the steps of the latter.
    pub steps: Option<[f64; 3]>,
    /// The same as shares of the runs, as long as they would have been.
    pub shares: Option<[f64; 3]>,
}

impl Alarms {
    /// By `check` before training, `train` and `doctor` after it.
    pub fn of(records: &[Record]) -> Alarms {
        Alarms::by(records, |record| {
            record.cost.alarm.filter(|at| *at == 0 || *at < record.cost.steps)
        })
    }

    /// By `train` alone, which has not looked at the data.
    pub fn live(records: &[Record]) -> Alarms {
        Alarms::by(records, |record| record.cost.live)
    }

    fn by(records: &[Record], alarm: impl Fn(&Record) -> Option<u64>) -> Alarms {
        let sick: Vec<&Record> = records.iter().filter(|r| r.sick).collect();
        let early = |record: &&&Record| alarm(record) == Some(0);
        let during = sick.iter().filter_map(|record| {
            let step = alarm(record).filter(|step| *step > 0)? as f64;
            Some((step, step / record.cost.planned.max(record.cost.steps).max(1) as f64))
        });
        let (steps, shares): (Vec<f64>, Vec<f64>) = during.unzip();
        Alarms {
            before: Share(sick.iter().filter(early).count(), sick.len()),
            during: Share(steps.len(), sick.len()),
            steps: quartiles(steps),
            shares: quartiles(shares),
        }
    }
}

/// The first quartile, the median and the third; `None` of nothing.
fn quartiles(mut values: Vec<f64>) -> Option<[f64; 3]> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let at = |share: f64| values.get((share * last as f64).round() as usize).copied();
    Some([at(0.25)?, at(0.5)?, at(0.75)?])
}

/// The figures as lines, and what went wrong.
pub fn text(records: &[Record]) -> String {
    let mut out = String::new();
    for (name, held) in [("tuned on ", false), ("kept back", true)] {
        let s = Score::of(records.iter().filter(|r| r.held_out == held));
        let _ = writeln!(
            out,
            "{name}: found {}, false alarms {}, roots {}, precision {}, known before {}, remarks {}, mended {}, twin reached {}",
            s.found, s.alarms, s.right, s.precise, s.before, s.remarks, s.mended, s.restored
        );
    }
    let (spent, alarms) = (Spent::of(records), Alarms::of(records));
    let _ = writeln!(
        out,
        "measuring {:.1} % of the training, judging {:.2} s a run; alarms before the first step {}, in training {}",
        100.0 * spent.measuring,
        spent.judging,
        alarms.before,
        alarms.during
    );
    let live = Alarms::live(records);
    let _ = writeln!(
        out,
        "train alone: at the start {}, in training {}, steps {:?}, shares {:?}",
        live.before, live.during, live.steps, live.shares
    );
    for record in records.iter().filter(|r| !is_fine(r)) {
        let _ = writeln!(out, "{}", record.line());
    }
    out
}

/// Whether nothing is to be said against a judgement.
pub fn is_fine(record: &Record) -> bool {
    match record.sick {
        true => record.verdict != Verdict::Healthy && record.is_right() && record.spurious() == 0,
        false => !record.alarmed() && record.remarked != Some(false),
    }
}
