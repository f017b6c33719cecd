//! From what a plan computed for the probes to measures: one pass over each value.

use super::names::Names;
use super::rewritten::Rewritten;
use super::taker::Taker;
use super::{LayerProbes, Probes};
use crate::folder::event::{Histogram, Layer, Step};
use crate::folder::tensors::{Array, Elements};
use crate::measures::{Gram, Life, RowGradients};
use gradwise_cpu::{Device, Plan, State};
use gradwise_graph::ParameterId;
use gradwise_nn::{Loss, Reduction};
use std::rc::Rc;

/// Rows that products with each other are taken of: their cost is the square.
const GRAM_ROWS: usize = 24;
/// Rows of the window over which a unit must be alive once; all of smaller data.
const WINDOW: usize = 4096;
/// Steps of which one at most has the measures that cost more than all the others
/// together: distributions, and what takes the products of rows.
const DEAR: u64 = 20;
/// Before the names of arrays that a checkpoint keeps of a [`Measurer`].
const PREFIX: &str = "probes";

/// The measures of one step.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Those of layers.
    pub layers: Rewritten<Layer>,
    /// Distributions.
    pub histograms: Rewritten<Histogram>,
    /// The norm of the gradient by all parameters, before clipping.
    pub gradient_norm: f64,
    /// How far a single row's gradient is from the mean one: the root of the trace of
    /// its covariance.
    pub gradient_noise: Option<f64>,
    /// Rows of a batch whose gradient is as large as its noise (McCandlish et al. 2018,
    /// "An empirical model of large-batch training", B_simple = tr Σ/|G|²); `None` where
    /// noise is all that is seen.
    pub noise_scale: Option<f64>,
    /// The standard error of the batch's data loss.
    pub loss_noise: f64,
}

impl Measured {
    /// Adds what is measured of the whole gradient to the step's record.
    pub(in crate::run) fn tell(&self, step: &mut Step) {
        step.gradient_norm = Some(self.gradient_norm.into());
        step.gradient_noise = self.gradient_noise.map(Into::into);
        step.noise_scale = self.noise_scale.map(Into::into);
        step.loss_noise = Some(self.loss_noise.into());
    }
}

/// What is remembered from one measured step to the next.
#[derive(Debug)]
pub struct Measurer {
    layers: Vec<Memory>,
    loss: Loss,
    reduction: Reduction,
    /// Steps from one measured step to the next, at least.
    every: u64,
    /// What was taken before, to be written over.
    spare: Measured,
    /// What products of rows were worked out in, to be written over.
    products: Vec<f32>,
}

/// What is remembered of a layer.
#[derive(Debug)]
struct Memory {
    names: Names,
    /// Its units, where they can die.
    units: Option<Life>,
    /// Maxout's pieces.
    pieces: Option<Life>,
}

/// A step that was measured.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// The step.
    pub step: u64,
    /// Rows of its batch.
    pub rows: usize,
    /// The plan that has just run.
    pub plan: &'a Plan,
    /// Its first output that is a probe.
    pub first: usize,
    /// What it ran on.
    pub device: &'a Device,
    /// The parameters after the step.
    pub state: &'a State,
    /// The batch as it was fed.
    pub x: &'a [f32],
    /// What the step added to each parameter, where no update is part of the graph.
    pub added: &'a [(ParameterId, Vec<f64>)],
}

impl<'a> Reading<'a> {
    pub(super) fn of(&self, place: usize) -> &'a [f32] {
        self.plan.output(self.first + place)
    }
}

impl Measurer {
    /// For a run with so many training rows, measured at each `every` steps at most.
    pub fn new(
        probes: &Probes,
        rows: usize,
        (loss, reduction): (Loss, Reduction),
        every: Option<u64>,
    ) -> Measurer {
        let layers = probes.layers.iter().map(|layer| Memory::new(layer, WINDOW.min(rows)));
        let (layers, every) = (layers.collect(), every.unwrap_or(DEAR));
        let (spare, products) = (Measured::default(), Vec::new());
        Measurer { layers, loss, reduction, every, spare, products }
    }

    /// Takes the measures of a step.
    pub fn take(&mut self, probes: &Probes, reading: Reading<'_>) -> Measured {
        let mut measured = self.blank();
        let mut square = 0.0;
        for (layer, memory) in probes.layers.iter().zip(&mut self.layers) {
            let mut taker = Taker { layer, names: &memory.names, reading, to: &mut measured };
            square += taker.moments();
            taker.gradient_signs();
            taker.slopes();
            taker.saturation();
            if layer.name == "output" {
                taker.margins(reading.of(probes.row_losses), self.loss);
            }
            taker.units(memory.units.as_mut());
            taker.pieces(memory.pieces.as_mut());
        }
        let others = probes.others.iter().flat_map(|place| reading.of(*place));
        square += others.map(|g| f64::from(*g).powi(2)).sum::<f64>();
        measured.gradient_norm = square.sqrt();
        measured.loss_noise = self.loss_noise(reading.of(probes.row_losses));
        if self.is_dear(reading.step) {
            self.take_dear(probes, reading, &mut measured);
        }
        measured
    }

    /// Takes back what was told of a step, so that the next has its memory.
    pub fn give_back(&mut self, measured: Measured) {
        self.spare = measured;
    }

