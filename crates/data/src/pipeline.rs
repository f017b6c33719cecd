//! Pre-processing as fitted: what is stored with the model and applied to any row.
//!
//! Neighbouring affine steps are one stage. The last affine stage is applied while
//! a batch is gathered; only PCA and ZCA make new numbers.

use crate::Preprocess;
use crate::affine::{Affine, Composed};
use crate::error::DataError;
use crate::schema::{Image, Schema};
use crate::set::Set;
use crate::statistics::Statistics;
use crate::whiten::{self, Linear};
use serde::{Deserialize, Serialize};

/// The fitted pre-processing of a model.
///
/// Small as a serde document unless a PCA or ZCA is part of it; for those, store
/// [`Pipeline::tensors`] beside the weights and read them with
/// [`Pipeline::from_tensors`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pipeline {
    /// The steps as they were asked for.
    pub steps: Vec<Preprocess>,
    /// What is done, in order.
    pub stages: Vec<Stage>,
}

/// One thing that a fitted pipeline does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// (x − center) · factor.
    Affine(Affine),
    /// matrix · (x − center).
    Linear(Linear),
}

/// A named array of a fitted pipeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor<'a> {
    /// `preprocess.0.center`, `preprocess.0.factor` or `preprocess.0.matrix`.
    pub name: String,
    /// One or two sizes.
    pub shape: Vec<usize>,
    /// Row after row.
    pub values: &'a [f32],
}

impl Pipeline {
    /// Fits the steps to the first set, the training rows, and applies them to all.
    pub(crate) fn fit(
        steps: &[Preprocess],
        sets: &mut [&mut Set],
        schema: &Schema,
    ) -> Result<Self, DataError> {
        let mut fit = Fit::new(sets, schema);
        for step in steps {
            fit.step(*step)?;
        }
        fit.close();
        Ok(Pipeline { steps: steps.to_vec(), stages: fit.stages })
    }

    /// How many columns come out where `columns` go in.
    pub fn outputs(&self, columns: usize) -> usize {
        self.stages.iter().fold(columns, |columns, stage| match stage {
            Stage::Affine(_) => columns,
            Stage::Linear(linear) => linear.outputs(),
        })
    }

    /// Whether what comes out of an image is still an image: no PCA is part of it.
    pub fn keeps_images(&self) -> bool {
        !self.steps.iter().any(|step| matches!(step, Preprocess::Pca(_)))
    }

    /// That the stages fit rows of `columns` and each other.
    pub(crate) fn check(&self, columns: usize) -> Result<(), DataError> {
        let mut columns = columns;
        for (i, stage) in self.stages.iter().enumerate() {
            let (own, whole) = match stage {
                Stage::Affine(a) => (a.center.len(), a.center.len() == a.factor.len()),
                Stage::Linear(l) => {
                    (l.center.len(), l.outputs() * l.center.len() == l.matrix.len())
                }
            };
            if own != columns || !whole {
                let reason = format!("its stage {i} is made for {own} columns, not {columns}");
                return Err(DataError::format("the model's pre-processing", reason));
            }
            if let Stage::Linear(linear) = stage {
                columns = linear.outputs();
            }
        }
        Ok(())
    }

    /// The set with all that is done.
    pub(crate) fn apply(&self, set: Set) -> Result<Set, DataError> {
        self.stages.iter().try_fold(set, |set, stage| match stage {
            Stage::Affine(affine) => Ok(set.with_affine(affine.clone())),
            Stage::Linear(linear) => linear.apply(&set),
        })
    }

