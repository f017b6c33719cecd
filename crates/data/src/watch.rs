//! News of a source that takes long to read, for whoever waits for it.

use crate::error::DataError;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

/// How far the conversion of a source that does not fit into memory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversion<'a> {
    /// The source.
    pub file: &'a str,
    /// Bytes of it that were read.
    pub done: u64,
    /// All its bytes; 0 where that is not known, as of a gzipped file.
    pub size: u64,
    /// Rows so far.
    pub rows: usize,
}

type Listener = dyn Fn(Option<Conversion<'_>>) -> ControlFlow<()> + Send + Sync;

/// Who is told how far a conversion is, and may stop it. Equal to any other: it changes
/// nothing about what is read.
#[derive(Clone, Default)]
pub struct Watcher(Option<Arc<Listener>>);

impl Watcher {
    /// `listener` is called about ten times a second while a source is converted, and with
    /// `None` when that is done. Its answer `Break` stops the reading, whose error is then
    /// [`DataError::Stopped`].
    pub fn new(
        listener: impl Fn(Option<Conversion<'_>>) -> ControlFlow<()> + Send + Sync + 'static,
    ) -> Watcher {
        Watcher(Some(Arc::new(listener)))
    }

    pub(crate) fn tell(&self, file: &str, news: Option<Conversion<'_>>) -> Result<(), DataError> {
        match self.0.as_ref().map(|listener| listener(news)) {
            Some(ControlFlow::Break(())) => Err(DataError::Stopped { file: file.into() }),
            Some(ControlFlow::Continue(())) | None => Ok(()),
        }
    }
}

impl PartialEq for Watcher {
    fn eq(&self, _: &Watcher) -> bool {
        true
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Watcher" } else { "nobody" })
    }
}
