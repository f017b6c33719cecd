//! A model read from its run folder, ready to run.

use super::evaluation::{Evaluation, Part};
use super::onnx;
use super::predictions::{Format, Predictions, Writer};
use crate::folder::atomic;
use crate::folder::error::FolderError;
use crate::folder::model::{FILE, Model};
use crate::run::place::RUN_FILE;
use crate::run::{Evaluator, Program, TrainError, restore};
use crate::runfile::{self, Checked, Resolved};
use gradwise_cpu::{Device, State};
use gradwise_data::{Pipeline, Schema, Set, Unseen};
use gradwise_graph::Role;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Rows of a piece of predictions.
const PIECE: usize = 1 << 16;

/// A trained model.
pub struct Trained {
    /// The run file that it was trained by.
    pub checked: Checked,
    /// What the run file left to the data.
    pub resolved: Resolved,
    /// What the columns mean.
    pub schema: Schema,
    /// The fitted pre-processing.
    pub pipeline: Pipeline,
    program: Program,
    device: Device,
    state: State,
    unseen: Vec<Unseen>,
}

impl Trained {
    /// Reads the model of a run folder.
    ///
    /// # Errors
    /// A missing or damaged model, or one that its own run file does not fit.
    pub fn read(folder: &Path, threads: Option<usize>) -> Result<Trained, TrainError> {
        let model = Model::read(folder)?;
        let checked = runfile::parse(&model.run, &folder.join(RUN_FILE), &[])?;
        let columns = model.schema.columns;
        let resolved = checked.resolve_for(&model.schema, model.pipeline.outputs(columns));
        let program = Program::build(&checked, &resolved)?;
        let device = Device::new(threads)?;
        let mut state = State::new(&program.graph)?;
        restore(&program, &mut state, &model.parameters, Role::State).map_err(|e| {
            FolderError::content(&folder.join(FILE), format!("it does not fit its run file: {e}"))
        })?;
        let (schema, pipeline) = (model.schema, model.pipeline);
        let unseen = Vec::new();
        Ok(Trained { checked, resolved, schema, pipeline, program, device, state, unseen })
    }

    /// How good it is on a file's rows; without one on the run's own test rows, or on
    /// the validation or training rows if it has none.
    ///
    /// # Errors
    /// Data that cannot be read or do not fit the model.
    pub fn evaluate(&mut self, source: Option<&str>) -> Result<Evaluation, TrainError> {
        let (part, set) = match source {
            Some(source) => (Part::File, self.open(source, true)?),
            None => self.own_rows()?,
        };
        let mut evaluator = Evaluator::new(&self.device, &self.program, set)?;
        let loss = evaluator.run(&mut self.state)?;
        Ok(Evaluation::new(part, evaluator, loss, self.resolved.task, &self.schema)?)
    }

    /// What the model says about each row of a file, which needs no answers.
    ///
    /// # Errors
    /// Data that cannot be read or do not fit the model.
    pub fn predict(&mut self, source: &str) -> Result<Predictions, TrainError> {
        let set = self.open(source, false)?.without_targets();
        let mut evaluator = Evaluator::new(&self.device, &self.program, set)?;
        evaluator.run(&mut self.state)?;
        Ok(Predictions::new(&evaluator.outputs(), self.resolved.task, self.names()))
    }

    /// The same piece by piece, so that memory does not grow with the file.
    ///
    /// # Errors
    /// Data that cannot be read or do not fit the model, and the errors of `take`.
    pub fn predict_each<E: From<TrainError>>(
        &mut self,
        source: &str,
        take: &mut dyn FnMut(&Predictions) -> Result<(), E>,
    ) -> Result<(), E> {
        let set = self.open(source, false)?.without_targets();
        let mut evaluator = Evaluator::new(&self.device, &self.program, set)?;
        let (task, names) = (self.resolved.task, self.names().to_vec());
        let mut piece = Predictions::default();
        evaluator.each(&mut self.state, &mut |outputs| {
            piece.append(Predictions::new(outputs, task, &names));
            if piece.rows < PIECE {
                return Ok(());
            }
            take(&std::mem::take(&mut piece))
        })?;
        if piece.rows > 0 { take(&piece) } else { Ok(()) }
    }

    /// The same written to a file, whole or not at all, as its ending says; how many rows.
    ///
    /// # Errors
    /// Data that cannot be read or do not fit the model; another ending; what the system
    /// refused.
    pub fn save_predictions(&mut self, source: &str, path: &Path) -> Result<usize, TrainError> {
        let format = Format::of(path)?;
        let refused = || FolderError::io("write", path);
        let mut rows = 0;
        atomic::write_with(path, |file| {
            let mut to = BufWriter::new(file);
            let mut writer = Writer::new(&mut to, format);
            self.predict_each(source, &mut |piece| {
                rows += piece.rows;
                Ok::<(), TrainError>(writer.add(piece).map_err(refused())?)
            })?;
            writer.finish().map_err(refused())?;
            Ok::<(), TrainError>(to.flush().map_err(refused())?)
        })?;
        Ok(rows)
    }

    /// The model as an ONNX file: from the features, as pre-processing is given them, to
    /// the network's output. Categories and missing values of a table have to be made
    /// numbers before; the file's metadata name the columns.
    pub fn onnx(&self) -> Vec<u8> {
        let graph = &self.program.graph;
        let parameter = |name: &str| {
            let id = graph.find_parameter(name)?;
            let sizes = graph.parameters().get(id.index())?.sizes.clone();
            Some((sizes, self.state.read(id)))
        };
        let (network, pipeline, schema) = (&self.resolved.network, &self.pipeline, &self.schema);
        onnx::Parts { network, pipeline, schema, parameter: &parameter }.file()
    }

    /// The names of classes, or of the targets where there are no classes.
    pub fn names(&self) -> &[String] {
        let Schema { classes, targets, .. } = &self.schema;
        if classes.is_empty() { targets } else { classes }
    }

    /// Categories of the rows read last that the training data did not have.
    pub fn unseen(&self) -> &[Unseen] {
        &self.unseen
    }

    fn open(&mut self, source: &str, with_targets: bool) -> Result<Set, TrainError> {
        let (schema, pipeline, spec) = (&self.schema, &self.pipeline, &self.checked.data);
        let set = gradwise_data::open_for(schema, pipeline, source, with_targets, spec)?;
        self.unseen = set.unseen().to_vec();
        Ok(set)
    }

    fn own_rows(&self) -> Result<(Part, Set), TrainError> {
        let data = gradwise_data::open(&self.checked.data)?;
        Ok(match (data.test, data.validation) {
            (Some(test), _) => (Part::Test, test),
            (None, Some(validation)) => (Part::Validation, validation),
            (None, None) => (Part::Training, data.train),
        })
    }
}