    /// The arrays, to be stored beside the weights.
    pub fn tensors(&self) -> Vec<Tensor<'_>> {
        let mut tensors = Vec::new();
        for (i, stage) in self.stages.iter().enumerate() {
            let mut add = |name: &str, shape: Vec<usize>, values| {
                tensors.push(Tensor { name: format!("preprocess.{i}.{name}"), shape, values });
            };
            match stage {
                Stage::Affine(Affine { center, factor }) => {
                    add("center", vec![center.len()], center.as_slice());
                    add("factor", vec![factor.len()], factor);
                }
                Stage::Linear(Linear { center, matrix }) => {
                    add("center", vec![center.len()], center);
                    let rows = matrix.len().checked_div(center.len()).unwrap_or(0);
                    add("matrix", vec![rows, center.len()], matrix);
                }
            }
        }
        tensors
    }

    /// The pipeline that [`Pipeline::tensors`] came from; `tensor` finds an array by
    /// its name.
    pub fn from_tensors(
        steps: &[Preprocess],
        mut tensor: impl FnMut(&str) -> Option<Vec<f32>>,
    ) -> Result<Self, DataError> {
        let mut stages = Vec::new();
        loop {
            let mut get = |part: &str| tensor(&format!("preprocess.{}.{part}", stages.len()));
            let Some(center) = get("center") else { break };
            stages.push(match (get("factor"), get("matrix")) {
                (Some(factor), _) if factor.len() == center.len() => {
                    Stage::Affine(Affine { center, factor })
                }
                (None, Some(matrix)) if matrix.len().is_multiple_of(center.len().max(1)) => {
                    Stage::Linear(Linear { center, matrix })
                }
                _ => {
                    let reason = format!("its stage {} has arrays that do not fit", stages.len());
                    return Err(DataError::format("the model's pre-processing", reason));
                }
            });
        }
        Ok(Pipeline { steps: steps.to_vec(), stages })
    }
}

/// A pipeline under construction.
struct Fit<'a, 'b> {
    /// The rows as the finished stages leave them, those for training first.
    sets: &'a mut [&'b mut Set],
    /// The affine steps since the last finished stage.
    open: Composed,
    stages: Vec<Stage>,
    /// Columns that per-column steps leave alone.
    fixed: Vec<bool>,
    image: Option<Image>,
}

impl<'a, 'b> Fit<'a, 'b> {
    fn new(sets: &'a mut [&'b mut Set], schema: &Schema) -> Self {
        let columns = schema.columns;
        let mut fixed = schema.indicator_columns();
        fixed.resize(columns, false);
        let open = Composed::identity(columns);
        Fit { sets, open, stages: Vec::new(), fixed, image: schema.image }
    }

    /// The training rows as the steps so far leave them.
    fn train(&self) -> Option<Set> {
        let train = self.sets.first()?;
        Some(match self.open.rounded() {
            Some(affine) => train.with_affine(affine),
            None => (**train).clone(),
        })
    }

    fn step(&mut self, step: Preprocess) -> Result<(), DataError> {
        match step {
            Preprocess::None => {}
            Preprocess::Scale(c) => self.affine(|_| (0.0, 1.0 / c)),
            Preprocess::MinMax => self.fitted(|statistics, i| {
                let column = statistics.columns[i];
                let range = f64::from(column.max) - f64::from(column.min);
                (f64::from(column.min), inverse(range))
            })?,
            Preprocess::MeanImage => {
                self.fitted(|statistics, i| (statistics.columns[i].mean, 1.0))?
            }
            Preprocess::Standardize => self.fitted(|statistics, i| {
                (statistics.columns[i].mean, inverse(statistics.deviation(i)))
            })?,
            Preprocess::ChannelMean => self.channel_mean()?,
            Preprocess::Pca(k) => self.linear(step, |set| whiten::pca(set, k))?,
            Preprocess::Zca(eps) => self.linear(step, |set| whiten::zca(set, eps))?,
        }
        Ok(())
    }

    /// Adds a step that gives a center and a factor for every column.
    fn affine(&mut self, parameters: impl Fn(usize) -> (f64, f64)) {
        for column in (0..self.fixed.len()).filter(|c| !self.fixed[*c]) {
            let (center, factor) = parameters(column);
            self.open.then(column, center, factor);
        }
    }

    /// Adds a step whose parameters come from the training rows.
    fn fitted(
        &mut self,
        parameters: impl Fn(&Statistics, usize) -> (f64, f64),
    ) -> Result<(), DataError> {
        if let Some(train) = self.train() {
            let statistics = Statistics::of(&train)?;
            self.affine(|column| parameters(&statistics, column));
        }
        Ok(())
    }

    fn channel_mean(&mut self) -> Result<(), DataError> {
        let Some(image) = self.image else {
            let reason = "channel-mean needs images; for a table use mean-image or standardize";
            return Err(DataError::setting("preprocess", reason));
        };
        let pixels = (image.height * image.width).max(1);
        self.fitted(|statistics, column| {
            let first = column / pixels * pixels;
            let channel = &statistics.columns[first..first + pixels];
            (channel.iter().map(|c| c.mean).sum::<f64>() / pixels as f64, 1.0)
        })
    }

    /// Finishes the open affine stage and adds a matrix.
    fn linear(
        &mut self,
        step: Preprocess,
        fit: impl FnOnce(&Set) -> Result<Linear, DataError>,
    ) -> Result<(), DataError> {
        self.close();
        let Some(train) = self.train() else { return Ok(()) };
        let linear = fit(&train)?;
        for set in self.sets.iter_mut() {
            **set = linear.apply(set)?;
        }
        self.open = Composed::identity(linear.outputs());
        self.fixed = vec![false; linear.outputs()];
        if matches!(step, Preprocess::Pca(_)) {
            self.image = None;
        }
        self.stages.push(Stage::Linear(linear));
        Ok(())
    }

    /// Finishes the open affine stage.
    fn close(&mut self) {
        if let Some(affine) = self.open.rounded() {
            self.sets.iter_mut().for_each(|set| **set = set.with_affine(affine.clone()));
            self.open = Composed::identity(self.fixed.len());
            self.stages.push(Stage::Affine(affine));
        }
    }
}

