//! Optimizers by name, with PyTorch's settings and defaults. Their graph fragments
//! are in [`crate::update`]; L-BFGS works outside of a graph, in [`crate::lbfgs`].

use crate::call::{Family, ParseError, nearest};
use crate::error::BuildError;
use std::fmt;
use std::str::FromStr;

/// How gradients change parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Optimizer {
    /// Gradient descent, with momentum if it is above 0 (Sutskever et al. 2013).
    Sgd {
        /// m in b ← m·b + g.
        momentum: f64,
        /// Step by g + m·b instead of b.
        nesterov: bool,
        /// d in g ← g + d·w.
        weight_decay: f64,
    },
    /// Kingma and Ba 2015.
    Adam(Adam),
    /// Adam with w ← w − lr·d·w in place of d in the gradient: Loshchilov and
    /// Hutter 2019.
    AdamW(Adam),
    /// Hinton 2012 (lecture 6e), as PyTorch: ε outside of the root.
    RmsProp {
        /// The average's memory, `alpha` in PyTorch.
        rho: f64,
        /// ε.
        epsilon: f64,
        /// m in b ← m·b + g/√v.
        momentum: f64,
        /// d in g ← g + d·w.
        weight_decay: f64,
    },
    /// Duchi, Hazan and Singer 2011.
    Adagrad {
        /// ε.
        epsilon: f64,
        /// d in g ← g + d·w.
        weight_decay: f64,
    },
    /// Limited-memory BFGS on full batches: see [`crate::Lbfgs`].
    Lbfgs {
        /// Pairs of differences remembered.
        history: usize,
    },
}

/// Adam's settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// The first moment's memory.
    pub beta1: f64,
    /// The second moment's memory.
    pub beta2: f64,
    /// ε.
    pub epsilon: f64,
    /// d: added to the gradient by Adam, taken from the weight by AdamW.
    pub weight_decay: f64,
}

static FAMILY: Family = Family {
    kind: "optimizer",
    forms: &["sgd", "adam", "adamw", "rmsprop", "adagrad", "lbfgs"],
    elsewhere: &[
        ("momentum", "sgd"),
        ("nesterov", "sgd"),
        ("gd", "sgd"),
        ("gradient-descent", "sgd"),
        ("l-bfgs", "lbfgs"),
        ("nadam", "adam"),
    ],
};

/// The value of a setting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Setting {
    /// A number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
}

