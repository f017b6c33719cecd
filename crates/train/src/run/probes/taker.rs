//! The measures of one layer at one step.

use super::LayerProbes;
use super::measurer::{Measured, Reading};
use super::names::{Extra, Names};
use super::rewritten::write_over;
use crate::measures::{self, Counted, Gram, Life, SATURATED};
use gradwise_graph::ops::Moments;
use gradwise_graph::{Operation, Tensor};
use gradwise_nn::{Activation, Loss};

/// The places of some values among [`super::MEASURED`].
const ACTIVATION: usize = 2;
const WEIGHT: usize = 4;
const WEIGHT_GRADIENT: usize = 5;
const UPDATE: usize = 6;

/// A layer of which measures are taken.
pub(super) struct Taker<'a> {
    pub layer: &'a LayerProbes,
    pub names: &'a Names,
    pub reading: Reading<'a>,
    pub to: &'a mut Measured,
}

impl<'a> Taker<'a> {
    /// Takes the moments; the sum of squares of the weight's gradient.
    pub fn moments(&mut self) -> f64 {
        for (index, place) in self.layer.moments.iter().enumerate() {
            let values = place.map_or(&[][..], |place| self.reading.of(place));
            self.record_moments(index, values.iter().map(|x| f64::from(*x)));
        }
        let added = self.added();
        if let Some(added) = &added {
            self.record_moments(UPDATE, added.data().iter().copied());
        }
        let update = self
            .square(UPDATE)
            .or(added.as_ref().and_then(|a| Some(square(*a.data().first_chunk()?))));
        if let (Some(update), Some(weight)) = (update, self.square(WEIGHT)) {
            self.put(Extra::UpdateRatio, (update / weight).sqrt());
        }
        self.square(WEIGHT_GRADIENT).unwrap_or(0.0)
    }

    /// The moments of what a step added to the weight, where the graph does not add it.
    fn added(&self) -> Option<Tensor> {
        let weight = self.layer.weight?;
        let (_, values) = self.reading.added.iter().find(|(id, _)| *id == weight)?;
        Some(Moments.value(&[&Tensor::vector(values.as_slice())], &[]))
    }

    fn record_moments(&mut self, index: usize, values: impl Iterator<Item = f64>) {
        // The count of elements is no measure: it never changes.
        for (name, value) in self.names.moments(index).iter().zip(values.skip(1)) {
            self.record(name, value);
        }
    }

    /// A statistic of value number `index` of [`super::MEASURED`].
    fn statistic(&self, index: usize, name: &str) -> Option<f64> {
        let place = (*self.layer.moments.get(index)?)?;
        let at = Moments::NAMES.iter().position(|n| *n == name)?;
        self.reading.of(place).get(at).map(|x| f64::from(*x))
    }

    /// The sum of squares of a value.
    fn square(&self, index: usize) -> Option<f64> {
        let moments = self.reading.of((*self.layer.moments.get(index)?)?);
        Some(square(moments.first_chunk()?.map(f64::from)))
    }

    /// The share of units all of whose weight gradients have one sign.
    pub fn gradient_signs(&mut self) {
        if let Some([sums, sizes]) = self.layer.signs {
            let (sums, sizes) = (self.reading.of(sums), self.reading.of(sizes));
            self.put(Extra::OneSigned, measures::share_one_signed(sums, sizes));
        }
    }

    /// PReLU's α.
    pub fn slopes(&mut self) {
        let Some(slope) = self.layer.slope else { return };
        let alpha = self.reading.state.values(slope);
        let alpha = alpha.iter().map(|a| f64::from(*a));
        let count = alpha.len().max(1) as f64;
        self.put(Extra::SlopeLeast, alpha.clone().fold(f64::INFINITY, f64::min));
        self.put(Extra::SlopeMean, alpha.clone().sum::<f64>() / count);
        self.put(Extra::SlopeMost, alpha.fold(f64::NEG_INFINITY, f64::max));
    }

