//! The rows of epochs in the order in which training visits them.
//!
//! In memory an epoch is one permutation of all rows. A disk reads single rows at random
//! a hundred times slower than neighbouring ones, so rows on disk are visited in windows:
//! the file is cut into blocks, blocks are drawn in random order, as many as fit a window,
//! and the rows of a window are shuffled among themselves. Every epoch draws anew. A
//! thread reads the next window while the rows of one are used.
//!
//! Rows of the same block come within one window: where neighbouring rows of a file are
//! alike, batches are a little more alike than in memory. With the hundreds of blocks
//! that a window has by default nothing of it was measurable.

use crate::error::DataError;
use crate::order::{self, Purpose, order, shuffle_part, stream};
use crate::set::{Index, Set};
use crate::stream::FileRows;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Bytes of a block: as many as a disk needs to read at its rate.
const BLOCK: usize = 256 << 10;
/// A window has at least so many blocks, however small they must be for that.
const BLOCKS: usize = 64;

/// Rows of epochs, one after the other.
#[derive(Debug)]
pub struct Visit {
    set: Set,
    seed: u64,
    epochs: Range<u64>,
    /// Rows of the current epoch that were given.
    given: usize,
    order: Order,
}

/// Where the rows come from.
#[derive(Debug)]
enum Order {
    /// Memory, in this order.
    Listed(Vec<u32>),
    /// A thread that reads windows.
    Windows(Windows),
}

impl Visit {
    /// The rows of `epochs`, the first `skip` rows of the first one left out. The same
    /// arguments give the same rows on any machine.
    ///
    /// # Errors
    /// A file that cannot be read, a thread that the system refuses.
    pub fn start(
        set: &Set,
        seed: u64,
        epochs: Range<u64>,
        skip: usize,
    ) -> Result<Visit, DataError> {
        let order = match set.storage().as_file() {
            Some(_) => Order::Windows(Windows::start(set, seed, epochs.clone(), skip)?),
            None => Order::Listed(order(set.rows() as u32, seed, epochs.start as u32)),
        };
        Ok(Visit { set: set.clone(), seed, epochs, given: skip, order })
    }

    /// Writes the next rows to `x`, row i at `i · stride`, and their answers to `y` row
    /// after row; how many: `most`, or fewer at the end of an epoch, or 0 after the last.
    ///
    /// # Errors
    /// A file that cannot be read.
    ///
    /// # Panics
    /// If `x` and `y` cannot hold `most` rows: a mistake of the program.
    pub fn fill(
        &mut self,
        most: usize,
        (x, stride): (&mut [f32], usize),
        y: &mut [f32],
    ) -> Result<usize, DataError> {
        if self.given >= self.set.rows() && !self.epochs.is_empty() {
            (self.epochs.start, self.given) = (self.epochs.start + 1, 0);
            if let (Order::Listed(rows), false) = (&mut self.order, self.epochs.is_empty()) {
                *rows = order(self.set.rows() as u32, self.seed, self.epochs.start as u32);
            }
        }
        if self.epochs.is_empty() {
            return Ok(0);
        }
        let count = most.min(self.set.rows() - self.given);
        match &mut self.order {
            Order::Listed(rows) => {
                let rows = &rows[self.given..][..count];
                self.set.gather(rows, x, stride)?;
                self.set.targets(rows, y)?;
            }
            Order::Windows(windows) => windows.fill(&self.set, count, (x, stride), y)?,
        }
        self.given += count;
        Ok(count)
    }
}

/// Rows that were read, to be given in another order.
#[derive(Debug, Default)]
struct Window {
    bytes: Vec<u8>,
    answers: Vec<f32>,
    /// Which of its rows come next.
    order: VecDeque<u32>,
}

/// The receiving end of the thread that reads.
#[derive(Debug)]
struct Windows {
    read: Option<Receiver<Window>>,
    used: SyncSender<Window>,
    current: Window,
    thread: Option<JoinHandle<Result<(), DataError>>>,
}

impl Windows {
    fn start(set: &Set, seed: u64, epochs: Range<u64>, skip: usize) -> Result<Self, DataError> {
        // One window is used and one is ready or being read: never more.
        let (to_visit, read) = sync_channel(0);
        let (used, to_read) = sync_channel(2);
        let _ = used.try_send(Window::default());
        let mut reader = Reader::new(set, seed);
        let thread = std::thread::Builder::new().name("reader".into());
        let run = move || reader.run(epochs, skip, &to_read, &to_visit);
        let thread = thread.spawn(run).map_err(|e| DataError::io("a thread that reads rows", e))?;
        Ok(Windows { read: Some(read), used, current: Window::default(), thread: Some(thread) })
    }

    fn fill(
        &mut self,
        set: &Set,
        count: usize,
        (x, stride): (&mut [f32], usize),
        y: &mut [f32],
    ) -> Result<(), DataError> {
        let (columns, targets) = (set.columns(), set.target_columns());
        let Some(file) = set.storage().as_file() else { return Ok(()) };
        for i in 0..count {
            let slot = match self.current.order.pop_front() {
                Some(slot) => slot as usize,
                None => self.exchange()?,
            };
            let row = &self.current.bytes[slot * file.width..][..file.width];
            file.decode.row(row, set.affine(), &mut x[i * stride..][..columns]);
            let answer = &self.current.answers[slot * targets..][..targets];
            y[i * targets..][..targets].copy_from_slice(answer);
        }
        Ok(())
    }

