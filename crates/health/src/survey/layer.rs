//! One layer over a window of rows: sizes of signals and gradients, and each unit's
//! life.

use crate::theory::Pointwise;
use gradwise_cpu::Device;
use gradwise_nn::{Activation, LayerSpec};
use gradwise_train::measures::{Gram, SATURATED, share_one_signed};

/// Rows that the effective rank is computed on: its cost is their square.
const RANK_ROWS: usize = 128;

/// What was seen of one layer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerSurvey {
    /// Its name.
    pub name: String,
    /// Its units.
    pub units: usize,
    /// Root mean square of its input.
    pub input_rms: f64,
    /// Root mean square of its weighted sums.
    pub preactivation_rms: f64,
    /// Mean of its activations.
    pub activation_mean: f64,
    /// Root mean square of its activations.
    pub activation_rms: f64,
    /// Root mean square of a row's loss gradient by the weighted sums.
    pub gradient_rms: f64,
    /// Root mean square of its weights.
    pub weight_rms: f64,
    /// Root mean square of the batch's loss gradient by its weights.
    pub weight_gradient_rms: f64,
    /// How much a unit's activation differs from row to row, relative to
    /// [`LayerSurvey::activation_rms`].
    pub spread: f64,
    /// Share of units that have no slope on any row of the window.
    pub dead: f64,
    /// Share of activations with a slope under 5.9 % of the steepest; 0 for
    /// functions that do not saturate on both sides.
    pub saturated: f64,
    /// Share of units all of whose weight gradients have one sign.
    pub one_signed: f64,
    /// The number of directions in which activations vary: (Σλ)²/Σλ² of their
    /// covariance (participation ratio).
    pub rank: f64,
    /// Share of maxout pieces that never win.
    pub idle: f64,
    /// The least and the most of PReLU's α.
    pub slopes: Option<(f32, f32)>,
    /// Whether all units have the same weights.
    pub twins: bool,
    /// Whether some value was not finite.
    pub nonfinite: bool,
}

/// What one batch shows of a layer, row-major.
pub(super) struct Block<'a> {
    pub rows: usize,
    pub input: &'a [f32],
    pub preactivation: &'a [f32],
    pub activation: &'a [f32],
    pub gradient: &'a [f32],
    pub weight: &'a [f32],
    pub weight_gradient: &'a [f32],
}

/// Collects blocks.
pub(super) struct Watch {
    pub name: String,
    spec: LayerSpec,
    rows: usize,
    input: Squares,
    preactivation: Squares,
    activation: Squares,
    gradient: Squares,
    weight: Squares,
    weight_gradient: Squares,
    /// Sum and sum of squares of each unit's activation.
    units: Vec<(f64, f64)>,
    alive: Vec<bool>,
    saturated: usize,
    wins: Vec<bool>,
    one_signed: f64,
    rank: f64,
    twins: bool,
}

/// Sums of a value and its square.
#[derive(Clone, Copy, Default)]
struct Squares {
    count: f64,
    sum: f64,
    square: f64,
}

impl Squares {
    fn add(&mut self, values: &[f32]) {
        for x in values.iter().map(|x| f64::from(*x)) {
            self.sum += x;
            self.square += x * x;
        }
        self.count += values.len() as f64;
    }

    fn mean(&self) -> f64 {
        self.sum / self.count.max(1.0)
    }

    fn rms(&self) -> f64 {
        (self.square / self.count.max(1.0)).sqrt()
    }
}

impl Watch {
    pub fn new(name: &str, spec: &LayerSpec) -> Watch {
        let none = Squares::default();
        Watch {
            name: name.into(),
            spec: spec.clone(),
            rows: 0,
            input: none,
            preactivation: none,
            activation: none,
            gradient: none,
            weight: none,
            weight_gradient: none,
            units: vec![(0.0, 0.0); spec.units],
            alive: vec![false; spec.units],
            saturated: 0,
            wins: vec![false; spec.units * spec.activation.pieces()],
            one_signed: 0.0,
            rank: 0.0,
            twins: false,
        }
    }

    pub fn add(&mut self, device: &Device, block: &Block<'_>) {
        let units = self.spec.units;
        if self.rows == 0 {
            self.weight.add(block.weight);
            self.weight_gradient.add(block.weight_gradient);
            let columns = units * self.spec.activation.pieces();
            self.one_signed = one_signed(block.weight_gradient, columns);
            self.twins = units > 1 && are_twins(block.weight, columns);
            self.rank =
                Gram::of(device, block.activation, units, RANK_ROWS, &mut Vec::new()).rank();
        }
        self.input.add(block.input);
        self.preactivation.add(block.preactivation);
        self.activation.add(block.activation);
        // The loss is a mean: a row's own gradient is so many times larger.
        let own: Vec<f32> = block.gradient.iter().map(|g| g * block.rows as f32).collect();
        self.gradient.add(&own);
        for row in block.activation.chunks_exact(units.max(1)) {
            for (unit, y) in self.units.iter_mut().zip(row) {
                let y = f64::from(*y);
                *unit = (unit.0 + y, unit.1 + y * y);
            }
        }
        self.live(block.preactivation);
        self.rows += block.rows;
    }

