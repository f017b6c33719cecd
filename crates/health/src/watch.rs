//! The judge while a run trains: only what is certain so early.
//!
//! Most rules look back over a whole run, and a healthy one passes through states that
//! would be findings at its end: the loss leaps, layers wake late. Said at once is what
//! does not mend itself: a setup that cannot work, data that a glance shows to be wrong, a
//! loss far above where it started and rising, a layer that no row reaches any more. What
//! it costs is a glance at the start, milliseconds, and a comparison a step.

use crate::data::Facts;
use crate::finding::{evidence, finding, set, short};
use crate::judge::judge;
use crate::rules::{self, Group, Threshold};
use crate::run::Run;
use crate::setup::Setup;
use gradwise_data::Data;
use gradwise_train::folder::event::{Finding, Layer, Severity, Start, Step};
use gradwise_train::run::News;
use gradwise_train::runfile::{Checked, Resolved};

/// How far a loss must have risen.
pub const RISE: Threshold = Threshold {
    of: "data loss of each of five steps, over the largest of the first 64 rows' and that of a \
         uniform answer",
    value: 10.0,
    source: "beyond the edge of stability a healthy run's loss rises several times over before it \
             comes back (Lewkowycz et al. 2020, the catapult); batch noise stays within a factor 2",
};
/// The steps that it must have been so.
const STEPS: u32 = 5;
/// Rows that the first loss is looked for in: single ones may be small by chance.
const FIRST: u64 = 64;

/// What is known of a run under way.
#[derive(Debug, Default)]
pub struct Watch {
    setup: Option<Checked>,
    start: Start,
    /// What the loss is compared with.
    reference: f64,
    /// Steps in a row that were far above it.
    high: u32,
    /// The loss before.
    last: f64,
    /// Layers that were 0 throughout when they were last measured.
    silent: Vec<String>,
    said: Vec<String>,
}

impl Watch {
    /// Of a run that is trained as a run file says.
    pub fn new(checked: &Checked) -> Watch {
        Watch { setup: Some(checked.clone()), ..Watch::default() }
    }

    /// Takes note of what happened; what is wrong and was not said yet.
    pub fn hear(&mut self, news: &News<'_>) -> Vec<Finding> {
        let found = match news {
            News::Start(start) => self.begin(start),
            News::Rows(data, resolved) => self.look(data, resolved),
            News::Step(step) => self.diverges(step).into_iter().collect(),
            News::Layers(layers) => {
                let found = self.dies(layers).into_iter().collect();
                self.note(layers);
                found
            }
            _ => return Vec::new(),
        };
        let new: Vec<_> = found.into_iter().filter(|f| !self.said.contains(&f.id)).collect();
        self.said.extend(new.iter().map(|finding| finding.id.clone()));
        new
    }

    /// The setup alone: what `check` would call an error before it looks at the data.
    fn begin(&mut self, start: &Start) -> Vec<Finding> {
        self.start = start.clone();
        let setup = self.setup.as_ref().and_then(|checked| Setup::of_folder(checked, start));
        let judgement = judge(&Run { setup, ..Run::default() });
        // Whether first weights are too large is a forecast without a look at the data.
        let certain = |f: &Finding| !f.id.starts_with("init-too-");
        let error =
            |f: &Finding| f.severity == Severity::Error && f.caused_by.is_none() && certain(f);
        judgement.findings.into_iter().filter(error).collect()
    }

    /// The data: what `check` would warn of that is there to be seen at once. Rows that are
    /// streamed from disk are left alone.
    fn look(&self, data: &Data, resolved: &Resolved) -> Vec<Finding> {
        let facts = || Facts::at_a_glance(data, resolved).ok().flatten();
        let Some(facts) = data.streamed.is_none().then(facts).flatten() else { return Vec::new() };
        let setup = self.setup.as_ref().map(|own| Setup::new(own, resolved, data.train.rows()));
        let judgement = judge(&Run { setup, data: Some(facts), ..Run::default() });
        let of_data = |f: &Finding| rules::find(&f.id).is_some_and(|r| r.group == Group::Data);
        let counts = |f: &Finding| {
            f.caused_by.is_none()
                && (f.severity > Severity::Info && of_data(f) || f.severity == Severity::Error)
                && !f.id.starts_with("init-too-")
                // Rare classes harm only where they are hard to tell, which takes more.
                && f.id != "class-imbalance"
        };
        judgement.findings.into_iter().filter(counts).collect()
    }

    fn diverges(&mut self, step: &Step) -> Option<Finding> {
        let loss = step.data_loss.0;
        if step.step <= FIRST.div_ceil(self.start.batch.max(1) as u64) {
            self.reference = self.reference.max(loss).max(self.uniform());
        }
        let (high, rises) = (loss > RISE.value * self.reference, loss > self.last);
        self.last = loss;
        self.high = if high { self.high + 1 } else { 0 };
        (self.high >= STEPS && rises).then(|| self.diverged(step))
    }

    /// The loss of a uniform answer to classes; 0 where there is no such thing.
    fn uniform(&self) -> f64 {
        let classes = self.start.outputs.len();
        if self.start.task == "classification" { (classes.max(1) as f64).ln() } else { 0.0 }
    }

