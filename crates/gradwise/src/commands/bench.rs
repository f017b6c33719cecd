//! `gradwise bench`: how fast this machine trains.

use crate::failure::Failure;
use crate::output;
use clap::Args;
use gradwise_bench::{Figure, MeasureError, Network, Setting, measure, networks, precisions};
use gradwise_cpu::{Device, Precision};
use gradwise_view::terminal::{Table, significant};
use serde::Serialize;
use std::time::Duration;

/// Times training steps of known networks on this machine.
///
/// A step is forward, loss, backward and update, on made-up rows in memory. The peak is
/// what the processor's multipliers do with nothing to load, measured in the same run.
/// Other programs make both slower: close them first.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gradwise bench\n  gradwise bench deep wide --threads 1 \
    --threads 2\n  gradwise bench all --json")]
pub struct Bench {
    /// The networks, or `all` [default: the first five].
    #[arg(value_name = "NETWORK")]
    networks: Vec<String>,
    /// Threads a step may use; can be given several times [default: all cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Vec<u16>,
    /// What products are computed in, f32 or bf16 [default: both, where bf16 is].
    #[arg(long, value_name = "PRECISION")]
    precision: Option<Precision>,
    /// Times the scores alone, without learning.
    #[arg(long)]
    forward: bool,
    /// How long each is timed.
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    seconds: Duration,
    /// Shows where the time of a step goes too.
    #[arg(long)]
    parts: bool,
    /// Prints one JSON document.
    #[arg(long)]
    json: bool,
}

/// What was measured.
#[derive(Debug, Serialize)]
struct Report {
    /// The instruction set in use.
    instructions: String,
    /// What multiplies numbers of bf16.
    bf16: Option<String>,
    /// Whether only the scores were computed.
    forward: bool,
    figures: Vec<Figure>,
}

/// Networks that are timed if none is named.
const FIRST: usize = 5;

impl Bench {
    /// Measures and prints.
    pub fn run(self) -> Result<(), Failure> {
        let device = Device::new(Some(1)).map_err(|e| Failure::usage(e.to_string()))?;
        let mut report = Report {
            instructions: device.isa().to_string(),
            bf16: device.bf16().map(|unit| unit.to_string()),
            forward: self.forward,
            figures: Vec::new(),
        };
        for (network, setting) in self.jobs()? {
            let (name, precision) = (&network.name, setting.precision);
            output::say(&format!("{name} in {precision} …"));
            report.figures.push(measure(network, &setting, self.seconds, self.parts)?);
        }
        match self.json {
            true => output::json(&report),
            false => output::print(&text(&report)),
        }
    }

    /// What to time, in order.
    fn jobs(&self) -> Result<Vec<(&'static Network, Setting)>, Failure> {
        let threads: Vec<Option<usize>> = match self.threads.is_empty() {
            true => vec![None],
            false => self.threads.iter().map(|&n| Some(n.into())).collect(),
        };
        let precisions = self.precisions()?;
        let mut jobs = Vec::new();
        for network in self.chosen()? {
            for &threads in &threads {
                let setting = |&precision| Setting { threads, precision, forward: self.forward };
                jobs.extend(precisions.iter().map(setting).map(|setting| (network, setting)));
            }
        }
        Ok(jobs)
    }

    fn chosen(&self) -> Result<Vec<&'static Network>, Failure> {
        let all = networks().map_err(|e| Failure::work(e.to_string()))?;
        if self.networks.is_empty() {
            return Ok(all.iter().take(FIRST).collect());
        }
        if self.networks.iter().any(|name| name == "all") {
            return Ok(all.iter().collect());
        }
        let named = |name: &String| {
            all.iter().find(|network| network.name == *name).ok_or_else(|| {
                let known: Vec<&str> = all.iter().map(|n| n.name.as_str()).collect();
                let known = known.join(", ");
                Failure::usage(format!("{name:?} is no network that is timed; known are {known}"))
            })
        };
        self.networks.iter().map(named).collect()
    }

    /// The precisions asked for, which the processor must have.
    fn precisions(&self) -> Result<Vec<Precision>, Failure> {
        let have = precisions().map_err(MeasureError::from)?;
        match self.precision {
            Some(asked) if have.contains(&asked) => Ok(vec![asked]),
            Some(asked) => Err(Failure::usage(format!(
                "this processor has no products of {asked} numbers; leave --precision out"
            ))),
            None if have.len() == 1 => {
                output::say("this processor has no products of bf16 numbers: f32 alone");
                Ok(have)
            }
            None => Ok(have),
        }
    }
}

/// Seconds of a thousandth to an hour.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("{text:?} is no number of seconds"))?;
    match (0.001..=3600.0).contains(&seconds) {
        true => Ok(Duration::from_secs_f64(seconds)),
        false => Err("0.001 to 3600 seconds can be measured".into()),
    }
}

/// The figures for people.
fn text(report: &Report) -> String {
    let header = ["network", "batch", "products", "threads", "µs a step", "fastest", "slowest"];
    let mut table = Table::new(&[&header[..], &["rows/s", "GFLOP/s", "of the peak"]].concat());
    for figure in &report.figures {
        let numbers = [figure.median, figure.min, figure.max, figure.rows_per_second];
        let numbers = numbers.into_iter().chain([figure.gflops]).map(significant);
        let (batch, threads) = (figure.batch.to_string(), figure.threads.to_string());
        let words = [figure.network.clone(), batch, figure.precision.clone(), threads];
        let share = format!("{:.0} %", 100.0 * figure.of_peak);
        table.row(words.into_iter().chain(numbers).chain([share]));
    }
    let what = if report.forward { "the scores alone" } else { "whole training steps" };
    let unit = report.bf16.as_ref().map_or(String::new(), |unit| format!(", bf16 by {unit}"));
    let parts: String = report.figures.iter().filter_map(parts).collect();
    format!("{what}, {}{unit}\n\n{}{parts}", report.instructions, table.draw())
}

/// Where the time of a step goes, for people.
fn parts(figure: &Figure) -> Option<String> {
    let parts = figure.parts.as_ref()?;
    let all: f64 = parts.iter().map(|part| part.microseconds).sum();
    let mut table = Table::new(&["µs", "share", "what"]);
    for part in parts {
        let share = format!("{:.0} %", 100.0 * part.microseconds / all);
        table.row([significant(part.microseconds), share, part.what.clone()]);
    }
    let (name, precision, threads) = (&figure.network, &figure.precision, figure.threads);
    let title = format!("{name} in {precision} on {threads} threads, the fastest of each part");
    Some(format!("\n\n{title}\n\n{}", table.draw()))
}
