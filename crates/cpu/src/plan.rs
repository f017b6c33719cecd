//! A plan: a graph made ready to run at one batch size.
//!
//! Everything is decided when it is made: the order, what is fused, where each
//! value stands, which kernel computes it. A run allocates nothing, looks nothing
//! up and locks nothing but the threads' own exchange.

use crate::denormals::FlushDenormals;
use crate::device::Device;
use crate::exec::step::Step;
use crate::exec::{Base, Frame, scratch_len};
use crate::kernels::Bf16;
use crate::lower::{Lowered, Split, lower};
use crate::memory::Memory;
use crate::sharing::Sharing;
use crate::state::State;
use crate::{CpuError, exec::step::Slot};
use gradwise_graph::{Graph, NodeId, ParameterId};
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// What a plan is to do.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The number of rows in a batch.
    pub batch: usize,
    /// The inputs that will be fed, in this order.
    pub inputs: Vec<String>,
    /// The values to be read after a run.
    pub outputs: Vec<NodeId>,
    /// Whether the graph's updates are carried out.
    pub update: bool,
    /// A scalar, such as the loss: if it is not finite, a run ends before any
    /// parameter is changed.
    pub gate: Option<NodeId>,
    /// What products are computed in.
    pub precision: Precision,
}

/// What the operands of matrix products are rounded to.
///
/// Sums, and everything that is no product, are always f32; so are parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// Not at all.
    #[default]
    F32,
    /// bf16, which has the range of f32 and 8 bits of precision, where the device
    /// can multiply it ([`Device::bf16`]); else f32.
    Bf16,
}

impl Precision {
    const ALL: [Precision; 2] = [Precision::F32, Precision::Bf16];

    fn name(self) -> &'static str {
        match self {
            Precision::F32 => "f32",
            Precision::Bf16 => "bf16",
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Precision {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = |p: &Precision| p.name() == text;
        let found = Precision::ALL.into_iter().find(named);
        found.ok_or_else(|| format!("{text:?} is neither f32 nor bf16"))
    }
}

/// The values of one input for one run.
#[derive(Clone, Copy, Debug)]
pub struct Feed<'a> {
    /// Rows one after the other, each `stride` numbers after the last.
    pub values: &'a [f32],
    /// From one row to the next: at least the number of columns. See
    /// [`crate::stride`] for the one that is fastest.
    pub stride: usize,
}

impl<'a> Feed<'a> {
    /// Rows of `columns` numbers without gaps.
    pub fn rows(values: &'a [f32], columns: usize) -> Self {
        Feed { values, stride: columns }
    }

    /// One row, or one number.
    pub fn row(values: &'a [f32]) -> Self {
        Feed { values, stride: values.len() }
    }
}

/// Why a run ended early.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Stopped {
    /// The gate's value is not finite; no parameter was changed.
    #[error("the loss is not finite")]
    Gate,
    /// An update made this parameter non-finite.
    #[error("parameter number {} became non-finite", .0.index())]
    Parameter(ParameterId),
    /// What was fed does not fit the plan; nothing ran.
    #[error(transparent)]
    Fed(#[from] CpuError),
}

#[derive(Debug)]
struct Input {
    name: String,
    rows: usize,
    columns: usize,
}

/// A graph made ready to run.
pub struct Plan {
    device: Device,
    steps: Vec<Step>,
    arena: Memory,
    constants: Memory,
    scratch: Memory,
    scratch_len: usize,
    bases: Vec<Base>,
    inputs: Vec<Input>,
    outputs: Vec<(Slot, usize)>,
    parameters: Vec<ParameterId>,
    lengths: Vec<usize>,
    nonfinite: Vec<AtomicBool>,
    labels: Vec<String>,
    sharing: Sharing,
    bf16: Option<&'static Bf16>,
    split: Vec<Split>,
}

// SAFETY: the addresses in `bases` are written at the start of each run, which
// borrows the plan and the state mutably, and are not used after it.
unsafe impl Send for Plan {}

