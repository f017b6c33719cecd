//! A run under way: everything that its loop works with.

use super::error::TrainError;
use super::evaluator::Evaluator;
use super::loader::Order;
use super::observer::{News, Observer, Resume, Watcher};
use super::pace::Pace;
use super::probes::{self, Measurer};
use super::program::{Program, TRAINING_INPUTS};
use super::{full, lsuv, machine, place};
use crate::folder::checkpoint::{self, Checkpoint, Position};
use crate::folder::error::FolderError;
use crate::folder::event::{Event, Finding, Layer, Start, VERSION};
use crate::folder::reader;
use crate::folder::tensors::{Array, Tensors};
use crate::folder::writer::Writer;
use crate::runfile::{Checked, Resolved};
use gradwise_cpu::{Device, Plan, Precision, Request, State};
use gradwise_data::{Data, Memory};
use gradwise_graph::{ParameterId, Role};
use gradwise_nn::Optimizer;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Instant, SystemTime};

/// How to train, besides what the run file says.
#[derive(Default)]
pub struct Options<'a> {
    /// The run folder to write; `None`: a new one under `runs`.
    pub out: Option<PathBuf>,
    /// The run folder to go on with.
    pub resume: Option<PathBuf>,
    /// How many threads compute; `None`: one for each core. Results are the same.
    pub threads: Option<usize>,
    /// The data, if they were read before as the run file says; `None`: they are read.
    pub data: Option<Arc<Data>>,
    /// Set to true to end after the current step, with a checkpoint.
    pub stop: Arc<AtomicBool>,
    /// Who is told how it goes.
    pub observer: Option<Observer<'a>>,
    /// Who says what is wrong.
    pub watcher: Option<Watcher<'a>>,
}

/// A run under way.
pub struct Session<'a> {
    pub(super) checked: Checked,
    pub(super) resolved: Resolved,
    pub(super) data: Arc<Data>,
    pub(super) program: Program,
    pub(super) device: Device,
    pub(super) state: State,
    pub(super) position: Position,
    /// The weights of the best epoch, in the order of `program.gradients`; empty if
    /// they are not kept.
    pub(super) best: Vec<Vec<f32>>,
    /// What measuring remembers.
    pub(super) measurer: Measurer,
    /// What L-BFGS remembers.
    pub(super) memory: Option<full::Memory>,
    pub(super) validation: Option<Evaluator>,
    pub(super) folder: PathBuf,
    pub(super) writer: Writer,
    pub(super) clock: Clock,
    pub(super) stop: Arc<AtomicBool>,
    observer: Option<Observer<'a>>,
    watcher: Option<Watcher<'a>>,
    /// What was found so far.
    pub(super) findings: Vec<Finding>,
    /// What was found, and is not recorded yet.
    pub(super) found: Vec<Finding>,
}

/// Where the time goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// Seconds of reading and preparing the data.
    pub data: f64,
    /// Seconds of building the graph.
    pub plan: f64,
    /// When the training of this process started.
    pub start: Instant,
    /// Seconds of training before this process.
    pub before: f64,
    /// Steps before this process.
    pub steps_before: u64,
}

impl Clock {
    /// Starts; the program began and had read the data at these times.
    fn new(begin: Instant, read: Instant, position: &Position) -> Clock {
        let start = Instant::now();
        Clock {
            data: read.duration_since(begin).as_secs_f64(),
            plan: start.duration_since(read).as_secs_f64(),
            start,
            before: position.seconds,
            steps_before: position.step,
        }
    }

    /// Seconds of training, at a time.
    pub fn seconds(&self, now: Instant) -> f64 {
        self.before + now.duration_since(self.start).as_secs_f64()
    }
}

