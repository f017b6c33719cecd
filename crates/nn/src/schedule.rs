//! Learning-rate schedules: what the base rate is multiplied by at each step.
//!
//! Written as up to two parts: `warmup(500) cosine` rises linearly for 500 steps,
//! then follows the cosine over the remaining ones. `warmup(500)` alone stays at
//! the base rate afterwards.

use crate::call::{self, Call, Family, ParseError};
use std::f64::consts::PI;
use std::fmt;
use std::str::FromStr;

/// A schedule: a warm-up (of 0 steps for none), then a decay.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Schedule {
    /// Steps of linear rise: step s (from 0) has (s + 1)/(warmup + 1) of the rate
    /// (Goyal et al. 2017).
    pub warmup: u64,
    /// What follows.
    pub decay: Decay,
}

/// How the rate falls.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Decay {
    /// It does not.
    #[default]
    Constant,
    /// × `factor` every `epochs` epochs: PyTorch's `StepLR`.
    Step {
        /// Epochs between two falls.
        epochs: u64,
        /// What the rate is multiplied by.
        factor: f64,
    },
    /// ½(1 + cos πt/T), t of the T steps after the warm-up: Loshchilov and Hutter
    /// 2017, PyTorch's `CosineAnnealingLR` with `eta_min` 0, by steps.
    Cosine,
    /// × `factor` after more than `patience` epochs without improvement: PyTorch's
    /// `ReduceLROnPlateau`; see [`Plateau`].
    Plateau {
        /// Epochs without improvement that are tolerated.
        patience: u64,
        /// What the rate is multiplied by.
        factor: f64,
    },
}

/// Where a training stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// The step to be taken, from 0.
    pub step: u64,
    /// The epoch it belongs to, from 0.
    pub epoch: u64,
    /// All steps of the training.
    pub total_steps: u64,
    /// What [`Plateau`] multiplies the rate by; 1 where there is none.
    pub plateau: f64,
}

static FAMILY: Family = Family {
    kind: "schedule",
    forms: &[
        "constant",
        "step(epochs, factor)",
        "cosine",
        "warmup(steps)",
        "plateau(patience, factor)",
    ],
    elsewhere: &[
        ("none", "constant"),
        ("reduce-lr-on-plateau", "plateau"),
        ("reducelronplateau", "plateau"),
        ("multistep", "step"),
        ("exponential", "step"),
        ("cosineannealinglr", "cosine"),
        ("onecycle", "warmup"),
        ("linear", "warmup"),
    ],
};

impl Schedule {
    /// The learning rate of the next step, from the base rate.
    pub fn lr(&self, base: f64, progress: &Progress) -> f64 {
        if progress.step < self.warmup {
            return base * (progress.step + 1) as f64 / (self.warmup as f64 + 1.0);
        }
        base * match self.decay {
            Decay::Constant => 1.0,
            Decay::Step { epochs, factor } => factor.powf((progress.epoch / epochs.max(1)) as f64),
            Decay::Cosine => {
                let span = progress.total_steps.saturating_sub(self.warmup).max(1) as f64;
                let at = ((progress.step - self.warmup) as f64 / span).min(1.0);
                0.5 * (1.0 + (PI * at).cos())
            }
            Decay::Plateau { .. } => progress.plateau,
        }
    }

    /// All forms that can be written in a run file.
    pub fn forms() -> &'static [&'static str] {
        FAMILY.forms
    }
}

/// The state of a plateau schedule: lowers the rate when a metric (lower is
/// better) stops improving by at least a ten-thousandth, as PyTorch's
/// `ReduceLROnPlateau` with its defaults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plateau {
    /// The best metric so far.
    pub best: f64,
    /// Epochs since it improved.
    pub waited: u64,
    /// What the rate is multiplied by now.
    pub factor: f64,
}

impl Default for Plateau {
    fn default() -> Self {
        Plateau { best: f64::INFINITY, waited: 0, factor: 1.0 }
    }
}

impl Plateau {
    /// PyTorch's relative threshold.
    const THRESHOLD: f64 = 1e-4;

    /// Takes note of an epoch's metric; does nothing for other schedules.
    pub fn observe(&mut self, decay: Decay, metric: f64) {
        let Decay::Plateau { patience, factor } = decay else { return };
        if metric < self.best * (1.0 - Self::THRESHOLD) {
            (self.best, self.waited) = (metric, 0);
            return;
        }
        self.waited += 1;
        if self.waited > patience {
            self.factor *= factor;
            self.waited = 0;
        }
    }
}

fn part(call: &Call<'_>) -> Result<Decay, ParseError> {
    let factor =
        |x: &str| call.number(x, "a number above 0 and at most 1", |x| x > 0.0 && x <= 1.0);
    Ok(match (call.name, &call.arguments[..]) {
        ("constant", []) => Decay::Constant,
        ("cosine", []) => Decay::Cosine,
        ("step", [epochs, by]) => {
            Decay::Step { epochs: call.count(epochs, 1)? as u64, factor: factor(by)? }
        }
        ("plateau", [patience, by]) => {
            Decay::Plateau { patience: call.count(patience, 0)? as u64, factor: factor(by)? }
        }
        _ => return Err(call.miscounted()),
    })
}

