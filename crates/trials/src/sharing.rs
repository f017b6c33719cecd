//! Data are read once for all runs whose `[data]` settings are the same.

use gradwise_data::{Data, DataError, DataSpec};
use std::sync::{Arc, Mutex, PoisonError};

/// The data of a study. Each is read when the first run needs it and dropped after the
/// last.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    entries: Mutex<Vec<Entry>>,
}

#[derive(Debug)]
struct Entry {
    spec: DataSpec,
    /// Runs that still need it.
    left: usize,
    data: Option<Arc<Data>>,
}

impl Shared {
    /// For runs that read what `specs` say, one for each run.
    pub fn new<'s>(specs: impl Iterator<Item = &'s DataSpec>) -> Shared {
        let mut entries: Vec<Entry> = Vec::new();
        for spec in specs {
            match entries.iter_mut().find(|e| e.spec == *spec) {
                Some(entry) => entry.left += 1,
                None => entries.push(Entry { spec: spec.clone(), left: 1, data: None }),
            }
        }
        Shared { entries: Mutex::new(entries) }
    }

    /// The data of a run. Others wait while they are read: they mostly want the same.
    pub fn take(&self, spec: &DataSpec) -> Result<Arc<Data>, DataError> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = entries.iter_mut().find(|e| e.spec == *spec) else {
            return gradwise_data::open(spec).map(Arc::new);
        };
        let data = match entry.data.take() {
            Some(data) => data,
            None => Arc::new(gradwise_data::open(spec)?),
        };
        entry.left = entry.left.saturating_sub(1);
        if entry.left > 0 {
            entry.data = Some(data.clone());
        }
        Ok(data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_settings_share_and_the_last_run_takes_it_along() {
        let (iris, moons) = (DataSpec::new("iris"), DataSpec::new("moons(20, 0.1)"));
        let shared = Shared::new([&iris, &moons, &iris].into_iter());
        let first = shared.take(&iris).unwrap();
        let second = shared.take(&iris).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(Arc::strong_count(&first), 2);
        assert_eq!(shared.take(&moons).unwrap().schema.columns, 2);
    }
}
