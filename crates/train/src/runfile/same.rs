//! Whether the `run.toml` of a run folder is that of a run which is to be made.

use super::checked::Checked;
use super::keys;
use super::value::Item;

/// Keys that a run file may leave to the data; a `run.toml` has them.
const FOUND: [&str; 4] = ["data.task", "data.memory", "model.output", "loss.kind"];

impl Checked {
    /// The first key, in the order of the run file, whose value in `stored`, the
    /// `run.toml` of a run folder, is another than here: its name, the value here and
    /// the one there. `None`: the stored run is this one.
    pub fn differs_from(&self, stored: &Checked) -> Option<(&'static str, String, String)> {
        let shown = |item: Option<Item>| item.map_or("not set".into(), |i| i.value.to_string());
        keys::all().find_map(|key| {
            let (own, stored) = (self.spec.get(key.name), stored.spec.get(key.name));
            if own.is_none() && FOUND.contains(&key.name) {
                return None;
            }
            let (own, stored) = (shown(own), shown(stored));
            (own != stored).then_some((key.name, own, stored))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::runfile::parse;
    use std::path::Path;

    const TEXT: &str = "[data]\nsource = \"iris\"\n[train]\nlr = 1e-3\noptimizer = \"adam\"\n\
                        [model]\nlayers = [{ units = 5, activation = \"tanh\" }]\n";

    #[test]
    fn a_rendered_run_file_is_the_same_and_another_setting_is_named() {
        let checked = |text: &str| parse(text, Path::new("run.toml"), &[]).unwrap();
        let written = checked(TEXT);
        let data = gradwise_data::open(&written.data).unwrap();
        let rendered = written.render(&written.resolve(&data).unwrap());
        assert_eq!(written.differs_from(&checked(&rendered)), None);
        let other = rendered.replace("lr = 0.001", "lr = 0.25");
        let found = written.differs_from(&checked(&other)).unwrap();
        assert_eq!(found, ("train.lr", "0.001".into(), "0.25".into()));
    }
}