    fn diverged(&self, step: &Step) -> Finding {
        let times = step.data_loss.0 / self.reference;
        let lr = crate::finding::one_digit(step.lr / 10.0);
        Finding {
            id: "lr-too-high".into(),
            step: Some(step.step),
            evidence: evidence([
                ("loss", step.data_loss.0),
                ("loss_over_first", times),
                ("lr", step.lr),
            ]),
            because: Some(format!("steps at lr = {} overshoot", short(step.lr))),
            remedies: vec![set("train.lr", lr, "steps do not overshoot")],
            ..finding(
                Severity::Error,
                format!("the loss diverges: it is {} times where it started", short(times)),
            )
        }
    }

    /// A hidden layer all of whose units are dead passes nothing up and nothing down. The
    /// window that tells it takes long to fill: two batches in a row for which a layer is
    /// 0 throughout leave no doubt, either.
    fn dies(&self, layers: &[Layer]) -> Option<Finding> {
        let of = |measure: &str| -> Vec<&Layer> {
            let full = |l: &&Layer| l.measure == measure && l.value.0 >= 1.0 && l.layer != "output";
            layers.iter().filter(full).collect()
        };
        let (dead, zero) = (of("units.dead"), of("activation.zeros"));
        let again = zero.iter().find(|l| self.silent.contains(&l.layer));
        let dead = *dead.first().or(again)?;
        Some(Finding {
            id: "dead-units".into(),
            layer: Some(dead.layer.clone()),
            step: Some(dead.step),
            evidence: evidence([("dead", dead.value.0)]),
            because: Some("no row reaches its units, so they get no gradient and stay so".into()),
            remedies: vec![
                set("model.activation", "leaky-relu(0.01)", "a slope on both sides"),
                set("model.bias", 0.1, "starts units awake"),
            ],
            ..finding(Severity::Error, format!("every unit of {} is dead", dead.layer))
        })
    }

    /// Takes note of the layers that are 0 throughout.
    fn note(&mut self, layers: &[Layer]) {
        let zero = |l: &&Layer| l.measure == "activation.zeros" && l.value.0 >= 1.0;
        self.silent = layers.iter().filter(zero).map(|l| l.layer.clone()).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(watch: &mut Watch, step: u64, loss: f64) -> Vec<Finding> {
        watch.hear(&News::Step(&Step { step, data_loss: loss.into(), ..Step::default() }))
    }

    fn watching(batch: usize) -> Watch {
        let (task, outputs) = ("classification".into(), vec![String::new(); 10]);
        let mut watch = Watch::default();
        watch.hear(&News::Start(&Start { task, outputs, batch, ..Start::default() }));
        watch
    }

    #[test]
    fn a_diverging_loss_is_said_once_and_after_a_few_steps() {
        let mut watch = watching(64);
        let found: Vec<_> =
            (1..20).filter_map(|i| hear(&mut watch, i, 3f64.powi(i as i32)).pop()).collect();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].id.as_str(), found[0].step), ("lr-too-high", Some(8)));
        assert!(found[0].message.contains("2187 times"), "{}", found[0].message);
    }

    #[test]
    fn a_loss_that_leaps_or_comes_back_is_left_alone() {
        let mut watch = watching(1);
        // Single rows differ widely, and the very first may be right by chance.
        assert!(hear(&mut watch, 1, 1e-3).is_empty());
        for step in 2..2000 {
            let loss = if step % 4 == 0 { 60.0 } else { 0.1 };
            assert!(hear(&mut watch, step, loss).is_empty());
        }
        let mut watch = watching(64);
        for (step, loss) in
            [2.3, 9.0, 80.0, 150.0, 90.0, 60.0, 40.0, 30.0, 25.0, 8.0, 2.0].iter().enumerate()
        {
            assert!(hear(&mut watch, step as u64 + 1, *loss).is_empty(), "a catapult");
        }
    }

    #[test]
    fn a_layer_without_a_living_unit_is_said() {
        let mut watch = watching(64);
        let mut hear = |layer: &str, dead: f64| {
            let (layer, measure) = (layer.into(), "units.dead".into());
            watch.hear(&News::Layers(&[Layer { step: 9, layer, measure, value: dead.into() }]))
        };
        assert!(hear("dense1", 0.97).is_empty() && hear("output", 1.0).is_empty());
        let found = hear("dense2", 1.0).pop().unwrap();
        assert_eq!((found.id.as_str(), found.layer.as_deref()), ("dead-units", Some("dense2")));
    }

    #[test]
    fn a_layer_that_is_zero_twice_in_a_row_is_dead() {
        let mut watch = watching(64);
        let mut hear = |step, zeros: f64| {
            let (layer, measure) = ("dense1".into(), "activation.zeros".into());
            watch.hear(&News::Layers(&[Layer { step, layer, measure, value: zeros.into() }])).pop()
        };
        assert!(hear(1, 1.0).is_none() && hear(2, 0.99).is_none() && hear(3, 1.0).is_none());
        assert_eq!(hear(4, 1.0).map(|f| f.id), Some("dead-units".into()));
    }
}
