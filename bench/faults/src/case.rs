//! A case: a run file, and what is wrong with it.

/// A training with a known fault, or a healthy one.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name: the number in the list of faults, then what was changed.
    pub name: String,
    /// Settings by dotted key, values in TOML.
    pub settings: Vec<(String, String)>,
    /// Findings any of which is right as the root; none for a healthy run.
    pub roots: Vec<&'static str>,
    /// Whether it is sick only where it does not train well: about half of the seeds.
    pub by_curve: bool,
    /// Whether it was kept back while rules were tuned.
    pub held_out: bool,
}

/// Settings that cases start from.
pub type Base = &'static [(&'static str, &'static str)];

/// MNIST, dense 512-512 ReLU, He, softmax, cross-entropy, SGD 0.1, batch 128: on 10,000
/// images, so that all cases run on a small machine.
pub const M: Base = &[
    ("data.source", "\"mnist\""),
    ("data.preprocess", "[\"scale(255)\"]"),
    ("data.limit", "10000"),
    ("data.split", "{ train = 0.9, validation = 0.1 }"),
    ("model.width", "512"),
    ("model.depth", "2"),
    ("model.activation", "\"relu\""),
    ("model.init", "\"he\""),
    ("regularize.l2", "1e-5"),
    ("train.epochs", "5"),
    ("train.batch", "128"),
    ("train.optimizer", "\"sgd\""),
    ("train.lr", "0.1"),
];

/// auto-mpg, seven features min-max, target in [0, 1], dense 64-64 ReLU, linear, L2,
/// Adam 1e-3, batch 32. `DATA` stands for the folder of made files.
pub const G: Base = &[
    ("data.source", "\"DATA/auto-mpg.csv\""),
    ("data.target", "\"mpg\""),
    ("data.task", "\"regression\""),
    ("data.preprocess", "[\"min-max\"]"),
    ("data.split", "{ train = 0.8, validation = 0.2 }"),
    ("model.width", "64"),
    ("model.depth", "2"),
    ("model.activation", "\"relu\""),
    ("model.init", "\"he\""),
    ("regularize.l2", "1e-5"),
    ("train.epochs", "60"),
    ("train.batch", "32"),
    ("train.optimizer", "\"adam\""),
    ("train.lr", "1e-3"),
];

/// Two circles, deep nets of 5 units, Adam 1e-3, batch 128, 300 epochs.
pub const CIRCLE: Base = &[
    ("data.source", "\"circles(1000, 0.1)\""),
    ("data.split", "{ train = 0.8, validation = 0.2 }"),
    ("model.width", "5"),
    ("model.depth", "8"),
    ("model.activation", "\"tanh\""),
    ("model.init", "\"xavier\""),
    ("train.epochs", "300"),
    ("train.batch", "128"),
    ("train.optimizer", "\"adam\""),
    ("train.lr", "1e-3"),
];

/// Three clouds in the plane; otherwise as the circles.
pub const BLOB: Base = &[
    ("data.source", "\"blobs(1000, 3, 2)\""),
    ("data.split", "{ train = 0.8, validation = 0.2 }"),
    ("model.width", "5"),
    ("model.depth", "5"),
    ("model.activation", "\"tanh\""),
    ("model.init", "\"xavier\""),
    ("train.epochs", "300"),
    ("train.batch", "128"),
    ("train.optimizer", "\"adam\""),
    ("train.lr", "1e-3"),
];

/// A table or small image set with sensible settings.
pub const SMALL: Base = &[
    ("data.preprocess", "[\"standardize\"]"),
    ("model.width", "64"),
    ("model.depth", "2"),
    ("model.activation", "\"relu\""),
    ("model.init", "\"he\""),
    ("regularize.l2", "1e-4"),
    ("train.epochs", "30"),
    ("train.batch", "32"),
    ("train.optimizer", "\"adam\""),
    ("train.lr", "1e-3"),
];

impl Case {
    /// A case of a base with some settings changed.
    pub fn new(name: &str, base: Base, changes: &[(&str, &str)], roots: &[&'static str]) -> Case {
        let own = |(key, value): &(&str, &str)| (key.to_string(), value.to_string());
        let mut settings: Vec<(String, String)> = base.iter().map(own).collect();
        for (key, value) in changes {
            // The short and the long form of hidden layers exclude each other.
            if *key == "model.layers" {
                settings.retain(|(k, _)| k != "model.width" && k != "model.depth");
            }
            if *value == "\"lbfgs\"" {
                settings.retain(|(k, _)| k != "train.batch" && k != "train.lr");
            }
            settings.retain(|(k, _)| k != key);
            settings.push(own(&(*key, *value)));
        }
        let roots = roots.to_vec();
        Case { name: name.into(), settings, roots, by_curve: false, held_out: false }
    }

    /// The same, kept back while rules were tuned.
    pub fn held_out(self) -> Case {
        Case { held_out: true, ..self }
    }

    /// The run file under a seed.
    pub fn text(&self, seed: u64, data: &str) -> String {
        let mut sections: Vec<(&str, String)> = vec![("", format!("seed = {seed}\n"))];
        for (key, value) in &self.settings {
            let (section, short) = key.split_once('.').unwrap_or(("", key));
            let line = format!("{short} = {}\n", value.replace("DATA", data));
            match sections.iter_mut().find(|(name, _)| *name == section) {
                Some((_, text)) => *text += &line,
                None => sections.push((section, line)),
            }
        }
        let written = |(name, text): &(&str, String)| match *name {
            "" => text.clone(),
            name => format!("\n[{name}]\n{text}"),
        };
        format!("# {}\n{}", self.name, sections.iter().map(written).collect::<String>())
    }
}
