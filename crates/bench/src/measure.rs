//! Times jobs one after the other: the figures of this machine.

use crate::{Job, JobError, Network, Part, Setting};
use gradwise_cpu::{Precision, Stopped};
use serde::Serialize;
use std::time::{Duration, Instant};
use thiserror::Error;

/// Steps that a figure has at least, however long they take.
const LEAST: usize = 5;

/// What one network does on this machine.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// The network's name.
    pub network: String,
    /// Rows a step.
    pub batch: usize,
    /// `f32` or `bf16`: what products are computed in.
    pub precision: String,
    /// Threads that a step may use.
    pub threads: usize,
    /// How many steps were timed.
    pub steps: usize,
    /// The middle one of the steps' times, in microseconds.
    pub median: f64,
    /// The shortest, in microseconds.
    pub min: f64,
    /// The longest, in microseconds.
    pub max: f64,
    /// Rows a second, by the median.
    pub rows_per_second: f64,
    /// 10⁹ multiplications and additions of the products a second, by the median.
    pub gflops: f64,
    /// The share of what the processor's multipliers do at best in that precision and
    /// by as many threads, measured just before.
    pub of_peak: f64,
    /// Where the time goes, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<Vec<Part>>,
}

/// Why there is no figure.
#[derive(Debug, Error)]
pub enum MeasureError {
    /// The network cannot be built here.
    #[error(transparent)]
    Job(#[from] JobError),
    /// A step failed.
    #[error("{0}: a step failed: {1}")]
    Step(String, Stopped),
}

/// Times steps of a network for about so long, after a quarter of that to warm up; with
/// `parts`, each part of them as long again.
///
/// # Errors
/// The network cannot be built here, or a step failed.
pub fn measure(
    network: &Network,
    setting: &Setting,
    time: Duration,
    parts: bool,
) -> Result<Figure, MeasureError> {
    let mut job = Job::new(network, setting)?;
    let failed = |stopped| MeasureError::Step(network.name.clone(), stopped);
    run(&mut job, time / 4).map_err(failed)?;
    let peak = job.peak(time / 10);
    let mut times = run(&mut job, time).map_err(failed)?;
    let parts = parts.then(|| job.parts(time)).transpose().map_err(failed)?;
    times.sort_by(f64::total_cmp);
    let median = times[times.len() / 2];
    let gflops = network.operations(setting.forward) / median / 1e3;
    Ok(Figure {
        network: network.name.clone(),
        batch: network.batch,
        precision: job.precision().to_string(),
        threads: job.threads(),
        steps: times.len(),
        median,
        min: times[0],
        max: times[times.len() - 1],
        rows_per_second: network.batch as f64 / median * 1e6,
        gflops,
        of_peak: gflops / peak.max(f64::MIN_POSITIVE),
        parts,
    })
}

/// The times of the steps of about so long, in microseconds; never empty.
fn run(job: &mut Job, time: Duration) -> Result<Vec<f64>, Stopped> {
    let (begin, mut times) = (Instant::now(), Vec::new());
    while times.len() < LEAST || begin.elapsed() < time {
        let start = Instant::now();
        job.step()?;
        times.push(start.elapsed().as_secs_f64() * 1e6);
    }
    Ok(times)
}

/// The precisions that this machine multiplies: f32, and bf16 where it can.
///
/// # Errors
/// The instruction set that the environment forces is none.
pub fn precisions() -> Result<Vec<Precision>, JobError> {
    let bf16 = gradwise_cpu::Device::new(Some(1))?.bf16();
    Ok(std::iter::once(Precision::F32).chain(bf16.map(|_| Precision::Bf16)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_of_the_steps_that_were_timed() {
        let network = Network {
            name: "small".into(),
            widths: vec![8, 4, 2],
            batch: 16,
            activation: "relu".into(),
            optimizer: "sgd".into(),
        };
        let setting = Setting { threads: Some(1), precision: Precision::F32, forward: false };
        let figure = measure(&network, &setting, Duration::from_millis(2), false).unwrap();
        assert!(figure.steps >= LEAST && figure.threads == 1 && figure.precision == "f32");
        assert!(figure.min <= figure.median && figure.median <= figure.max);
        let operations = 2.0 * 16.0 * (8.0 * 4.0 * 2.0 + 4.0 * 2.0 * 3.0);
        assert!(figure.of_peak > 0.0 && figure.of_peak < 1.0);
        assert!((figure.gflops * figure.median * 1e3 - operations).abs() < 1e-6);
    }
}
