//! From what was written to what can run: choices are parsed, keys that exclude
//! each other refused, paths anchored.

use super::checked::{Checked, ClassWeights, Health, LossChoice, Train};
use super::error::{Place, RunFileError};
use super::key::Key;
use super::keys;
use super::spec::{Spec, listed};
use super::value::{Item, Value};
use super::{layers, paths};
use crate::folder::event::Severity;
use gradwise_data::{DataSpec, Split};
use gradwise_nn::optimizer::Setting;
use gradwise_nn::{Optimizer, Schedule};
use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;

/// Checks what was written. `path` is the run file's, for relative paths in it.
///
/// # Errors
/// The first mistake of each section, with its place and what would be right.
pub fn check(mut spec: Spec, path: &Path) -> Result<Checked, RunFileError> {
    paths::anchor(&mut spec, path);
    follow_set(&mut spec);
    let (data, model) = (data(&spec, path), layers::model(&spec));
    let (loss, train) = (loss(&spec), train(&spec));
    let mistakes = [
        refuse_inapplicable(&spec).err(),
        data.as_ref().err().cloned(),
        model.as_ref().err().cloned(),
        loss.as_ref().err().cloned(),
        train.as_ref().err().cloned(),
    ];
    RunFileError::all(mistakes.into_iter().flatten().collect())?;
    Ok(Checked {
        seed: spec.whole("seed"),
        data: data?,
        model: model?,
        loss: loss?,
        train: train?,
        health: health(&spec),
        path: path.into(),
        spec,
    })
}

/// What the command line changes takes along what the file says for its
/// alternative: a new optimizer drops the settings of the old one, a new width the
/// list of layers, a new list the width and depth.
fn follow_set(spec: &mut Spec) {
    if spec.was_set("train.optimizer") {
        let optimizer = spec.optimizer();
        for key in keys::all().filter(|k| !k.applies_to(&optimizer)) {
            if !spec.was_set(key.name) {
                spec.forget(key.name);
            }
        }
    }
    if spec.was_set("model.layers") && spec.given("model.layers").is_some() {
        for name in ["model.width", "model.depth"] {
            if !spec.was_set(name) {
                spec.forget(name);
            }
        }
    } else if spec.was_set("model.width") {
        spec.forget("model.layers");
    }
}

fn refuse_inapplicable(spec: &Spec) -> Result<(), RunFileError> {
    let optimizer = spec.optimizer();
    let wrong = spec.all_given().filter_map(|(name, item)| Some((keys::find(name)?, item)));
    let Some((key, item)) = wrong.into_iter().find(|(key, _)| !key.applies_to(&optimizer)) else {
        return Ok(());
    };
    let message = format!("`{}` does not apply to the optimizer {optimizer}", key.name);
    let own = keys::all().filter(|k| !k.applies.is_empty() && k.applies_to(&optimizer));
    let own: Vec<&str> = own.map(Key::short).collect();
    let help = format!("it is for {}; {optimizer} has {}", key.applies.join(", "), own.join(", "));
    Err(item.error(message).help(help))
}

fn data(spec: &Spec, path: &Path) -> Result<DataSpec, RunFileError> {
    let Some(source) = spec.get("data.source") else {
        let place = spec.all_given().find_map(|(_, item)| item.place.clone());
        let place = place.map(|p| Place { span: 0..0, ..p });
        let error = RunFileError::new(place, "`data.source` is missing");
        return Err(error.help("write [data] and source = \"digits\", or the path of a file"));
    };
    Ok(DataSpec {
        target: spec.texts("data.target"),
        task: spec.choice("data.task")?,
        split: split(spec)?,
        fold: spec.choice("data.fold")?,
        shuffle: spec.flag("data.shuffle"),
        validation: spec.text("data.validation"),
        test: spec.text("data.test"),
        preprocess: spec.choices("data.preprocess")?,
        limit: spec.get("data.limit").map(|_| spec.whole("data.limit") as usize),
        seed: spec.whole(if spec.get("data.seed").is_some() { "data.seed" } else { "seed" }),
        base_dir: path.parent().map(Into::into),
        categorical: spec.texts("data.categorical"),
        numeric: spec.texts("data.numeric"),
        ignore: spec.texts("data.ignore"),
        missing: spec.required_choice("data.missing")?,
        memory: spec.choice("data.memory")?,
        cache: spec.text("data.cache").map(Into::into),
        image_size: spec.get("data.image-size").map(|item| size(&item.value)),
        ..DataSpec::new(source.value.text().unwrap_or_default())
    })
}

fn size(value: &Value) -> (usize, usize) {
    let side = |value: &Value| value.number().map_or(1, |x| x as usize);
    match value {
        Value::List(items) => match &items[..] {
            [height, width] => (side(&height.value), side(&width.value)),
            _ => (1, 1),
        },
        value => (side(value), side(value)),
    }
}

fn split(spec: &Spec) -> Result<Split, RunFileError> {
    let Some(item) = spec.get("data.split") else { return Ok(Split::default()) };
    let Value::Table(pairs) = &item.value else { return Ok(Split::default()) };
    let mut shares = [None; 3];
    for (word, share) in pairs {
        let parts = ["train", "validation", "test"];
        let Some(at) = parts.iter().position(|part| *part == word.text) else {
            let message = format!("`{}` is no part of a split", word.text);
            let error = RunFileError::new(Some(word.place.clone()), message);
            return Err(error.help("the parts are train, validation and test"));
        };
        let number = share.value.number();
        shares[at] = Some(number.ok_or_else(|| {
            share.error(format!("the share of {} is {}, not a number", word.text, share.value))
        })?);
    }
    Split::new(shares[0], shares[1], shares[2]).map_err(|e| item.error(e.to_string()))
}

