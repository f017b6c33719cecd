//! What the columns of a data set mean: stored with the model, so that another file
//! is read in the same way.

use crate::Task;
use crate::spec::Missing;
use serde::{Deserialize, Serialize};

/// The size of images whose pixels are the features: channel after channel, each row
/// after row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// 1 for grey, 3 for red, green and blue.
    pub channels: usize,
    /// Rows of pixels.
    pub height: usize,
    /// Pixels in a row.
    pub width: usize,
}

impl Image {
    /// How many features an image has.
    pub fn columns(&self) -> usize {
        self.channels * self.height * self.width
    }
}

/// What goes into a network and what comes out, by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// The features of a table, in order; empty for images and arrays.
    pub features: Vec<Feature>,
    /// How many columns a row has before pre-processing.
    pub columns: usize,
    /// The size of the images, if the rows are images.
    pub image: Option<Image>,
    /// The kind of answer.
    pub task: Task,
    /// The names of the target columns.
    pub targets: Vec<String>,
    /// The names of the classes in the order of their indices; empty without classes.
    pub classes: Vec<String>,
    /// What becomes of missing values.
    pub missing: Missing,
    /// Columns of the file that are not used.
    pub left_out: Vec<LeftOut>,
}

/// One column of a table and how it becomes numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// The column's name in the file.
    pub name: String,
    /// How its cells become numbers.
    pub encoder: Encoder,
}

/// How the cells of a column become numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoder {
    /// The number itself.
    Number {
        /// What stands for a missing value: the mean of the training rows.
        fill: f32,
        /// Whether a second column is 1 where the value was missing.
        indicator: bool,
    },
    /// One column per category, 1 in the right one.
    Category {
        /// The categories.
        values: Vec<String>,
        /// Whether missing is a category too, in a column after the others.
        missing: bool,
    },
}

/// A column that is not used, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The column's name.
    pub column: String,
    /// Why it is not used.
    pub reason: String,
}

impl Encoder {
    /// How many columns come out.
    pub fn columns(&self) -> usize {
        match self {
            Encoder::Number { indicator, .. } => 1 + usize::from(*indicator),
            Encoder::Category { values, missing } => values.len() + usize::from(*missing),
        }
    }
}

impl Feature {
    /// The names of the columns that come out.
    fn names(&self) -> Vec<String> {
        let absent = || format!("{} missing", self.name);
        match &self.encoder {
            Encoder::Number { indicator: false, .. } => vec![self.name.clone()],
            Encoder::Number { indicator: true, .. } => vec![self.name.clone(), absent()],
            Encoder::Category { values, missing } => {
                let value = |value: &String| format!("{}={value}", self.name);
                values.iter().map(value).chain(missing.then(absent)).collect()
            }
        }
    }
}

impl Schema {
    /// A name for every column before pre-processing: the feature's name, `name=value`
    /// for a category, `name missing` for an indicator; `c0y1x2` for a pixel; `x3` in
    /// an array.
    pub fn feature_names(&self) -> Vec<String> {
        if !self.features.is_empty() {
            return self.features.iter().flat_map(Feature::names).collect();
        }
        let Some(Image { height, width, .. }) = self.image else {
            return (0..self.columns).map(|i| format!("x{i}")).collect();
        };
        let place = |i: usize| (i / (height * width), i / width % height, i % width);
        let name = |(c, y, x)| format!("c{c}y{y}x{x}");
        (0..self.columns).map(|i| name(place(i))).collect()
    }

    /// How many numbers a network has to put out: the classes, 1 for a binary task,
    /// the targets of the others.
    pub fn outputs(&self) -> usize {
        match self.task {
            Task::Binary => 1,
            Task::Classification => self.classes.len(),
            Task::Multilabel | Task::Regression => self.targets.len(),
        }
    }

    /// Which columns of a table are zeros and ones that encoding made: the per-column
    /// steps of pre-processing leave them alone. Empty for images and arrays.
    pub fn indicator_columns(&self) -> Vec<bool> {
        let made = |feature: &Feature| match feature.encoder {
            Encoder::Number { indicator: false, .. } => vec![false],
            Encoder::Number { indicator: true, .. } => vec![false, true],
            Encoder::Category { .. } => vec![true; feature.encoder.columns()],
        };
        self.features.iter().flat_map(made).collect()
    }
}
