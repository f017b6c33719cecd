//! `gradwise check`: a run file before it is trained.

use super::options::{self, Pair};
use crate::failure::Failure;
use crate::{diagnosis, output};
use clap::Args;
use gradwise_health::Verdict;
use gradwise_health::check::{self, Rates};
use gradwise_view::terminal::{Table, bytes, duration, significant};
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
    let mut text = diagnosis::text(&check.judgement);
    let Some(seen) = &check.data else { return text };
    text += &format!("\n{}\n{}", signals(&check.signals), data(seen));
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
        Some(rates) => line("rates", rates_text(rates)),
        None if check.one_batch.is_some() => line("rates", "no lr helped in 20 steps".into()),
        None => {}
    }
    if let Some(cost) = &check.cost {
        let epoch = duration(Duration::try_from_secs_f64(cost.epoch_seconds).unwrap_or_default());
        let [kept, step] = [cost.bytes, cost.step_bytes].map(|n| bytes(n as f64));
        line("time", format!("{epoch} an epoch"));
        line(
            "memory",
            format!(
                "{} parameters, {kept} with what the optimizer remembers; {step} for a step",
                cost.parameters
            ),
        );
    }
    text
}

/// Rows, ranges and balance.
fn data(seen: &check::Seen) -> String {
    // A mean that was taken off is 0 but for the rounding of floats.
    let whole = |mean: f64| if mean.abs() < 1e-6 * seen.deviations.1 { 0.0 } else { mean };
    let range = |(least, most): (f64, f64)| match (significant(least), significant(most)) {
        (least, most) if least == most => least,
        (least, most) => format!("{least} to {most}"),
    };
    let mut text = format!(
        "{:12} {} rows to train on, {} to validate\n",
        "data", seen.rows, seen.validation_rows
    );
    let mut line = |what: &str, told: String| {
        let _ = writeln!(text, "{what:12} {told}");
    };
    line(
        "features",
        format!(
            "{}, up to {} large; means {}, deviations {}",
            seen.features,
            significant(seen.largest),
            range((whole(seen.means.0), whole(seen.means.1))),
            range(seen.deviations)
        ),
    );
    if let Some((least, most)) = seen.shares {
        let shares = range((100.0 * least, 100.0 * most));
        line("classes", format!("{}, of {shares} % of the rows each", seen.classes));
    }
    if let Some(ends) = seen.targets {
        line("targets", format!("{} in the units of the loss", range(ends)));
    }
    if let Some((score, chance)) = seen.neighbours {
        let (measure, rows) = if seen.classes > 0 {
            ("answer", " of the training rows")
        } else {
            ("explain", " of the variance")
        };
        let (score, chance) = (100.0 * score, 100.0 * chance);
        line("neighbours", format!("{measure} {score:.1} %{rows}, a constant {chance:.1} %"));
    }
    text
}

fn rates_text(rates: &Rates) -> String {
    let [low, best, high] = [rates.low, rates.best, rates.high].map(significant);
    let tried = match rates.untried {
        0 => String::new(),
        untried => format!("; no time for {untried} more"),
    };
    format!("lr from {low} to {high} work, {best} best, over 20 steps{tried}")
}

/// Measured signals beside predicted ones.
fn signals(signals: &[check::Signal]) -> String {
    let mut table = Table::new(&[
        "layer",
        "shape",
        "sums",
        "theory",
        "activations",
        "theory",
        "gradient",
        "theory",
    ]);
    let told = |x: Option<f64>| x.map_or("–".to_string(), significant);
    for s in signals {
        table.row([
            s.layer.clone(),
            format!("{} → {}", s.inputs, s.units),
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
        deep => format!("up to about {} train, where gradients {}", deep.round(), depth.gradients),
    };
    let chi = significant(depth.chi);
    let layers = if depth.layers == 1 { "layer" } else { "layers" };
    let count = depth.layers;
    format!("{count} hidden {layers}; {reach} (χ = {chi}; σw² is {variance}{critical})")
}