    /// Gives the used window back and takes the next; its first row.
    fn exchange(&mut self) -> Result<usize, DataError> {
        // The thread has ended when it has read everything.
        let _ = self.used.try_send(std::mem::take(&mut self.current));
        loop {
            match self.read.as_ref().map(Receiver::recv) {
                Some(Ok(window)) => self.current = window,
                Some(Err(_)) | None => return Err(self.failure()),
            }
            if let Some(slot) = self.current.order.pop_front() {
                return Ok(slot as usize);
            }
        }
    }

    fn failure(&mut self) -> DataError {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(Err(error))) => error,
            _ => DataError::io(
                "the thread that reads rows",
                std::io::Error::other("it died, which is a mistake of the program"),
            ),
        }
    }
}

/// Ends the thread.
impl Drop for Windows {
    fn drop(&mut self) {
        self.read = None;
        if let Some(thread) = self.thread.take() {
            // What it read is of no more use, whatever became of it.
            let _ = thread.join();
        }
    }
}

/// The reading end, in its own thread.
struct Reader {
    set: Set,
    seed: u64,
    /// Rows of the file that are a block, and blocks that are a window.
    rows: usize,
    blocks: usize,
    scratch: Vec<u8>,
}

impl Reader {
    fn new(set: &Set, seed: u64) -> Reader {
        let file = set.storage().as_file();
        let (width, window) = file.map_or((1, 1), |file| (file.width.max(1), file.window));
        let rows = (BLOCK.min(window / BLOCKS) / width).max(1);
        let blocks = (window / (rows * width)).max(1);
        Reader { set: set.clone(), seed, rows, blocks, scratch: Vec::new() }
    }

    /// Reads windows until all is read or nobody takes them.
    fn run(
        &mut self,
        epochs: Range<u64>,
        skip: usize,
        used: &Receiver<Window>,
        read: &SyncSender<Window>,
    ) -> Result<(), DataError> {
        let mut skip = skip;
        for epoch in epochs {
            let mut blocks: Vec<u32> = (0..self.count() as u32).collect();
            order::shuffle(&mut blocks, &stream(self.seed, Purpose::Blocks, epoch as u32));
            for (number, blocks) in blocks.chunks(self.blocks).enumerate() {
                let rows: usize = blocks.iter().map(|block| self.members(*block).len()).sum();
                if skip >= rows {
                    skip -= rows;
                    continue;
                }
                let Ok(mut window) = used.recv() else { return Ok(()) };
                self.read(blocks, &mut window)?;
                let mut order: Vec<u32> = (0..rows as u32).collect();
                let random = stream(self.seed, Purpose::Window, epoch as u32);
                shuffle_part(&mut order, &random, number as u32);
                window.order.clear();
                window.order.extend(order.iter().skip(std::mem::take(&mut skip)));
                if read.send(window).is_err() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Blocks of the file.
    fn count(&self) -> usize {
        self.set.storage().rows().div_ceil(self.rows)
    }

    /// The rows of the set, by their numbers in it, that lie in a block.
    fn members(&self, block: u32) -> Range<usize> {
        let first = block as usize * self.rows;
        let end = (first + self.rows).min(self.set.storage().rows());
        self.set.places().below(first)..self.set.places().below(end)
    }

    /// Reads the set's rows in some blocks, in the order of the file.
    fn read(&mut self, blocks: &[u32], window: &mut Window) -> Result<(), DataError> {
        let mut blocks = blocks.to_vec();
        blocks.sort_unstable();
        window.bytes.clear();
        window.answers.clear();
        let set = self.set.clone();
        let Some(file) = set.storage().as_file() else { return Ok(()) };
        for block in blocks {
            let rows = self.members(block);
            self.read_rows(file, rows.clone(), &mut window.bytes)?;
            let (start, columns) = (window.answers.len(), set.target_columns());
            window.answers.resize(start + rows.len() * columns, 0.0);
            if set.has_targets() {
                let rows: Vec<u32> = rows.map(|row| row as u32).collect();
                set.targets(&rows, &mut window.answers[start..])?;
            }
        }
        Ok(())
    }

    /// Appends the bytes of rows that lie in one block.
    fn read_rows(
        &mut self,
        file: &FileRows,
        rows: Range<usize>,
        to: &mut Vec<u8>,
    ) -> Result<(), DataError> {
        let places = self.set.places();
        if let Index::All = places {
            return file.read(rows.start, rows.len(), to);
        }
        let Some(last) = rows.clone().last() else { return Ok(()) };
        let (first, last) = (places.of(rows.start), places.of(last));
        self.scratch.clear();
        file.read(first, last - first + 1, &mut self.scratch)?;
        for row in rows {
            let at = (places.of(row) - first) * file.width;
            to.extend_from_slice(&self.scratch[at..][..file.width]);
        }
        Ok(())
    }
}
