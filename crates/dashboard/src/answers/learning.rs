//! Is it learning? One word and one sentence.

use gradwise_health::Run;
use gradwise_view::terminal::significant;
use serde::Serialize;

/// The answer.
#[derive(Debug, PartialEq, Serialize)]
pub struct Learning {
    /// Yes, no, or nobody can tell yet.
    pub answer: Answer,
    /// In a sentence.
    pub text: String,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// The loss falls, or has fallen.
    Yes,
    /// Only a little so far.
    Little,
    /// It does not.
    No,
    /// Too little is known.
    Unknown,
}

/// A loss that lost less than this share of what a constant answer has, or of its first
/// value, has not fallen: the judge's bound for `not-learning`.
const NOTHING: f64 = 0.02;
/// Less than this share is little.
const LITTLE: f64 = 0.1;
/// A loss that fell by more than this share over the last quarter still falls.
const FALLING: f64 = 0.01;

/// Whether a run learns.
pub fn of(run: &Run) -> Learning {
    let say = |answer, text: String| Learning { answer, text };
    if run.is_nonfinite() {
        let lost = run.steps.iter().find(|step| !step.loss.0.is_finite()).map(|step| step.step);
        let found = run.recorded.iter().find(|f| f.id == "nonfinite").and_then(|f| f.step);
        let place = lost.or(found).map_or(String::new(), |step| format!(" at step {step}"));
        return say(Answer::No, format!("numbers stopped being finite{place}"));
    }
    let Some(curve) = &run.curve else {
        return say(Answer::Unknown, "no step was recorded yet".into());
    };
    let (from, to) = (significant(curve.first), significant(curve.last()));
    if curve.blocks.len() < 2 {
        return say(Answer::Unknown, format!("too early to tell; the loss is {to}"));
    }
    let progress = curve.progress();
    let tail = match curve.recent_gain() {
        gain if gain > FALLING => "and still falls",
        gain if gain < -FALLING => "and rises of late",
        _ => "and is level now",
    };
    if progress < NOTHING {
        return say(Answer::No, format!("the loss went from {from} to {to}: it has not fallen"));
    }
    if let Some(bound) = curve.bound.filter(|_| curve.is_constant()) {
        let constant = significant(bound);
        let text = format!("the loss is {to}, no less than the {constant} of a constant answer");
        return say(Answer::No, text);
    }
    let answer = if progress < LITTLE { Answer::Little } else { Answer::Yes };
    say(answer, format!("the loss fell from {from} to {to} {tail}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradwise_train::folder::event::{Event, Step};

    fn run(loss: impl Fn(u64) -> f64) -> Run {
        let mut run = Run::default();
        let step = |i| {
            let loss = loss(i).into();
            Event::Step(Step { step: i, loss, data_loss: loss, ..Step::default() })
        };
        run.take((1..=100).map(step).collect());
        run.prepare();
        run
    }

    #[test]
    fn the_answer_is_in_the_curve() {
        let falling = of(&run(|i| 2.0 / i as f64));
        assert_eq!(falling.answer, Answer::Yes);
        assert!(falling.text.contains("still falls"), "{}", falling.text);
        assert_eq!(of(&run(|_| 2.0)).answer, Answer::No);
        assert_eq!(of(&run(|i| 2.0 - i as f64 / 1000.0)).answer, Answer::Little);
        let broken = of(&run(|i| if i < 7 { 1.0 } else { f64::NAN }));
        assert_eq!(broken.text, "numbers stopped being finite at step 7");
        assert_eq!(of(&Run::default()).answer, Answer::Unknown);
    }
}