impl Plan {
    /// Makes `graph` ready to run on `device`.
    ///
    /// # Errors
    /// A mistake in the graph, an input that the request leaves out or invents,
    /// memory that could not be had.
    pub fn new(device: &Device, graph: &Graph, request: &Request) -> Result<Plan, CpuError> {
        let kernels = device.kernels();
        let bf16 = device.bf16_kernels().filter(|_| request.precision == Precision::Bf16);
        let lowered = lower(graph, request, kernels, bf16)?;
        let Lowered { steps, arena, constants, outputs, split } = lowered;
        let inputs = request.inputs.iter().map(|name| input(graph, name, request.batch));
        let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
        let scratch_len = scratch_len(&steps, kernels);
        let mut fixed = Memory::new(constants.len(), "the plan's constants")?;
        fixed.as_mut_slice().copy_from_slice(&constants);
        let cost: f64 = steps.iter().flat_map(Step::loops).map(|step| step.cost).sum();
        let parameters: Vec<ParameterId> = graph.parameter_ids().collect();
        let bases = vec![
            Base { start: std::ptr::null_mut(), stride: 0 };
            2 + parameters.len() + inputs.len() + split.len()
        ];
        Ok(Plan {
            arena: Memory::new(arena, "the plan's intermediate values")?,
            constants: fixed,
            scratch: Memory::new(scratch_len * device.threads(), "the threads' scratch memory")?,
            scratch_len,
            bases,
            inputs,
            outputs,
            nonfinite: parameters.iter().map(|_| AtomicBool::new(false)).collect(),
            lengths: graph.parameters().iter().map(|p| p.count()).collect(),
            parameters,
            labels: graph.nodes().iter().map(|n| format!("{}/{}", n.scope, n.label())).collect(),
            sharing: Sharing::new(cost, device.threads()),
            steps,
            bf16,
            split,
            device: device.clone(),
        })
    }