/// 1 / x, or 1 for a constant column (x = 0), whose centred values are 0 anyway.
fn inverse(x: f64) -> f64 {
    if x > 0.0 { 1.0 / x } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Task, set::Index, storage::Storage};
    use std::sync::Arc;

    fn schema(columns: usize, image: Option<Image>) -> Schema {
        Schema {
            features: Vec::new(),
            columns,
            image,
            task: Task::Regression,
            targets: Vec::new(),
            classes: Vec::new(),
            missing: Default::default(),
            left_out: Vec::new(),
        }
    }

    fn fit(steps: &[&str], values: &[f32], schema: &Schema) -> (Pipeline, Vec<f32>) {
        let storage = Storage::floats(values.to_vec(), schema.columns);
        let mut set = Set::new(Arc::new(storage), Index::All, None);
        let steps: Vec<Preprocess> = steps.iter().map(|s| s.parse().unwrap()).collect();
        let raw = set.clone();
        let pipeline = Pipeline::fit(&steps, &mut [&mut set], schema).unwrap();
        let all = |set: &Set| {
            let mut all = Vec::new();
            set.for_each_block(3, |block| all.extend_from_slice(block)).unwrap();
            all
        };
        assert_eq!(all(&set), all(&pipeline.apply(raw).unwrap()));
        (pipeline, all(&set))
    }

    #[test]
    fn steps_are_fitted_one_after_the_other() {
        let values = [0.0, 7.0, 2.0, 7.0, 4.0, 7.0];
        let scaled = |steps: &[&str]| fit(steps, &values, &schema(2, None)).1;
        assert_eq!(scaled(&["min-max"]), [0.0, 0.0, 0.5, 0.0, 1.0, 0.0]);
        assert_eq!(scaled(&["mean-image", "scale(2)"]), [-1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        let unit = (1.5f32).sqrt();
        assert_eq!(scaled(&["scale(8)", "standardize"]), [-unit, 0.0, 0.0, 0.0, unit, 0.0]);
        assert_eq!(scaled(&["none"]), values);
        let projected = scaled(&["scale(2)", "pca(1)", "standardize"]);
        assert!(projected.iter().zip([-unit, 0.0, unit]).all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn channels_have_their_own_mean() {
        let image = Image { channels: 2, height: 1, width: 2 };
        let (_, values) = fit(&["channel-mean"], &[0.0, 2.0, 5.0, 5.0], &schema(4, Some(image)));
        assert_eq!(values, [-1.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn arrays_are_stored_and_found_again() {
        let values = [1.0, 2.0, 3.0, 5.0, 4.0, 4.0];
        let (pipeline, _) = fit(&["standardize", "zca(0.1)"], &values, &schema(2, None));
        let stored: Vec<(String, Vec<f32>)> =
            pipeline.tensors().iter().map(|t| (t.name.clone(), t.values.to_vec())).collect();
        let find = |name: &str| stored.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        assert_eq!(Pipeline::from_tensors(&pipeline.steps, find).unwrap(), pipeline);
        let text = serde_json::to_string(&pipeline).unwrap();
        assert_eq!(serde_json::from_str::<Pipeline>(&text).unwrap(), pipeline);
        let broken = |name: &str| find(name).map(|v| v[..v.len() - 1].to_vec());
        let broken = Pipeline::from_tensors(&pipeline.steps, broken);
        assert!(broken.and_then(|p| p.check(2)).is_err());
    }
}
