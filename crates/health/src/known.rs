//! Data with what they say by themselves, kept for the next run on the same data.
//!
//! Reading images and looking for each one's neighbours takes longer than many a
//! training; runs that are compared mostly differ in something else.

use crate::data::Facts;
use crate::doctor::HealthError;
use gradwise_data::{Data, DataSpec};
use gradwise_nn::Loss;
use gradwise_train::runfile::{Checked, Resolved};
use std::sync::{Arc, Mutex, PoisonError};

/// Data that are kept at the same time.
const KEPT: usize = 2;

/// Data and facts.
#[derive(Debug)]
pub(crate) struct Known {
    spec: DataSpec,
    scale_target: bool,
    /// By which neighbours are compared where it is robust.
    loss: Option<Loss>,
    pub data: Data,
    pub facts: Facts,
}

/// What was looked at lately, the newest last.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    known: Mutex<Vec<Arc<Known>>>,
}

impl Memory {
    /// The data of a run file, and what it says with their sizes. Others wait while new
    /// ones are read: they mostly want the same.
    pub fn of(&self, checked: &Checked) -> Result<(Arc<Known>, Resolved), HealthError> {
        let (spec, scale_target) = (&checked.data, checked.loss.scale_target);
        let loss = checked.loss.kind.filter(|kind| matches!(kind, Loss::L1 | Loss::Huber(_)));
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |known: &&Arc<Known>| {
            known.spec == *spec && known.scale_target == scale_target && known.loss == loss
        };
        if let Some(known) = all.iter().find(same) {
            return Ok((known.clone(), checked.resolve(&known.data)?));
        }
        let data = gradwise_data::open(spec)?;
        let resolved = checked.resolve(&data)?;
        let facts = Facts::of(&data, &resolved)?;
        let known = Arc::new(Known { spec: spec.clone(), scale_target, loss, data, facts });
        if all.len() == KEPT {
            all.remove(0);
        }
        all.push(known.clone());
        Ok((known, resolved))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_compared_anew_by_a_robust_loss() {
        let memory = Memory::default();
        let known = |loss: &str| {
            let data =
                "[data]\nsource = \"iris\"\ntarget = \"petal width (cm)\"\ntask = \"regression\"";
            let text = format!("{data}\n[loss]\nkind = \"{loss}\"\n");
            let checked = gradwise_train::runfile::parse(&text, "run.toml".as_ref(), &[]).unwrap();
            let known = memory.of(&checked).unwrap().0;
            known.facts.probe.as_ref().and_then(|probe| probe.robust)
        };
        assert_eq!(known("l2"), None);
        assert!(known("l1").is_some() && known("huber(0.1)") != known("huber(1)"));
        assert_eq!(known("l2"), None);
    }

    #[test]
    fn the_same_data_are_read_once_and_the_oldest_are_forgotten() {
        let memory = Memory::default();
        let known = |text: &str| {
            let text = format!("[data]\nsource = \"iris\"\n{text}");
            let checked = gradwise_train::runfile::parse(&text, "run.toml".as_ref(), &[]).unwrap();
            memory.of(&checked).unwrap().0
        };
        let first = known("[train]\nlr = 0.1\n");
        assert!(Arc::ptr_eq(&first, &known("[train]\nlr = 0.2\n")));
        let other = known("limit = 100\n");
        assert!(!Arc::ptr_eq(&first, &other));
        known("limit = 90\n");
        assert!(!Arc::ptr_eq(&first, &known("")));
    }
}