/// A place for a setting, with what it accepts.
enum Slot<'s> {
    /// At least 0.
    Number(&'s mut f64),
    /// At least 0 and below 1.
    Memory(&'s mut f64),
    Flag(&'s mut bool),
    /// A whole number of at least 1.
    Count(&'s mut usize),
}

/// The names of all settings of all optimizers.
pub const SETTINGS: [&str; 8] =
    ["momentum", "nesterov", "weight-decay", "beta1", "beta2", "rho", "epsilon", "history"];

impl Optimizer {
    /// The learning rate that PyTorch has by default.
    pub fn default_lr(&self) -> f64 {
        match self {
            Optimizer::Sgd { .. } | Optimizer::Adam(_) | Optimizer::AdamW(_) => 1e-3,
            Optimizer::RmsProp { .. } | Optimizer::Adagrad { .. } => 1e-2,
            Optimizer::Lbfgs { .. } => 1.0,
        }
    }

    fn slots(&mut self) -> Vec<(&'static str, Slot<'_>)> {
        match self {
            Optimizer::Sgd { momentum, nesterov, weight_decay } => vec![
                ("momentum", Slot::Number(momentum)),
                ("nesterov", Slot::Flag(nesterov)),
                ("weight-decay", Slot::Number(weight_decay)),
            ],
            Optimizer::Adam(adam) | Optimizer::AdamW(adam) => vec![
                ("beta1", Slot::Memory(&mut adam.beta1)),
                ("beta2", Slot::Memory(&mut adam.beta2)),
                ("epsilon", Slot::Number(&mut adam.epsilon)),
                ("weight-decay", Slot::Number(&mut adam.weight_decay)),
            ],
            Optimizer::RmsProp { rho, epsilon, momentum, weight_decay } => vec![
                ("rho", Slot::Memory(rho)),
                ("epsilon", Slot::Number(epsilon)),
                ("momentum", Slot::Number(momentum)),
                ("weight-decay", Slot::Number(weight_decay)),
            ],
            Optimizer::Adagrad { epsilon, weight_decay } => {
                vec![
                    ("epsilon", Slot::Number(epsilon)),
                    ("weight-decay", Slot::Number(weight_decay)),
                ]
            }
            Optimizer::Lbfgs { history } => vec![("history", Slot::Count(history))],
        }
    }

    /// The number that a setting of this name has, such as `epsilon`; `None` if the
    /// optimizer has no such number.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.settings().into_iter().find_map(|(of, setting)| match setting {
            Setting::Number(value) if of == name => Some(value),
            _ => None,
        })
    }

    /// Its settings by their names in a run file, in a fixed order.
    pub fn settings(&self) -> Vec<(&'static str, Setting)> {
        let read = |slot: Slot<'_>| match slot {
            Slot::Number(x) | Slot::Memory(x) => Setting::Number(*x),
            Slot::Flag(flag) => Setting::Flag(*flag),
            Slot::Count(n) => Setting::Number(*n as f64),
        };
        let mut copy = *self;
        copy.slots().into_iter().map(|(key, slot)| (key, read(slot))).collect()
    }

    /// Changes the setting `key`.
    ///
    /// # Errors
    /// This optimizer has no such setting, or the value is out of range.
    pub fn set(&mut self, key: &str, value: Setting) -> Result<(), BuildError> {
        let optimizer = self.to_string();
        let fail = |reason: String| BuildError::Optimizer { optimizer, reason };
        let mut slots = self.slots();
        let keys: Vec<&str> = slots.iter().map(|(key, _)| *key).collect();
        let Some((_, slot)) = slots.iter_mut().find(|(name, _)| *name == key) else {
            let near = nearest(key, keys.iter().copied())
                .map_or(String::new(), |name| format!(" (did you mean {name:?}?)"));
            return Err(fail(format!("it has no {key:?}{near}; it has {}", keys.join(", "))));
        };
        match (slot, value) {
            (Slot::Number(to), Setting::Number(x)) if x >= 0.0 && x.is_finite() => **to = x,
            (Slot::Memory(to), Setting::Number(x)) if (0.0..1.0).contains(&x) => **to = x,
            (Slot::Flag(to), Setting::Flag(flag)) => **to = flag,
            (Slot::Count(to), Setting::Number(x))
                if (1.0..1e6).contains(&x) && x.fract() == 0.0 =>
            {
                **to = x as usize;
            }
            (slot, _) => return Err(fail(format!("{key} is not {}", slot.wanted()))),
        }
        Ok(())
    }

    /// All names that can be written in a run file.
    pub fn forms() -> &'static [&'static str] {
        FAMILY.forms
    }
}

impl Slot<'_> {
    fn wanted(&self) -> &'static str {
        match self {
            Slot::Number(_) => "a number of at least 0",
            Slot::Memory(_) => "a number of at least 0 and below 1",
            Slot::Flag(_) => "true or false",
            Slot::Count(_) => "a whole number of at least 1",
        }
    }
}

impl FromStr for Optimizer {
    type Err = ParseError;

    /// The optimizer with its defaults.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let call = FAMILY.read(text)?;
        let adam = Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.0 };
        Ok(match (call.name, &call.arguments[..]) {
            ("sgd", []) => Optimizer::Sgd { momentum: 0.0, nesterov: false, weight_decay: 0.0 },
            ("adam", []) => Optimizer::Adam(adam),
            ("adamw", []) => Optimizer::AdamW(Adam { weight_decay: 0.01, ..adam }),
            ("rmsprop", []) => {
                Optimizer::RmsProp { rho: 0.99, epsilon: 1e-8, momentum: 0.0, weight_decay: 0.0 }
            }
            ("adagrad", []) => Optimizer::Adagrad { epsilon: 1e-10, weight_decay: 0.0 },
            ("lbfgs", []) => Optimizer::Lbfgs { history: 10 },
            _ => {
                return Err(
                    call.misfit("it is written without arguments: settings are keys of [train]")
                );
            }
        })
    }
}

impl fmt::Display for Optimizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Optimizer::Sgd { .. } => "sgd",
            Optimizer::Adam(_) => "adam",
            Optimizer::AdamW(_) => "adamw",
            Optimizer::RmsProp { .. } => "rmsprop",
            Optimizer::Adagrad { .. } => "adagrad",
            Optimizer::Lbfgs { .. } => "lbfgs",
        })
    }
}
