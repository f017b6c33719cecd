//! The keys of `[model]`: hidden layers in short or long form, and the output.

use super::check::parse;
use super::checked::Model;
use super::elsewhere;
use super::error::RunFileError;
use super::key::Key;
use super::keys::{self, LAYER};
use super::spec::{Spec, check_kind};
use super::suggest::nearest;
use super::value::{Item, Value, Word};
use gradwise_nn::call::plain;
use gradwise_nn::{Activation, Init, LayerSpec};

/// More hidden layers than this are a slip of the pen.
const MOST_LAYERS: u64 = 10_000;

/// Reads `[model]`, with the penalties of `[regularize]`.
pub(super) fn model(spec: &Spec) -> Result<Model, RunFileError> {
    let default = LayerSpec {
        bias: bias(spec.get("model.bias")),
        dropout: spec.number("model.dropout"),
        l1: spec.number("regularize.l1"),
        l2: spec.number("regularize.l2"),
        penalize_bias: spec.flag("regularize.biases"),
        ..LayerSpec::new(
            1,
            spec.required_choice("model.activation")?,
            spec.required_choice("model.init")?,
        )
    };
    Ok(Model {
        features: spec.required_choice("model.features")?,
        output: spec.choice("model.output")?,
        output_init: spec.choice("model.output-init")?.unwrap_or(default.init),
        output_bias: bias(spec.get("model.output-bias")),
        l1: default.l1,
        l2: default.l2,
        penalize_bias: default.penalize_bias,
        hidden: hidden(spec, &default)?,
    })
}

/// A number, or none for `false`.
fn bias(item: Option<Item>) -> Option<f64> {
    item.and_then(|i| i.value.number())
}

fn hidden(spec: &Spec, default: &LayerSpec) -> Result<Vec<LayerSpec>, RunFileError> {
    let (width, depth) = (spec.get("model.width"), spec.get("model.depth"));
    match (spec.get("model.layers"), width, depth) {
        (Some(_), Some(short), _) | (Some(_), _, Some(short)) => {
            let error = short.error("the model has both `layers` and the short form");
            Err(error.help("keep either layers, or width and depth"))
        }
        (Some(Item { value: Value::List(items), .. }), None, None) => {
            items.iter().map(|item| layer(item, default)).collect()
        }
        (_, None, Some(depth)) if depth.value != Value::Whole(0) => {
            Err(depth.error("`depth` says how many layers, but not how wide").help("add width"))
        }
        (_, None, _) => Ok(Vec::new()),
        (_, Some(_), depth) => {
            let count = depth.as_ref().map_or(1, |_| spec.whole("model.depth"));
            if count > MOST_LAYERS {
                let message = format!("{count} layers are more than {MOST_LAYERS}");
                return Err(spec.error("model.depth", message));
            }
            let units = spec.whole("model.width") as usize;
            Ok(vec![LayerSpec { units, ..default.clone() }; count as usize])
        }
    }
}

/// The keys of a layer that do not exist, and the values that are not of their kind.
pub(super) fn mistakes(item: &Item) -> Vec<RunFileError> {
    let Value::Table(pairs) = &item.value else { return Vec::new() };
    let wrong = |(word, value): &(Word, Item)| match key(word) {
        Some(key) => check_kind(key, key.name, value).err(),
        None => Some(unknown(word)),
    };
    pairs.iter().filter_map(wrong).collect()
}

fn key(word: &Word) -> Option<&'static Key> {
    LAYER.iter().find(|key| key.name == word.text)
}

fn layer(item: &Item, default: &LayerSpec) -> Result<LayerSpec, RunFileError> {
    let Value::Table(pairs) = &item.value else {
        return Err(item.error("a layer is a table, such as { units = 100 }"));
    };
    let mut layer = LayerSpec { units: 0, ..default.clone() };
    for (word, value) in pairs {
        let key = key(word).ok_or_else(|| unknown(word))?;
        set(&mut layer, key, value)?;
    }
    if layer.units == 0 {
        return Err(item.error("a layer without `units`").help("add units = 100"));
    }
    Ok(layer)
}

fn set(layer: &mut LayerSpec, key: &Key, item: &Item) -> Result<(), RunFileError> {
    let number = || item.value.number().unwrap_or_default();
    match key.name {
        "units" => layer.units = number() as usize,
        "activation" => layer.activation = parse::<Activation>(item)?,
        "init" => layer.init = parse::<Init>(item)?,
        "bias" => layer.bias = bias(Some(item.clone())),
        "dropout" => layer.dropout = number(),
        "l1" => layer.l1 = number(),
        "l2" => layer.l2 = number(),
        _ => {}
    }
    Ok(())
}

fn unknown(word: &Word) -> RunFileError {
    let message = format!("unknown key `{}` of a layer", word.text);
    let names = || LAYER.iter().map(|k| k.name);
    // Of the model's keys, width is a layer's units; the others have the same names.
    let elsewhere = elsewhere::key(&word.text).and_then(keys::find).map(|key| match key.short() {
        "width" => "units",
        short => short,
    });
    let own = elsewhere.filter(|name| names().any(|known| known == *name));
    let help = match own.or_else(|| nearest(&plain(&word.text), names())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the keys of a layer are {}", names().collect::<Vec<_>>().join(", ")),
    };
    RunFileError::new(Some(word.place.clone()), message).help(help)
}
