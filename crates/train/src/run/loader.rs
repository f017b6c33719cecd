//! Batches are prepared beside the step: a thread gathers the rows of coming steps
//! into buffers that travel back when they are used up.
//!
//! A buffer holds several batches where they are small, so that handing it over
//! costs little even where a step takes tens of microseconds.

use super::error::TrainError;
use gradwise_data::{Set, Visit};
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// About this many numbers of features are in a buffer: 1 MB, so that those in use
/// stay in the second-level caches' reach.
const BUFFER: usize = 1 << 18;
/// At least so many, at most so many batches are in a buffer.
const BATCHES: (usize, usize) = (1, 256);
/// Buffers: one in use, one ready, one being filled.
const BUFFERS: usize = 3;

/// Which rows to give, and in which layout.
#[derive(Clone, Debug)]
pub struct Order {
    /// The seed of the shuffles.
    pub seed: u64,
    /// Rows of a batch; the last of an epoch may have fewer.
    pub batch: usize,
    /// From one row to the next in a buffer.
    pub stride: usize,
    /// Numbers of a row's answer.
    pub targets: usize,
    /// The epochs to give, counted from 0.
    pub epochs: Range<u64>,
    /// Batches of the first of these epochs that were given already.
    pub skip: u64,
}

/// A buffer of several batches.
#[derive(Debug, Default)]
struct Filled {
    x: gradwise_cpu::Buffer,
    y: Vec<f32>,
    /// Rows of each batch.
    rows: Vec<usize>,
}

/// The receiving end.
#[derive(Debug)]
pub struct Loader {
    order: Order,
    filled: Receiver<Filled>,
    empty: Option<SyncSender<Filled>>,
    current: Filled,
    next: usize,
    thread: Option<JoinHandle<Result<(), TrainError>>>,
}

/// The rows of one step.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Rows.
    pub rows: usize,
    /// Features, row after row at the order's stride.
    pub x: &'a [f32],
    /// Answers, row after row.
    pub y: &'a [f32],
}

impl Loader {
    /// Starts the thread.
    ///
    /// # Errors
    /// A thread that the system refuses.
    pub fn start(set: Set, order: Order) -> Result<Loader, TrainError> {
        let (to_step, filled) = sync_channel(BUFFERS);
        let (empty, to_fill) = sync_channel(BUFFERS);
        (0..BUFFERS).for_each(|_| drop(empty.try_send(Filled::default())));
        let mut filler = Filler::new(set, order.clone());
        let thread = std::thread::Builder::new()
            .name("loader".into())
            .spawn(move || filler.run(&to_fill, &to_step))
            .map_err(|_| TrainError::Thread("prepares batches"))?;
        let (current, thread) = (Filled::default(), Some(thread));
        Ok(Loader { order, filled, empty: Some(empty), current, next: 0, thread })
    }

    /// The next batch; `None` after the last.
    ///
    /// # Errors
    /// Rows that cannot be read; the thread died.
    pub fn next(&mut self) -> Result<Option<Batch<'_>>, TrainError> {
        if self.next >= self.current.rows.len() && !self.exchange()? {
            return Ok(None);
        }
        let index = self.next;
        let &Order { batch, stride, targets, .. } = &self.order;
        let rows = self.current.rows.get(index).copied().unwrap_or(0);
        self.next += 1;
        let x = self.current.x.get(index * batch * stride..).unwrap_or_default();
        let y = self.current.y.get(index * batch * targets..).unwrap_or_default();
        let y = y.get(..rows * targets).unwrap_or_default();
        Ok(Some(Batch { rows, x: x.get(..rows * stride).unwrap_or_default(), y }))
    }

    /// Gives the used buffer back and takes a filled one.
    fn exchange(&mut self) -> Result<bool, TrainError> {
        let used = std::mem::take(&mut self.current);
        if let Some(empty) = &self.empty
            && !used.x.is_empty()
        {
            // The thread has ended when it has filled everything.
            let _ = empty.try_send(used);
        }
        match self.filled.recv() {
            Ok(buffer) => {
                (self.current, self.next) = (buffer, 0);
                Ok(true)
            }
            Err(_) => match self.thread.take().map(JoinHandle::join) {
                Some(Err(_)) => Err(TrainError::Thread("prepares batches")),
                Some(Ok(Err(error))) => Err(error),
                Some(Ok(Ok(()))) | None => Ok(false),
            },
        }
    }
}

/// Ends the thread.
impl Drop for Loader {
    fn drop(&mut self) {
        self.empty = None;
        let (_, closed) = sync_channel(1);
        self.filled = closed;
        if let Some(thread) = self.thread.take() {
            // Its buffers are of no more use, whatever became of it.
            let _ = thread.join();
        }
    }
}

/// The filling end, in its own thread.
struct Filler {
    set: Set,
    order: Order,
    batches: usize,
}

impl Filler {
    fn new(set: Set, order: Order) -> Filler {
        let per_batch = (order.batch * order.stride).max(1);
        let batches = (BUFFER / per_batch).clamp(BATCHES.0, BATCHES.1);
        Filler { set, order, batches }
    }

    /// Fills buffers until all is given or nobody takes them.
    fn run(
        &mut self,
        empty: &Receiver<Filled>,
        filled: &SyncSender<Filled>,
    ) -> Result<(), TrainError> {
        let Order { seed, batch, skip, .. } = self.order;
        let skip = (skip as usize).saturating_mul(batch).min(self.set.rows());
        let mut visit = Visit::start(&self.set, seed, self.order.epochs.clone(), skip)?;
        loop {
            let Ok(mut buffer) = empty.recv() else { return Ok(()) };
            if !self.fill(&mut buffer, &mut visit)? || filled.send(buffer).is_err() {
                return Ok(());
            }
        }
    }

    /// Whether there were rows left.
    fn fill(&self, buffer: &mut Filled, visit: &mut Visit) -> Result<bool, TrainError> {
        let Order { batch, stride, targets, .. } = self.order;
        let most = self.batches * batch.max(1);
        // The same length each time: only the first call allocates.
        buffer.x.resize(most * stride)?;
        buffer.y.resize(most * targets, 0.0);
        let rows = visit.fill(most, (&mut buffer.x, stride), &mut buffer.y)?;
        buffer.rows.clear();
        buffer.rows.extend((0..rows).step_by(batch.max(1)).map(|start| batch.min(rows - start)));
        Ok(rows > 0)
    }
}