    /// Runs the plan on what is fed, in the order of the request's inputs.
    ///
    /// # Errors
    /// [`Stopped`] if the gate or an updated parameter is not finite, or if the
    /// feeds or the state do not fit the plan.
    pub fn run(&mut self, state: &mut State, feeds: &[Feed<'_>]) -> Result<(), Stopped> {
        self.bind(state, feeds)?;
        let start = self.sharing.is_trial().then(Instant::now);
        self.run_steps(self.sharing.next())?;
        self.sharing.took(start.map_or(Duration::ZERO, |start| start.elapsed()));
        match self.nonfinite.iter().position(|flag| flag.load(Relaxed)) {
            Some(index) => Err(Stopped::Parameter(self.parameters[index])),
            None => Ok(()),
        }
    }

    fn run_steps(&self, share: bool) -> Result<(), Stopped> {
        let mut pool = self.device.pool();
        let _flush = FlushDenormals::new();
        let frame = self.frame();
        match self.steps.iter().all(|step| frame.run(step, &mut pool, share)) {
            true => Ok(()),
            false => Err(Stopped::Gate),
        }
    }

    /// The values of the request's output number `index` after a run, row-major;
    /// empty if there is no such output.
    pub fn output(&self, index: usize) -> &[f32] {
        let Some((slot, len)) = self.outputs.get(index) else { return &[] };
        let base = self.bases[slot.base];
        if base.start.is_null() {
            return &[];
        }
        // SAFETY: outputs are lowered to rows without gaps, in the arena, the
        // constants or a parameter; `len` numbers of them are there.
        unsafe { std::slice::from_raw_parts(base.start.add(slot.offset), *len) }
    }

    /// What products are computed in: bf16 only if the device can.
    pub fn precision(&self) -> Precision {
        if self.bf16.is_some() { Precision::Bf16 } else { Precision::F32 }
    }

    /// Bytes of memory that the plan holds besides the parameters.
    pub fn memory(&self) -> usize {
        4 * (self.arena.as_slice().len()
            + self.constants.as_slice().len()
            + self.scratch.as_slice().len())
    }

    /// The plan's steps in words: for profiles and for the curious.
    pub fn describe(&self) -> Vec<String> {
        self.steps.iter().map(|step| format!("{} {}", self.label(step), step.describe())).collect()
    }

    /// The layer and name of the node that a step computes first.
    fn label(&self, step: &Step) -> &str {
        let node = step.loops().first().map(|step| step.node);
        node.and_then(|node| self.labels.get(node)).map_or("", String::as_str)
    }

    /// Runs the plan as [`Plan::run`] does and adds each step's nanoseconds to
    /// `times`, one number a step, in the order of [`Plan::describe`].
    ///
    /// # Errors
    /// As [`Plan::run`], but a parameter that became non-finite is not reported.
    pub fn profile(
        &mut self,
        state: &mut State,
        feeds: &[Feed<'_>],
        times: &mut Vec<u64>,
    ) -> Result<(), Stopped> {
        self.bind(state, feeds)?;
        times.resize(self.steps.len(), 0);
        let mut pool = self.device.pool();
        let _flush = FlushDenormals::new();
        let frame = self.frame();
        for (step, time) in self.steps.iter().zip(times) {
            let start = Instant::now();
            if !frame.run(step, &mut pool, self.sharing.best()) {
                return Err(Stopped::Gate);
            }
            *time += start.elapsed().as_nanos() as u64;
        }
        Ok(())
    }

    fn frame(&self) -> Frame<'_> {
        Frame {
            kernels: self.device.kernels(),
            bf16: self.bf16,
            bases: &self.bases,
            scratch: self.scratch.start(),
            scratch_len: self.scratch_len,
            nonfinite: &self.nonfinite,
        }
    }

    /// Resolves all addresses.
    fn bind(&mut self, state: &mut State, feeds: &[Feed<'_>]) -> Result<(), CpuError> {
        let (expected, found) = (self.parameters.len(), state.len());
        if expected != found {
            return Err(CpuError::OtherState { expected, found });
        }
        if feeds.len() != self.inputs.len() {
            return Err(CpuError::FeedCount { expected: self.inputs.len(), found: feeds.len() });
        }
        let at = |start: *mut f32| Base { start, stride: 0 };
        self.bases[0] = at(self.arena.start());
        self.bases[1] = at(self.constants.start());
        for (index, &expected) in self.lengths.iter().enumerate() {
            let found = state.count(index).unwrap_or(0);
            if found != expected {
                return Err(CpuError::OtherState { expected, found });
            }
            let number = self.split.iter().position(|split| split.parameter == index);
            let start = state.start(index, number.map(|n| self.split[n]), self.bf16)?;
            // Halves have a base of their own, and no step asks for the other.
            let base = number.map_or(2 + index, |n| 2 + self.lengths.len() + feeds.len() + n);
            self.bases[base] = at(start);
        }
        for (index, (input, feed)) in self.inputs.iter().zip(feeds).enumerate() {
            input.check(feed)?;
            let stride = if input.rows > 1 { feed.stride } else { input.columns.max(1) };
            self.bases[2 + expected + index] =
                Base { start: feed.values.as_ptr().cast_mut(), stride };
        }
        self.nonfinite.iter().for_each(|flag| flag.store(false, Relaxed));
        Ok(())
    }
}

fn input(graph: &Graph, name: &str, batch: usize) -> Result<Input, CpuError> {
    let value = graph.find_input(name).ok_or_else(|| CpuError::UnknownInput(name.into()))?;
    let sizes = value.shape().sizes(batch);
    let (columns, leading) = sizes.split_last().map_or((1, &[][..]), |(c, rest)| (*c, rest));
    Ok(Input { name: name.into(), rows: leading.iter().product(), columns })
}

impl Input {
    fn check(&self, feed: &Feed<'_>) -> Result<(), CpuError> {
        let needed = match self.rows {
            0 => Some(0),
            rows => (rows - 1).checked_mul(feed.stride).and_then(|n| n.checked_add(self.columns)),
        };
        let narrow = self.rows > 1 && feed.stride < self.columns;
        if narrow || needed.is_none_or(|n| n > feed.values.len()) {
            return Err(CpuError::Feed {
                name: self.name.clone(),
                rows: self.rows,
                columns: self.columns,
                stride: feed.stride,
                needed: needed.unwrap_or(usize::MAX),
                found: feed.values.len(),
            });
        }
        Ok(())
    }
}
