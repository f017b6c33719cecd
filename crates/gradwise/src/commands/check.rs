//! `gradwise check`: a run file before it is trained.

use super::options::{self, Pair};
use crate::failure::Failure;
use crate::{diagnosis, output};
use clap::Args;
use gradwise_health::Verdict;
use gradwise_health::check;
use gradwise_view::terminal::{Table, duration, significant};
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

/// Checks a run file before training, in seconds: data, network and loss, signals
/// through the first weights beside theory, one batch learnt by itself, learning
/// rates that work, the cost of an epoch.
///
/// Exit status 3 for errors, 4 for warnings, 0 if nothing is wrong.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gradwise check run.toml\n  \
    gradwise check run.toml --set model.depth=20 --json")]
pub struct Check {
    /// The run file.
    #[arg(value_name = "RUN.toml")]
    run: PathBuf,
    /// Puts a value over that of the run file.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = options::pair)]
    sets: Vec<Pair>,
    /// Seconds that each of the two trials may take.
    #[arg(long, value_name = "S", default_value_t = 2.0)]
    seconds: f64,
    /// How many threads compute.
    #[arg(long, value_name = "N", value_parser = options::threads)]
    threads: Option<usize>,
    /// Prints one JSON document instead of text.
    #[arg(long)]
    json: bool,
}

impl Check {
    /// Checks.
    pub fn run(self) -> Result<(), Failure> {
        let checked = options::load(&self.run, &self.sets)?;
        let check = check::check(&checked, self.seconds, self.threads)?;
        if self.json {
            output::json(&check)?;
        } else {
            output::print(&text(&check))?;
        }
        match check.judgement.verdict {
            Verdict::Healthy => Ok(()),
            verdict => Err(Failure::Found(verdict.status())),
        }
    }
}

fn text(check: &check::Check) -> String {
    let mut text = diagnosis::text(&check.judgement) + "\n" + &signals(&check.signals) + "\n";
    let mut line = |what: &str, told: String| {
        // A `write!` into a string cannot fail.
        let _ = writeln!(text, "{what:12} {told}");
    };
    if let Some(depth) = &check.depth {
        line("depth", depth_text(depth));
    }
    if let (Some(first), Some(constant)) = (check.first_loss, check.constant_loss) {
        let (first, constant) = (significant(first), significant(constant));
        line("first loss", format!("{first}; a constant answer has {constant}"));
    }
    if let Some(batch) = &check.one_batch {
        let (first, last) = (significant(batch.first), significant(batch.last));
        line("one batch", format!("loss {first} to {last} in {} steps", batch.steps));
    }
    match &check.rates {
        Some(rates) => {
            let [low, best, high] = [rates.low, rates.best, rates.high].map(significant);
            line("rates", format!("lr from {low} to {high} work, {best} best, over 20 steps"));
        }
        None if check.one_batch.is_some() => line("rates", "no lr helped in 20 steps".into()),
        None => {}
    }
    if let Some(cost) = &check.cost {
        let epoch = duration(Duration::from_secs_f64(cost.epoch_seconds));
        let megabytes = significant(cost.bytes as f64 / 1e6);
        let told = format!(
            "{} parameters, {megabytes} MB with what the optimizer remembers, {epoch} an epoch",
            cost.parameters
        );
        line("cost", told);
    }
    text
}

/// Measured signals beside predicted ones.
fn signals(signals: &[check::Signal]) -> String {
    let mut table =
        Table::new(&["layer", "sums", "theory", "activations", "theory", "gradient", "theory"]);
    let told = |x: Option<f64>| x.map_or("–".to_string(), significant);
    for s in signals {
        table.row([
            s.layer.clone(),
            significant(s.preactivation),
            told(s.predicted_preactivation),
            significant(s.activation),
            told(s.predicted_activation),
            significant(s.gradient),
            told(s.predicted_gradient),
        ]);
    }
    table.draw()
}

fn depth_text(depth: &check::Depth) -> String {
    let variance = significant(depth.weight_variance);
    let critical = match depth.critical_weight_variance {
        Some(critical) => format!(", critical is {}", significant(critical)),
        None => String::new(),
    };
    let reach = match depth.trainable {
        deep if deep > 1000.0 => "any depth trains".to_string(),
        deep => format!("gradients {}: about {} train", depth.gradients, deep.round()),
    };
    let chi = significant(depth.chi);
    format!("{} hidden layers; {reach} (χ = {chi}; σw² is {variance}{critical})", depth.layers)
}
