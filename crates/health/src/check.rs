//! A run file before it is trained: what is wrong, how signals go through the first
//! weights beside what theory says, whether one batch can be learnt, which learning
//! rates work, and what an epoch costs.

use crate::data::Facts;
use crate::doctor::HealthError;
use crate::finding::Verdict;
use crate::judge::{Judgement, judge};
use crate::rules;
use crate::run::Run;
use crate::setup::{Place, Setup};
use crate::survey::Survey;
use crate::theory::{MeanField, Phase, critical_weight_variance};
pub use crate::trial::Rates;
use crate::trial::Steps;
use gradwise_cpu::Device;
use gradwise_nn::{Activation, Optimizer};
use gradwise_train::runfile::Checked;
use serde::Serialize;

/// What is known before training.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// What is wrong.
    #[serde(flatten)]
    pub judgement: Judgement,
    /// The data as the network sees them; `None`, as all that follows, of data that were
    /// refused because of a number that is not finite.
    pub data: Option<Seen>,
    /// Every layer's signal at the first weights.
    pub signals: Vec<Signal>,
    /// How deep such a network can be; `None` without hidden layers, or where theory
    /// does not cover them.
    pub depth: Option<Depth>,
    /// The first loss.
    pub first_loss: Option<f64>,
    /// The loss of the best constant answer, which it should be near.
    pub constant_loss: Option<f64>,
    /// Whether one batch can be learnt; `None` for lbfgs.
    pub one_batch: Option<OneBatch>,
    /// Learning rates that work.
    pub rates: Option<Rates>,
    /// What an epoch costs.
    pub cost: Option<Cost>,
}

/// The data as the network sees them, after pre-processing.
#[derive(Clone, Debug, Serialize)]
pub struct Seen {
    /// Training rows.
    pub rows: usize,
    /// Validation rows.
    pub validation_rows: usize,
    /// Columns of the network's input.
    pub features: usize,
    /// The largest size of any value.
    pub largest: f64,
    /// The means of the features, the least and the most of them.
    pub means: (f64, f64),
    /// Their standard deviations.
    pub deviations: (f64, f64),
    /// How many classes there are; 0 without.
    pub classes: usize,
    /// The share of the smallest class and of the largest.
    pub shares: Option<(f64, f64)>,
    /// The least and the most of the numbers to be predicted, in the loss's units.
    pub targets: Option<(f64, f64)>,
    /// What nearest neighbours score on the training rows (accuracy, or R²), and what a
    /// constant answer does.
    pub neighbours: Option<(f64, f64)>,
}

/// A layer's signal at the first weights, beside mean-field theory.
#[derive(Clone, Debug, Serialize)]
pub struct Signal {
    /// The layer.
    pub layer: String,
    /// Columns that it takes.
    pub inputs: usize,
    /// Its units.
    pub units: usize,
    /// Root mean square of its weighted sums.
    pub preactivation: f64,
    /// The same by theory, from the input's size and the weights' variance on.
    pub predicted_preactivation: Option<f64>,
    /// Root mean square of its activations.
    pub activation: f64,
    /// The same by theory.
    pub predicted_activation: Option<f64>,
    /// Root mean square of a row's loss gradient by its weighted sums.
    pub gradient: f64,
    /// The same by theory, from that of the last hidden layer on down.
    pub predicted_gradient: Option<f64>,
}

/// How deep a network of these layers can be and still train.
#[derive(Clone, Debug, Serialize)]
pub struct Depth {
    /// Hidden layers there are.
    pub layers: usize,
    /// Hidden layers that train: six depth scales (Schoenholz et al. 2017).
    pub trainable: f64,
    /// χ, the factor of the gradient's variance a layer.
    pub chi: f64,
    /// `vanish` below χ = 1, `explode` above, `reach` near it.
    pub gradients: &'static str,
    /// σw² that has χ = 1, and what it is.
    pub critical_weight_variance: Option<f64>,
    /// The σw² there is.
    pub weight_variance: f64,
}

