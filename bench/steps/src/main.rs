//! gradwise's side of the comparison of training steps: builds the network that it is
//! told on stdin, runs as many steps as it is asked for, answers their times.
//!
//! The conversation is that of `peers/serve.py`: one line of JSON each way.
#![forbid(unsafe_code)]

use gradwise_bench::{Job, Network, Setting};
use gradwise_cpu::Precision;
use serde::Deserialize;
use std::error::Error;
use std::io::{BufRead, Write};

/// A network and how it is to be run.
#[derive(Deserialize)]
struct Spec {
    #[serde(flatten)]
    network: Network,
    threads: usize,
    forward: bool,
}

/// One line of the driver.
#[derive(Deserialize)]
#[serde(untagged)]
enum Request {
    /// Run that many steps and answer their times in microseconds.
    Run(usize),
    /// Build this network and answer "ready".
    Build(Spec),
}

fn main() -> Result<(), Box<dyn Error>> {
    let precision = std::env::args().nth(1).as_deref().unwrap_or("f32").parse()?;
    let (mut job, mut answers) = (None, std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let answer = match (serde_json::from_str(&line?)?, &mut job) {
            (Request::Build(spec), _) => {
                job = Some(build(&spec, precision)?);
                serde_json::json!("ready")
            }
            (Request::Run(count), Some(job)) => serde_json::json!(run(job, count)?),
            (Request::Run(_), None) => return Err("no network was described yet".into()),
        };
        writeln!(answers, "{answer}")?;
        answers.flush()?;
    }
    Ok(())
}

/// A job in the precision asked for.
fn build(spec: &Spec, precision: Precision) -> Result<Job, Box<dyn Error>> {
    let setting = Setting { threads: Some(spec.threads), precision, forward: spec.forward };
    let job = Job::new(&spec.network, &setting)?;
    if job.precision() != precision {
        return Err(format!("this processor has no products of {precision} numbers").into());
    }
    Ok(job)
}

/// The times of `count` steps, in microseconds.
fn run(job: &mut Job, count: usize) -> Result<Vec<f64>, Box<dyn Error>> {
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let start = std::time::Instant::now();
        job.step()?;
        times.push(start.elapsed().as_secs_f64() * 1e6);
    }
    Ok(times)
}