    fn blank(&mut self) -> Measured {
        let Measured { mut layers, mut histograms, .. } = std::mem::take(&mut self.spare);
        layers.clear();
        histograms.clear();
        Measured { layers, histograms, ..Measured::default() }
    }

    /// Whether a measured step has the dear measures too: the first of each twenty steps, a
    /// function of the step alone, so that a run that goes on takes the same ones.
    fn is_dear(&self, step: u64) -> bool {
        step.saturating_sub(1) % DEAR < self.every
    }

    /// Takes distributions, in how many directions rows differ, and the gradient's noise.
    fn take_dear(&mut self, probes: &Probes, reading: Reading<'_>, to: &mut Measured) {
        let memory = &mut self.products;
        let mut grams = Grams { reading, known: Vec::new(), memory };
        let mut rows = RowGradients::default();
        for (layer, memory) in probes.layers.iter().zip(&self.layers) {
            let mut taker = Taker { layer, names: &memory.names, reading, to };
            taker.histograms();
            taker.directions(&grams.of(Some(layer.activation)));
            let (input, gradient) = (grams.of(layer.input), grams.of(Some(layer.gradient)));
            rows.add(&input, &gradient, layer.spec.bias.is_some());
        }
        self.noise(rows.variance(), reading.rows, to);
    }

    /// Tells the noise of a gradient; `variance` is that of what a batch of `rows` rows
    /// has of a row's gradient.
    fn noise(&self, variance: Option<f64>, rows: usize, measured: &mut Measured) {
        let (rows, square) = (rows as f64, measured.gradient_norm.powi(2));
        // The variance of a row's own gradient, and the square of their mean.
        let (own, mean) = match self.reduction {
            Reduction::Mean => (variance.map(|v| v * rows * rows), square),
            Reduction::Sum => (variance, square / (rows * rows)),
        };
        measured.gradient_noise = own.map(f64::sqrt);
        // The batch's own noise is part of what its gradient measures.
        let scale = own.map(|own| own / (mean - own / rows));
        measured.noise_scale = scale.filter(|scale| *scale >= 0.0 && scale.is_finite());
    }

    /// The standard error of the mean (or sum) of these losses.
    fn loss_noise(&self, losses: &[f32]) -> f64 {
        let n = losses.len() as f64;
        let mean = losses.iter().map(|l| f64::from(*l)).sum::<f64>() / n;
        let squares: f64 = losses.iter().map(|l| (f64::from(*l) - mean).powi(2)).sum();
        let of_mean = (squares / (n - 1.0).max(1.0) / n).sqrt();
        if self.reduction == Reduction::Mean { of_mean } else { of_mean * n }
    }

    /// What a checkpoint has to keep, so that the next measures are the same.
    pub fn arrays(&self, probes: &Probes) -> Vec<Array> {
        let layers = probes.layers.iter().zip(&self.layers);
        let lives = layers.flat_map(|(layer, memory)| {
            let lives = [("units", &memory.units), ("pieces", &memory.pieces)];
            lives.into_iter().filter_map(|(of, life)| Some((name(layer, of), life.as_ref()?)))
        });
        let array = |(name, life): (String, &Life)| {
            let values = life.memory();
            Array { name, sizes: vec![values.len()], values: Elements::F64(values) }
        };
        lives.map(array).collect()
    }

    /// Goes on from a checkpoint's arrays.
    pub fn recall(&mut self, probes: &Probes, arrays: &[Array]) {
        for (layer, memory) in probes.layers.iter().zip(&mut self.layers) {
            let lives = [("units", &mut memory.units), ("pieces", &mut memory.pieces)];
            for (of, life) in lives {
                let found = arrays.iter().find(|a| a.name == name(layer, of));
                if let (Some(life), Some(array)) = (life, found) {
                    life.recall(array.doubles());
                }
            }
        }
    }
}

fn name(layer: &LayerProbes, of: &str) -> String {
    format!("{PREFIX}/{}/{of}", layer.name)
}

impl Memory {
    fn new(layer: &LayerProbes, window: usize) -> Memory {
        let activation = layer.spec.activation;
        let (units, pieces) = (layer.spec.units, activation.pieces());
        Memory {
            names: Names::of(layer),
            units: activation.lively(0.0).map(|_| Life::new(units, window)),
            pieces: (pieces > 1).then(|| Life::new(units * pieces, window)),
        }
    }
}

/// Products of rows that were taken already: what one layer gives, the next is given.
struct Grams<'a, 'm> {
    reading: Reading<'a>,
    known: Vec<(Option<usize>, Rc<Gram>)>,
    memory: &'m mut Vec<f32>,
}

impl Grams<'_, '_> {
    /// Of the rows at a place; `None`: of the batch as it was fed.
    fn of(&mut self, place: Option<usize>) -> Rc<Gram> {
        if let Some((_, gram)) = self.known.iter().find(|(at, _)| *at == place) {
            return gram.clone();
        }
        let rows = place.map_or(self.reading.x, |place| self.reading.of(place));
        let columns = rows.len() / self.reading.rows.max(1);
        let device = self.reading.device;
        let gram = Rc::new(Gram::of(device, rows, columns, GRAM_ROWS, self.memory));
        self.known.push((place, gram.clone()));
        gram
    }
}