    /// The share of activations with a slope far under the steepest. Of ReLU it is the
    /// share of zeros, which is healthy and told among the moments.
    pub fn saturation(&mut self) {
        let activation = self.layer.spec.activation;
        let lively = activation.lively(SATURATED).filter(|_| activation != Activation::Relu);
        if let Some(lively) = lively {
            let values = self.reading.of(self.layer.activation);
            self.put(Extra::Saturated, measures::share_outside(values, narrow(lively)));
        }
    }

    /// In how many directions, and how much, rows differ.
    pub fn directions(&mut self, activation: &Gram) {
        self.put(Extra::Rank, activation.rank());
        self.put(Extra::Spread, activation.spread());
    }

    /// The share of rows that keep their margin under hinge.
    pub fn margins(&mut self, row_losses: &[f32], loss: Loss) {
        if let Loss::Hinge(_) = loss {
            let kept = row_losses.iter().filter(|loss| **loss == 0.0).count();
            self.put(Extra::Satisfied, kept as f64 / row_losses.len().max(1) as f64);
        }
    }

    /// The share of units that slept through a window.
    pub fn units(&mut self, life: Option<&mut Life>) {
        let (Some(life), Some(lively)) = (life, self.layer.spec.activation.lively(0.0)) else {
            return;
        };
        life.see(self.reading.of(self.layer.activation), narrow(lively));
        if let Some(dead) = life.dead() {
            self.put(Extra::Dead, dead);
        }
    }

    /// What each of maxout's pieces wins, and the share of those that won nothing in a
    /// window.
    pub fn pieces(&mut self, life: Option<&mut Life>) {
        let (Some(life), Some(place)) = (life, self.layer.pieces) else { return };
        let wins = life.compete(self.reading.of(place), self.layer.spec.activation.pieces());
        let all = wins.iter().sum::<u64>().max(1) as f64;
        for (name, wins) in self.names.pieces().iter().zip(wins) {
            self.record(name, wins as f64 / all);
        }
        if let Some(idle) = life.dead() {
            self.put(Extra::Idle, idle);
        }
    }

    /// The distributions of activations, gradients and weights.
    pub fn histograms(&mut self) {
        let (reading, layer) = (self.reading, self.layer);
        let ends = |index| {
            let end = |name| self.statistic(index, name).map(|x| x as f32);
            Some((end("min")?, end("max")?))
        };
        let (activation, weight) = (ends(ACTIVATION), ends(WEIGHT));
        self.histogram("activation", reading.of(layer.activation), activation);
        self.histogram("preactivation-gradient", reading.of(layer.gradient), None);
        if let Some(id) = layer.weight {
            self.histogram("weight", &reading.state.values(id), weight);
        }
    }

    fn histogram(&mut self, of: &str, values: &[f32], ends: Option<(f32, f32)>) {
        let Counted { low, high, counts } = measures::histogram(values, ends);
        let histogram = self.to.histograms.next();
        histogram.step = self.reading.step;
        write_over(&mut histogram.layer, &self.layer.name);
        write_over(&mut histogram.of, of);
        (histogram.low, histogram.high) = (f64::from(low).into(), f64::from(high).into());
        histogram.counts.clear();
        histogram.counts.extend(counts);
    }

    /// Records a measure beside the moments.
    fn put(&mut self, extra: Extra, value: f64) {
        self.record(self.names.extra(extra), value);
    }

    fn record(&mut self, measure: &str, value: f64) {
        let record = self.to.layers.next();
        (record.step, record.value) = (self.reading.step, value.into());
        write_over(&mut record.layer, &self.layer.name);
        write_over(&mut record.measure, measure);
    }
}

/// The sum of squares of what has these moments.
fn square([count, mean, deviation]: [f64; 3]) -> f64 {
    count * (mean * mean + deviation * deviation)
}

fn narrow((low, high): (f64, f64)) -> (f32, f32) {
    (low as f32, high as f32)
}
