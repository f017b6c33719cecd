//! What is wrong with each run: told by whoever makes the study, since this crate knows
//! no rules.

use crate::error::StudyError;
use crate::runs::{Planned, State};
use gradwise_train::folder::event::Finding;
use gradwise_train::runfile::Checked;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// A verdict (healthy, suspect or broken), and what it rests on.
pub type Judged = (String, Vec<Finding>);

/// Looks at the run folder of a run file; `None` where it cannot tell.
type Look = dyn Fn(&Path, &Checked) -> Option<Judged> + Send + Sync;

/// A judge of runs; may be asked by several threads at once.
#[derive(Clone)]
pub struct Judge(Arc<Look>);

impl Judge {
    /// A judge that looks at a run folder and its run file.
    pub fn new(look: impl Fn(&Path, &Checked) -> Option<Judged> + Send + Sync + 'static) -> Judge {
        Judge(Arc::new(look))
    }

    /// Judges a run if it ended, and writes the judgement into its summary.
    pub(crate) fn hear(&self, run: &Planned) -> Result<(), StudyError> {
        let State::Ended(mut summary) = run.state()? else { return Ok(()) };
        let Some((verdict, findings)) = (self.0)(&run.folder, &run.checked) else { return Ok(()) };
        (summary.verdict, summary.findings) = (Some(verdict), findings);
        Ok(summary.write(&run.folder)?)
    }

    /// Judges a run that ended before and was not.
    pub(crate) fn catch_up(&self, run: &Planned) -> Result<(), StudyError> {
        match run.state()? {
            State::Ended(summary) if summary.verdict.is_none() => self.hear(run),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Judge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Judge")
    }
}