fn loss(spec: &Spec) -> Result<LossChoice, RunFileError> {
    let class_weights = match spec.get("loss.class-weights").map(|i| i.value) {
        Some(Value::List(items)) => {
            ClassWeights::Given(items.iter().filter_map(|i| i.value.number()).collect())
        }
        Some(Value::Text(word)) if word == "balanced" => ClassWeights::Balanced,
        _ => ClassWeights::None,
    };
    let reduction = spec.required_choice("loss.reduction")?;
    let (kind, scale_target) = (spec.choice("loss.kind")?, spec.flag("data.scale-target"));
    Ok(LossChoice { kind, reduction, class_weights, scale_target })
}

fn train(spec: &Spec) -> Result<Train, RunFileError> {
    let optimizer = optimizer(spec)?;
    let full = matches!(optimizer, Optimizer::Lbfgs { .. });
    if full && spec.number("model.dropout") > 0.0 {
        let error = spec.error("model.dropout", "dropout does not go with the optimizer lbfgs");
        return Err(error.help("lbfgs needs the same loss each time; take adam, or no dropout"));
    }
    Ok(Train {
        epochs: spec.whole("train.epochs"),
        batch: (!full).then(|| spec.whole("train.batch") as usize),
        optimizer,
        lr: spec.number("train.lr"),
        schedule: if full { Schedule::default() } else { spec.required_choice("train.schedule")? },
        clip: spec.optional_number("train.clip"),
        precision: spec.choice("train.precision")?.unwrap_or_default(),
        monitor: spec.required_choice("train.monitor")?,
        keep_best: keep_best(spec),
        checkpoint: spec.number("train.checkpoint"),
        early_stop: spec.get("train.early-stop").map(|_| spec.whole("train.early-stop")),
        max_seconds: spec.optional_number("train.max-seconds"),
    })
}

/// Whether the best epoch's weights are kept: by default where early stopping
/// looks for the best epoch.
fn keep_best(spec: &Spec) -> bool {
    match spec.text("train.keep") {
        Some(word) => word == "best",
        None => spec.get("train.early-stop").is_some(),
    }
}

fn optimizer(spec: &Spec) -> Result<Optimizer, RunFileError> {
    let mut optimizer: Optimizer = spec.required_choice("train.optimizer")?;
    for (name, _) in optimizer.settings() {
        let Some(item) = spec.get(&format!("train.{name}")) else { continue };
        let setting = match item.value {
            Value::Flag(flag) => Setting::Flag(flag),
            _ => Setting::Number(item.value.number().unwrap_or_default()),
        };
        optimizer.set(name, setting).map_err(|e| item.error(e.to_string()))?;
    }
    if let Optimizer::Sgd { momentum: 0.0, nesterov: true, .. } = optimizer {
        let error = spec.error("train.nesterov", "nesterov needs a momentum above 0");
        return Err(error.help("write momentum = 0.9 too, or nesterov = false"));
    }
    Ok(optimizer)
}

fn health(spec: &Spec) -> Health {
    let every = spec.get("health.every").filter(|i| matches!(i.value, Value::Whole(_)));
    let stop_on = match spec.text("health.stop-on").as_deref() {
        Some("warn") => Some(Severity::Warn),
        Some("error") => Some(Severity::Error),
        _ => None,
    };
    Health { every: every.map(|_| spec.whole("health.every")), stop_on }
}

/// Values whose kind was checked when they were read; a default stands in where a
/// key has none.
impl Spec {
    pub(super) fn error(&self, name: &str, message: impl Into<String>) -> RunFileError {
        RunFileError::new(self.get(name).and_then(|i| i.place), message)
    }

    pub(super) fn whole(&self, name: &str) -> u64 {
        match self.get(name).map(|i| i.value) {
            Some(Value::Whole(n)) => u64::try_from(n).unwrap_or(0),
            _ => 0,
        }
    }

    pub(super) fn optional_number(&self, name: &str) -> Option<f64> {
        self.get(name).and_then(|i| i.value.number())
    }

    pub(super) fn number(&self, name: &str) -> f64 {
        self.optional_number(name).unwrap_or_default()
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|i| i.value == Value::Flag(true))
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(|i| i.value.text().map(str::to_string))
    }

    /// One string, or those of an array.
    fn texts(&self, name: &str) -> Vec<String> {
        self.get(name).map_or(Vec::new(), |item| {
            listed(&item).filter_map(|i| i.value.text().map(str::to_string)).collect()
        })
    }

    fn choices<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Vec<T>, RunFileError> {
        self.get(name).map_or(Ok(Vec::new()), |item| listed(&item).map(parse).collect())
    }

    pub(super) fn choice<T: FromStr<Err: Display>>(
        &self,
        name: &str,
    ) -> Result<Option<T>, RunFileError> {
        self.get(name).as_ref().map(parse).transpose()
    }

    pub(super) fn required_choice<T: FromStr<Err: Display>>(
        &self,
        name: &str,
    ) -> Result<T, RunFileError> {
        self.choice(name)?.ok_or_else(|| RunFileError::new(None, format!("`{name}` is missing")))
    }
}

/// Reads a choice such as `leaky-relu(0.01)`.
pub(super) fn parse<T: FromStr<Err: Display>>(item: &Item) -> Result<T, RunFileError> {
    let text = item.value.text().unwrap_or_default();
    text.parse().map_err(|e: T::Err| item.error(e.to_string()))
}