impl<'a> Session<'a> {
    /// Reads the data, builds the graph, and makes or reopens the run folder.
    /// Nothing is written before all that can be wrong with run file and data is
    /// known.
    ///
    /// # Errors
    /// Whatever is wrong with run file, data, machine or run folder.
    pub fn open(checked: Checked, options: Options<'a>) -> Result<Session<'a>, TrainError> {
        let begin = Instant::now();
        let place = place::choose(&checked, options.out.as_deref(), options.resume.as_deref())?;
        let checked = as_started(checked, options.resume.is_some());
        let data = match options.data {
            Some(data) => data,
            None => Arc::new(gradwise_data::open(&checked.data)?),
        };
        let resolved = checked.resolve(&data)?;
        let read = Instant::now();
        let program = Program::build(&checked, &resolved)?;
        let device = Device::new(options.threads)?;
        let batch = checked.train.batch.unwrap_or(usize::MAX).min(data.train.rows()).max(1);
        machine::holds(&program.graph, &resolved, batch)?;
        let mut state = State::new(&program.graph)?;
        let checkpoint = options.resume.as_deref().map(checkpoint::read_newest).transpose()?;
        let checkpoint = checkpoint.flatten();
        match &checkpoint {
            Some(newest) => restore(&program, &mut state, &newest.tensors.arrays, Role::Fixed)?,
            None => lsuv::scale(&checked, &resolved, &data, &device, &program, &mut state)?,
        }
        let validation = data.validation.clone();
        let validation =
            validation.map(|set| Evaluator::new(&device, &program, set)).transpose()?;
        let Checkpoint { position, tensors, damaged } = checkpoint.unwrap_or_default();
        let (folder, writer) = place.make(&checked.render(&resolved), position.events)?;
        let (loss, every) = ((resolved.loss, checked.loss.reduction), checked.health.every);
        let mut measurer = Measurer::new(&program.probes, data.train.rows(), loss, every);
        measurer.recall(&program.probes, &tensors.arrays);
        let mut session = Session {
            measurer,
            best: best(&program, &tensors),
            memory: memory(&checked, &tensors),
            clock: Clock::new(begin, read, &position),
            checked,
            resolved,
            data,
            program,
            device,
            state,
            position,
            validation,
            folder,
            writer,
            stop: options.stop,
            observer: options.observer,
            watcher: options.watcher,
            findings: Vec::new(),
            found: Vec::new(),
        };
        session.remember()?;
        session.announce()?;
        if options.resume.is_some() {
            session.tell_resume(damaged);
        }
        Ok(session)
    }

    /// Rows of a step.
    pub(super) fn batch(&self) -> usize {
        let rows = self.data.train.rows();
        self.checked.train.batch.unwrap_or(rows).min(rows).max(1)
    }

    /// Steps of an epoch.
    pub(super) fn steps_per_epoch(&self) -> u64 {
        self.data.train.rows().div_ceil(self.batch()) as u64
    }

    /// The batches from a position on.
    pub(super) fn order_from(&self, position: &Position) -> Order {
        Order {
            seed: self.checked.seed,
            batch: self.batch(),
            stride: gradwise_cpu::stride(self.data.train.columns()),
            targets: self.program.sizes.targets,
            epochs: position.epoch..self.checked.train.epochs,
            skip: position.batch,
        }
    }

    /// A plan for training steps of so many rows.
    pub(super) fn training_plan(&self, rows: usize, probed: bool) -> Result<Plan, TrainError> {
        let nodes = &self.program.training;
        let mut outputs = vec![nodes.loss, nodes.data_loss, nodes.scores];
        outputs.extend(nodes.penalty);
        if probed {
            outputs.extend(&self.program.probes.nodes);
        }
        let request = Request {
            batch: rows,
            inputs: TRAINING_INPUTS.map(String::from).into(),
            outputs,
            update: true,
            gate: Some(nodes.loss),
            precision: self.checked.train.precision,
        };
        Ok(Plan::new(&self.device, &self.program.graph, &request)?)
    }

    /// The clock of a loop over steps of so many rows, which starts now.
    pub(super) fn pace(&self, rows: usize) -> Pace {
        let is_bf16 = self.checked.train.precision == Precision::Bf16;
        let bf16 = is_bf16 && self.device.bf16().is_some();
        let Program { probes, graph, .. } = &self.program;
        let interval = probes::interval(probes, graph, rows, bf16);
        Pace::new(self.checked.health.every, interval, self.clock.start)
    }

    /// Tells the observer, and asks the watcher.
    pub(super) fn tell(&mut self, news: News<'_>) {
        if let Some(observer) = &mut self.observer {
            observer(news);
        }
        if let Some(watcher) = &mut self.watcher {
            self.found.extend(watcher(news));
        }
    }

    /// Records what was found; whether the run is to end for it.
    pub(super) fn record_findings(&mut self) -> Result<bool, TrainError> {
        let mut ends = false;
        for finding in std::mem::take(&mut self.found) {
            ends |= self.checked.health.stop_on.is_some_and(|least| finding.severity >= least);
            if let Some(observer) = &mut self.observer {
                observer(News::Finding(&finding));
            }
            self.writer.event(Event::Finding(finding.clone()))?;
            self.findings.push(finding);
        }
        Ok(ends)
    }

    /// Tells the watcher of a run that goes on what came before; it has said already
    /// what is wrong with that.
    fn remember(&mut self) -> Result<(), TrainError> {
        if self.position.events == 0 {
            return Ok(());
        }
        let mut nobody = |_: News<'_>| Vec::new();
        let watcher = self.watcher.as_deref_mut().unwrap_or(&mut nobody);
        let mut layers: Vec<Layer> = Vec::new();
        reader::each(&self.folder, |event| {
            if !matches!(event, Event::Layer(_)) && !layers.is_empty() {
                watcher(News::Layers(&std::mem::take(&mut layers)));
            }
            match event {
                Event::Start(start) => drop(watcher(News::Start(&start))),
                Event::Step(step) => drop(watcher(News::Step(&step))),
                Event::Epoch(epoch) => drop(watcher(News::Epoch(&epoch))),
                Event::Layer(layer) => layers.push(layer),
                Event::Finding(finding) => self.findings.push(finding),
                _ => {}
            }
        })?;
        Ok(())
    }

    /// Tells where the run goes on; `damaged` is why not at the newest checkpoint.
    fn tell_resume(&mut self, damaged: Option<FolderError>) {
        let Position { step, epoch, seconds, .. } = self.position;
        let (rows, damaged) = (self.position.sums.rows, damaged.map(|error| error.to_string()));
        self.tell(News::Resume(&Resume { step, epoch, rows, seconds, damaged }));
    }

    /// Whether anybody is told.
    pub(super) fn is_observed(&self) -> bool {
        self.observer.is_some()
    }

    /// Writes a checkpoint.
    pub(super) fn checkpoint(&mut self) -> Result<(), TrainError> {
        self.position.seconds = self.clock.seconds(Instant::now());
        self.position.events = self.writer.sync()?;
        let mut arrays = self.arrays(|role| role != Role::Fixed);
        for ((id, _), values) in self.program.gradients.iter().zip(&self.best) {
            if let Some(array) = self.array(*id, values.clone()) {
                arrays.push(Array { name: format!("best/{}", array.name), ..array });
            }
        }
        arrays.extend(self.memory.iter().flat_map(full::arrays));
        arrays.extend(self.measurer.arrays(&self.program.probes));
        let tensors = Tensors { arrays, ..Tensors::default() };
        Ok(checkpoint::write(&self.folder, &self.position, tensors)?)
    }

    /// The parameters of some roles.
    pub(super) fn arrays(&self, wanted: impl Fn(Role) -> bool) -> Vec<Array> {
        let parameters = self.program.graph.parameters();
        let wanted = parameters.iter().filter(|p| wanted(p.role));
        let ids = wanted.filter_map(|p| self.program.graph.find_parameter(&p.name));
        ids.filter_map(|id| self.array(id, self.state.read(id))).collect()
    }

    fn array(&self, id: ParameterId, values: Vec<f32>) -> Option<Array> {
        let parameters = self.program.graph.parameters();
        let parameter = parameters.get(id.index())?;
        Some(Array::new(parameter.name.clone(), parameter.sizes.clone(), values))
    }

    /// Records and tells the start, if this is the start.
    fn announce(&mut self) -> Result<(), TrainError> {
        let rows = |set: &Option<gradwise_data::Set>| set.as_ref().map_or(0, |s| s.rows());
        let schema = &self.data.schema;
        let names = if schema.classes.is_empty() { &schema.targets } else { &schema.classes };
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let start = Start {
            version: VERSION,
            program: concat!("gradwise ", env!("CARGO_PKG_VERSION")).into(),
            time: now.map_or(0.0, |t| t.as_secs_f64()),
            seed: self.checked.seed,
            task: self.resolved.task.to_string(),
            rows: self.data.train.rows(),
            validation_rows: rows(&self.data.validation),
            test_rows: rows(&self.data.test),
            features: self.program.sizes.inputs,
            unused: schema.left_out.iter().map(|left| left.column.clone()).collect(),
            outputs: names.clone(),
            batch: self.batch(),
            steps_per_epoch: self.steps_per_epoch(),
            epochs: self.checked.train.epochs,
            precision: precision(self.checked.train.precision, &self.device),
            machine: machine::described(&self.device),
            parameters: self.program.layers.iter().map(|l| l.parameters).sum(),
            layers: self.program.layers.clone(),
        };
        self.tell(News::Start(&start));
        let data = self.data.clone();
        let held_out = [&data.validation, &data.test].into_iter().flatten();
        held_out.flat_map(|set| set.unseen()).for_each(|unseen| self.tell(News::Unseen(unseen)));
        if self.position.events == 0 {
            if let Some(watcher) = &mut self.watcher {
                self.found.extend(watcher(News::Rows(&self.data, &self.resolved)));
            }
            self.writer.event(Event::Start(start))?;
        }
        Ok(())
    }
}

/// The run file by which a run that is resumed goes on. Without an amount of memory in
/// it the data were in memory, and rows from disk would come in another order.
fn as_started(mut checked: Checked, resumed: bool) -> Checked {
    if resumed {
        checked.data.memory.get_or_insert(Memory { bytes: u64::MAX });
    }
    checked
}

/// What training steps multiply in, in words.
fn precision(wanted: Precision, device: &Device) -> String {
    match (wanted, device.bf16()) {
        (Precision::F32, _) => wanted.to_string(),
        (Precision::Bf16, Some(unit)) => format!("{wanted} by {unit}"),
        (Precision::Bf16, None) => {
            format!("f32, because the instruction set {} cannot multiply bf16", device.isa())
        }
    }
}

/// The best weights so far that a checkpoint has; empty if it has none.
fn best(program: &Program, tensors: &Tensors) -> Vec<Vec<f32>> {
    let parameters = program.graph.parameters();
    let best = |id: &ParameterId| {
        let name = format!("best/{}", parameters.get(id.index())?.name);
        Some(tensors.find(&name)?.floats().to_vec())
    };
    let all: Option<Vec<_>> = program.gradients.iter().map(|(id, _)| best(id)).collect();
    all.unwrap_or_default()
}

/// What a checkpoint has of L-BFGS's memory.
fn memory(checked: &Checked, tensors: &Tensors) -> Option<full::Memory> {
    match checked.train.optimizer {
        Optimizer::Lbfgs { history } => full::memory(tensors, history),
        _ => None,
    }
}

/// Gives parameters the values of arrays of the same names. Those of the role
/// `without` keep theirs where they have no array: a checkpoint has no fixed ones, a
/// model nothing that the optimizer remembers.
pub(crate) fn restore(
    program: &Program,
    state: &mut State,
    arrays: &[Array],
    without: Role,
) -> Result<(), TrainError> {
    for parameter in program.graph.parameters().iter() {
        let found = arrays.iter().find(|a| a.name == parameter.name);
        let id = program.graph.find_parameter(&parameter.name);
        match (found, id) {
            (Some(array), Some(id)) if array.sizes == parameter.sizes => {
                state.write(id, array.floats())?;
            }
            (None, _) if parameter.role == without => {}
            (found, _) => {
                let sizes = found.map_or("nothing".into(), |a| format!("sizes {:?}", a.sizes));
                return Err(TrainError::Unfit {
                    what: format!(
                        "the run file's network has {} of sizes {:?}, the stored one {sizes}",
                        parameter.name, parameter.sizes
                    ),
                    help: "use the run file that the run was made with: run.toml in its folder"
                        .into(),
                });
            }
        }
    }
    Ok(())
}