    /// Takes note of which units have a slope, and which saturate.
    fn live(&mut self, preactivation: &[f32]) {
        let (units, activation) = (self.spec.units, self.spec.activation);
        let pieces = activation.pieces();
        let slopes = matches!(activation, Activation::Sigmoid | Activation::Tanh);
        let bound = SATURATED * activation.facts().steepest;
        let pointwise = Pointwise::new(activation);
        for row in preactivation.chunks_exact((units * pieces).max(1)) {
            if pieces > 1 {
                self.win(row);
            }
            for (unit, z) in row.iter().take(units).enumerate() {
                let slope = pointwise.map_or(1.0, |f| f.slope(f64::from(*z)).abs());
                self.alive[unit] |= slope > 0.0;
                self.saturated += usize::from(slopes && slope < bound);
            }
        }
    }

    fn win(&mut self, row: &[f32]) {
        for unit in 0..self.spec.units {
            let pieces = row.iter().enumerate().skip(unit).step_by(self.spec.units);
            if let Some((winner, _)) = pieces.max_by(|a, b| a.1.total_cmp(b.1)) {
                self.wins[winner] = true;
            }
        }
    }

    pub fn finish(&self, slopes: Option<Vec<f32>>) -> LayerSurvey {
        let rows = self.rows.max(1) as f64;
        let share = |hits: usize, of: usize| hits as f64 / of.max(1) as f64;
        let variance = |(sum, square): &(f64, f64)| (square / rows - (sum / rows).powi(2)).max(0.0);
        let spread = self.units.iter().map(variance).sum::<f64>() / self.units.len().max(1) as f64;
        let rms = self.activation.rms();
        let dead = self.alive.iter().filter(|alive| !**alive).count();
        let idle = self.wins.iter().filter(|won| !**won).count();
        let ends = slopes.map(|s| {
            s.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)))
        });
        LayerSurvey {
            name: self.name.clone(),
            units: self.spec.units,
            input_rms: self.input.rms(),
            preactivation_rms: self.preactivation.rms(),
            activation_mean: self.activation.mean(),
            activation_rms: rms,
            gradient_rms: self.gradient.rms(),
            weight_rms: self.weight.rms(),
            weight_gradient_rms: self.weight_gradient.rms(),
            spread: if rms > 0.0 { spread.sqrt() / rms } else { 0.0 },
            dead: share(dead, self.alive.len()),
            saturated: share(self.saturated, self.rows * self.spec.units),
            one_signed: self.one_signed,
            rank: self.rank,
            idle: if self.spec.activation.pieces() > 1 {
                share(idle, self.wins.len())
            } else {
                0.0
            },
            slopes: ends,
            twins: self.twins,
            nonfinite: !(self.activation.square + self.gradient.square).is_finite(),
        }
    }
}

/// Share of columns whose elements all have one sign.
fn one_signed(gradient: &[f32], columns: usize) -> f64 {
    let (mut sums, mut sizes) = (vec![0.0; columns], vec![0.0; columns]);
    for row in gradient.chunks_exact(columns.max(1)) {
        for ((sum, size), g) in sums.iter_mut().zip(&mut sizes).zip(row) {
            (*sum, *size) = (*sum + g, *size + g.abs());
        }
    }
    share_one_signed(&sums, &sizes)
}

/// Whether all columns are equal.
fn are_twins(weight: &[f32], columns: usize) -> bool {
    let same = |row: &[f32]| row.iter().all(|w| Some(w) == row.first());
    !weight.is_empty() && weight.chunks_exact(columns.max(1)).all(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_twins() {
        assert_eq!(one_signed(&[1.0, -1.0, 2.0, 3.0, 0.0, 0.0], 2), 0.5);
        assert!(are_twins(&[1.0, 1.0, 2.0, 2.0], 2) && !are_twins(&[1.0, 1.0, 2.0, 3.0], 2));
    }

    #[test]
    fn a_unit_is_dead_over_the_whole_window_only() {
        let spec = LayerSpec::new(2, Activation::Relu, gradwise_nn::Init::He);
        let device = Device::new(Some(1)).unwrap();
        let mut watch = Watch::new("dense1", &spec);
        let block = |z: &'static [f32]| Block {
            rows: 1,
            input: &[1.0],
            preactivation: z,
            activation: &[0.0, 0.0],
            gradient: &[0.0, 0.0],
            weight: &[1.0, 2.0],
            weight_gradient: &[0.0, 0.0],
        };
        watch.add(&device, &block(&[-1.0, -1.0]));
        assert_eq!(watch.finish(None).dead, 1.0);
        watch.add(&device, &block(&[-1.0, 0.5]));
        assert_eq!(watch.finish(None).dead, 0.5);
    }
}