/// One batch learnt by itself.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct OneBatch {
    /// Steps on it.
    pub steps: u64,
    /// Its loss before.
    pub first: f64,
    /// Its loss after.
    pub last: f64,
}

/// What an epoch costs.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Cost {
    /// Learnt numbers.
    pub parameters: u64,
    /// Bytes of parameters and of what the optimizer remembers.
    pub bytes: u64,
    /// Bytes of the values of a step.
    pub step_bytes: u64,
    /// Seconds of a step, as measured.
    pub step_seconds: f64,
    /// Seconds of an epoch at that rate.
    pub epoch_seconds: f64,
}

/// Checks a run file. `seconds` bounds each of the two trials.
///
/// # Errors
/// Whatever is wrong with data, network or machine, but for a number in the data that is
/// not finite, which is a finding.
pub fn check(
    checked: &Checked,
    seconds: f64,
    threads: Option<usize>,
) -> Result<Check, HealthError> {
    let device = Device::new(threads)?;
    let data = match gradwise_data::open(&checked.data) {
        Ok(data) => data,
        Err(error) => {
            let finding = rules::refused(&error).ok_or(error)?;
            return Ok(Check::of(Judgement { verdict: Verdict::Broken, findings: vec![finding] }));
        }
    };
    let resolved = checked.resolve(&data)?;
    let setup = Setup::new(checked, &resolved, data.train.rows());
    let facts = Facts::of(&data, &resolved)?;
    let survey = Survey::of(&device, &resolved, checked.seed, &data, None)?;
    let (signals, depth) = (signals(&setup, &survey), depth(&setup, &survey));
    let constant_loss = facts.targets.baseline(&setup);
    let lbfgs = matches!(checked.train.optimizer, Optimizer::Lbfgs { .. });
    let (mut one_batch, mut rates, mut cost) = (None, None, None);
    if !lbfgs {
        let mut steps = Steps::new(&device, checked, &resolved, &data)?;
        one_batch = Some(steps.one_batch(checked.train.lr, seconds)?);
        rates = steps.rates(checked.train.lr, seconds)?;
        cost = Some(steps.cost());
    }
    let (first_loss, data) = (Some(survey.loss), Some(Seen::of(&facts)));
    let run =
        Run { setup: Some(setup), data: Some(facts), initial: Some(survey), ..Run::default() };
    let judgement = judge(&run);
    Ok(Check { judgement, data, signals, depth, first_loss, constant_loss, one_batch, rates, cost })
}

impl Check {
    /// A judgement alone.
    fn of(judgement: Judgement) -> Check {
        Check {
            judgement,
            data: None,
            signals: Vec::new(),
            depth: None,
            first_loss: None,
            constant_loss: None,
            one_batch: None,
            rates: None,
            cost: None,
        }
    }
}

impl Seen {
    fn of(facts: &Facts) -> Seen {
        let (features, targets) = (&facts.features, &facts.targets);
        let shares = targets.shares();
        let least = targets.columns.iter().map(|c| c.least);
        Seen {
            rows: facts.rows,
            validation_rows: facts.validation_rows,
            features: features.names.len(),
            largest: features.largest.iter().copied().fold(0.0, f64::max),
            means: ends(features.mean.iter().copied()).unwrap_or_default(),
            deviations: ends(features.deviation.iter().copied()).unwrap_or_default(),
            classes: targets.classes.len(),
            shares: ends(shares.into_iter()),
            targets: ends(least.chain(targets.columns.iter().map(|c| c.most))),
            neighbours: facts.probe.as_ref().map(|probe| (probe.score, probe.chance)),
        }
    }
}

/// The least and the most; `None` of nothing.
fn ends(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |ends, x| {
        let (least, most) = ends.unwrap_or((x, x));
        Some((x.min(least), x.max(most)))
    })
}

