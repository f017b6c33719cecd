//! The conversation between the driver and a peer, for peers in Rust: see `serve.py`.
//!
//! A file that each of them includes, so that none needs the others.

use serde::Deserialize;
use serde_json::{Value, json};
use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Instant;

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;
/// Makes one step, and waits for it.
pub type Step = Box<dyn FnMut() -> Result<()>>;

/// A network and how it is run: a row of the table of networks.
#[derive(Deserialize)]
pub struct Spec {
    pub widths: Vec<usize>,
    pub batch: usize,
    pub activation: String,
    pub optimizer: String,
    pub forward: bool,
}

impl Spec {
    /// The argument of an activation such as `maxout(2)`.
    pub fn argument(&self) -> Option<&str> {
        self.activation.split_once('(').map(|(_, rest)| rest.trim_end_matches(')'))
    }

    /// Weighted sums for each hidden unit.
    pub fn pieces(&self) -> usize {
        let maxout = self.activation.starts_with("maxout");
        self.argument().filter(|_| maxout).and_then(|k| k.parse().ok()).unwrap_or(1)
    }

    /// Inputs and weighted sums of each layer.
    pub fn layers(&self) -> Vec<(usize, usize)> {
        let last = self.widths.len() - 2;
        let sums = |i: usize| self.widths[i + 1] * if i < last { self.pieces() } else { 1 };
        (0..=last).map(|i| (self.widths[i], sums(i))).collect()
    }
}

/// Answers until stdin ends. `build` gives what makes one step.
pub fn serve(build: impl Fn(&Spec) -> Result<Step>) -> Result<()> {
    let (mut step, mut answers) = (None, std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let answer = match (request.as_u64(), &mut step) {
            (Some(count), Some(step)) => json!(run(step, count)?),
            (Some(_), None) => json!({"error": "no network was described yet"}),
            (None, _) => match first(&build, request) {
                Ok(built) => {
                    step = Some(built);
                    json!("ready")
                }
                Err(error) => json!({ "error": error.to_string() }),
            },
        };
        writeln!(answers, "{answer}")?;
        answers.flush()?;
    }
    Ok(())
}

/// Builds, and makes a first step.
fn first(build: impl Fn(&Spec) -> Result<Step>, request: Value) -> Result<Step> {
    let mut step = build(&serde_json::from_value(request)?)?;
    step()?;
    Ok(step)
}

/// The times of `count` steps, in microseconds.
fn run(step: &mut Step, count: u64) -> Result<Vec<f64>> {
    let mut timed = |_| {
        let start = Instant::now();
        step()?;
        Ok(start.elapsed().as_secs_f64() * 1e6)
    };
    (0..count).map(&mut timed).collect()
}