impl FromStr for Schedule {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let parts = call::split(text, ' ');
        let (first, second) = match parts[..] {
            [only] => (FAMILY.read(only)?, None),
            [first, second] => (FAMILY.read(first)?, Some(FAMILY.read(second)?)),
            _ => return Err(form(text, "it has more than two parts, or none")),
        };
        match (first.name, &first.arguments[..], second) {
            ("warmup", [steps], second) => {
                let warmup = first.count(steps, 0)? as u64;
                let decay = second.map_or(Ok(Decay::Constant), |call| part(&call))?;
                Ok(Schedule { warmup, decay })
            }
            (_, _, None) => Ok(Schedule { warmup: 0, decay: part(&first)? }),
            _ => Err(form(text, "of two parts, the first is the warm-up")),
        }
    }
}

fn form(text: &str, reason: &str) -> ParseError {
    ParseError::Form {
        kind: "schedule",
        text: text.into(),
        reason: reason.into(),
        form: "cosine or warmup(100) cosine".into(),
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.warmup, self.decay) {
            (0, decay) => write!(f, "{decay}"),
            (steps, Decay::Constant) => write!(f, "warmup({steps})"),
            (steps, decay) => write!(f, "warmup({steps}) {decay}"),
        }
    }
}

impl fmt::Display for Decay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Decay::Constant => f.write_str("constant"),
            Decay::Cosine => f.write_str("cosine"),
            Decay::Step { epochs, factor } => write!(f, "step({epochs}, {factor})"),
            Decay::Plateau { patience, factor } => write!(f, "plateau({patience}, {factor})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(text: &str, steps: u64, steps_per_epoch: u64) -> Vec<f64> {
        let schedule: Schedule = text.parse().unwrap();
        let at = |step| Progress {
            step,
            epoch: step / steps_per_epoch,
            total_steps: steps,
            plateau: 1.0,
        };
        (0..steps).map(|step| schedule.lr(0.1, &at(step))).collect()
    }

    fn agrees(found: &[f64], expected: &[f64]) {
        let near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(near && found.len() == expected.len(), "{found:?}, not {expected:?}");
    }

    /// The numbers come from `tests/torch/schedules.py`.
    #[test]
    fn step_and_cosine_are_pytorchs() {
        agrees(&rates("step(2, 0.5)", 6, 1), &[0.1, 0.1, 0.05, 0.05, 0.025, 0.025]);
        let cosine = [0.1, 0.090450849719, 0.065450849719, 0.034549150281, 0.009549150281];
        agrees(&rates("cosine", 5, 1), &cosine);
        agrees(&rates("step(1, 0.1)", 4, 2), &[0.1, 0.1, 0.01, 0.01]);
    }

    /// As above.
    #[test]
    fn plateau_is_pytorchs() {
        let schedule: Schedule = "plateau(1, 0.1)".parse().unwrap();
        let mut plateau = Plateau::default();
        let mut found = Vec::new();
        for metric in [1.0, 0.9, 0.9, 0.89999, 0.95, 0.8, 0.9, 0.9, 0.9, 0.9] {
            let at = Progress { step: 0, epoch: 0, total_steps: 1, plateau: plateau.factor };
            found.push(schedule.lr(0.1, &at));
            plateau.observe(schedule.decay, metric);
        }
        agrees(&found, &[0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01, 0.001, 0.001]);
    }

    #[test]
    fn a_warmup_rises_to_the_base_rate_and_goes_before_a_decay() {
        agrees(&rates("warmup(3)", 5, 1), &[0.025, 0.05, 0.075, 0.1, 0.1]);
        let both = rates("warmup(1) cosine", 3, 1);
        agrees(&both, &[0.05, 0.1, 0.05]);
        assert!(rates("warmup(9) cosine", 3, 1).iter().all(|lr| lr.is_finite()));
    }

    #[test]
    fn texts_are_read_and_written() {
        for text in
            ["constant", "cosine", "step(3, 0.5)", "warmup(10) plateau(2, 0.1)", "warmup(7)"]
        {
            assert_eq!(text.parse::<Schedule>().map(|s| s.to_string()), Ok(text.to_string()));
        }
        for wrong in
            ["", "cosine cosine", "cosine warmup(3)", "step(0, 0.5)", "step(2, 2)", "a b c"]
        {
            assert!(wrong.parse::<Schedule>().is_err(), "{wrong:?}");
        }
        let message = "warmpu(5)".parse::<Schedule>().unwrap_err().to_string();
        assert!(message.contains("did you mean \"warmup\"?"), "{message}");
    }
}
