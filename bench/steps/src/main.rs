//! gradwise's side of the comparison of training steps: builds the network that it is
//! told on stdin, runs as many steps as it is asked for, answers their times.
//!
//! The conversation is that of `peers/serve.py`: one line of JSON each way.
#![forbid(unsafe_code)]

mod job;

use job::{Job, Spec};
use serde::Deserialize;
use std::error::Error;
use std::io::{BufRead, Write};

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
    let (mut job, mut answers) = (None, std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let answer = match (serde_json::from_str(&line?)?, &mut job) {
            (Request::Build(spec), _) => {
                job = Some(Job::new(&spec)?);
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
