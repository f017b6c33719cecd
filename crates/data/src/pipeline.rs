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
    /// Fits the steps to the rows of `train`, which have had no pre-processing.
    pub(crate) fn fit(
        steps: &[Preprocess],
        train: &Set,
        schema: &Schema,
    ) -> Result<Self, DataError> {
        let mut fit = Fit::new(train, schema);
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

    /// The sets that hold the pre-processed rows. Sets that share memory still do.
    pub(crate) fn apply(&self, sets: &mut [&mut Set]) {
        for stage in &self.stages {
            match stage {
                Stage::Affine(affine) => {
                    sets.iter_mut().for_each(|set| **set = set.with_affine(Some(affine.clone())));
                }
                Stage::Linear(linear) => linear.apply(sets),
            }
        }
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
struct Fit {
    /// The training rows as the finished stages leave them.
    set: Set,
    /// The affine steps since the last finished stage.
    open: Composed,
    stages: Vec<Stage>,
    /// Columns that per-column steps leave alone.
    fixed: Vec<bool>,
    image: Option<Image>,
}

impl Fit {
    fn new(train: &Set, schema: &Schema) -> Self {
        let mut fixed = schema.indicator_columns();
        fixed.resize(train.columns(), false);
        Fit {
            set: train.clone(),
            open: Composed::identity(train.columns()),
            stages: Vec::new(),
            fixed,
            image: schema.image,
        }
    }

    fn step(&mut self, step: Preprocess) -> Result<(), DataError> {
        match step {
            Preprocess::None => {}
            Preprocess::Scale(c) => self.each(|_, _| (0.0, 1.0 / c)),
            Preprocess::MinMax => self.each(|statistics, i| {
                let column = statistics.columns[i];
                let range = f64::from(column.max) - f64::from(column.min);
                (f64::from(column.min), inverse(range))
            }),
            Preprocess::MeanImage => self.each(|statistics, i| (statistics.columns[i].mean, 1.0)),
            Preprocess::Standardize => self.each(|statistics, i| {
                (statistics.columns[i].mean, inverse(statistics.deviation(i)))
            }),
            Preprocess::ChannelMean => self.channel_mean()?,
            Preprocess::Pca(k) => self.linear(step, |set| whiten::pca(set, k))?,
            Preprocess::Zca(eps) => self.linear(step, |set| whiten::zca(set, eps))?,
        }
        Ok(())
    }

    /// Adds a step that gives a center and a factor for every column.
    fn each(&mut self, parameters: impl Fn(&Statistics, usize) -> (f64, f64)) {
        let statistics = self.statistics();
        for column in (0..self.set.columns()).filter(|c| !self.fixed[*c]) {
            let (center, factor) = parameters(&statistics, column);
            self.open.then(column, center, factor);
        }
    }

    /// Of the training rows as the steps so far leave them.
    fn statistics(&self) -> Statistics {
        Statistics::of(&self.set.with_affine(self.open.rounded()))
    }

    fn channel_mean(&mut self) -> Result<(), DataError> {
        let Some(image) = self.image else {
            let reason = "channel-mean needs images; for a table use mean-image or standardize";
            return Err(DataError::setting("preprocess", reason));
        };
        let statistics = self.statistics();
        let pixels = image.height * image.width;
        for channel in 0..image.channels {
            let columns = channel * pixels..(channel + 1) * pixels;
            let sum: f64 = columns.clone().map(|c| statistics.columns[c].mean).sum();
            columns.for_each(|c| self.open.then(c, sum / pixels as f64, 1.0));
        }
        Ok(())
    }

    /// Finishes the open affine stage and adds a matrix.
    fn linear(
        &mut self,
        step: Preprocess,
        fit: impl FnOnce(&Set) -> Result<Linear, DataError>,
    ) -> Result<(), DataError> {
        self.close();
        let linear = fit(&self.set)?;
        linear.apply(&mut [&mut self.set]);
        self.open = Composed::identity(linear.outputs());
        self.fixed = vec![false; linear.outputs()];
        if matches!(step, Preprocess::Pca(_)) {
            self.image = None;
        }
        self.stages.push(Stage::Linear(linear));
        Ok(())
    }

    fn close(&mut self) {
        if let Some(affine) = self.open.rounded() {
            self.set = self.set.with_affine(Some(affine.clone()));
            self.stages.push(Stage::Affine(affine));
        }
    }
}

/// 1 / x, or 1 for a constant column (x = 0), whose centred values are 0 anyway.
fn inverse(x: f64) -> f64 {
    if x > 0.0 { 1.0 / x } else { 1.0 }
}