/// The mean field of a layer with its measured weights.
fn field(place: &Place<'_>, survey: &Survey, last: bool) -> Option<MeanField> {
    let layer = survey.layer(&place.name)?;
    let variance = layer.weight_rms.powi(2) * place.inputs as f64;
    let bias = place.spec.bias.unwrap_or(0.0).powi(2);
    let activation = if last { Activation::Linear } else { place.spec.activation };
    MeanField::new(activation, variance, bias)
}

/// Measured signals beside predicted ones. Forward, theory starts from the input's
/// measured size; backward, from the last hidden layer's measured gradient.
fn signals(setup: &Setup, survey: &Survey) -> Vec<Signal> {
    let places = setup.places();
    let fields: Vec<Option<MeanField>> = places
        .iter()
        .enumerate()
        .map(|(at, place)| field(place, survey, at + 1 == places.len()))
        .collect();
    let mut square = survey.layers.first().map(|l| l.input_rms.powi(2));
    let mut lengths = Vec::new();
    for field in &fields {
        let length = field.zip(square).map(|(f, s)| f.enter(s));
        square = field.zip(length).map(|(f, q)| f.activation_square(q));
        lengths.push((length, square));
    }
    let gradients = predicted_gradients(&places, &fields, &lengths, survey);
    let measured = places.iter().zip(&survey.layers).zip(lengths).zip(gradients);
    measured
        .map(|(((place, layer), (length, square)), gradient)| Signal {
            layer: layer.name.clone(),
            inputs: place.inputs,
            units: place.spec.units,
            preactivation: layer.preactivation_rms,
            predicted_preactivation: length.map(f64::sqrt),
            activation: layer.activation_rms,
            predicted_activation: square.map(f64::sqrt).filter(|_| layer.name != "output"),
            gradient: layer.gradient_rms,
            predicted_gradient: gradient,
        })
        .collect()
}

/// δ² of a layer is δ² of the next times its units over this layer's, times its σw²,
/// times E φ'² here: Schoenholz et al. 2017, equation 17, with finite widths.
fn predicted_gradients(
    places: &[Place<'_>],
    fields: &[Option<MeanField>],
    lengths: &[(Option<f64>, Option<f64>)],
    survey: &Survey,
) -> Vec<Option<f64>> {
    let mut predicted = vec![None; places.len()];
    let Some(start) = places.len().checked_sub(2) else { return predicted };
    let mut above = survey.layers.get(start).map(|l| l.gradient_rms.powi(2));
    let passed = |at: usize, above: Option<f64>| {
        let (place, next) = (places.get(at)?, places.get(at + 1)?);
        let (own, upper) = ((*fields.get(at)?)?, (*fields.get(at + 1)?)?);
        let length = lengths.get(at)?.0?;
        let slope = own.chi(length) / own.weight_variance;
        let widths = next.spec.units as f64 / place.spec.units.max(1) as f64;
        Some(above? * widths * upper.weight_variance * slope)
    };
    for at in (0..start).rev() {
        above = passed(at, above);
        predicted[at] = above.map(f64::sqrt);
    }
    predicted
}

/// The forecast for the hidden layer in the middle.
fn depth(setup: &Setup, survey: &Survey) -> Option<Depth> {
    let hidden = setup.hidden();
    let middle = hidden.get(hidden.len() / 2)?;
    let field = field(middle, survey, false)?;
    let forecast = field.forecast();
    let gradients = match forecast.phase {
        Phase::Ordered => "vanish",
        Phase::Critical => "reach",
        Phase::Chaotic => "explode",
    };
    Some(Depth {
        layers: hidden.len(),
        trainable: forecast.trainable_depth,
        chi: forecast.chi,
        gradients,
        critical_weight_variance: critical_weight_variance(
            middle.spec.activation,
            field.bias_variance,
        ),
        weight_variance: field.weight_variance,
    })
}
