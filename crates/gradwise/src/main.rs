//! The command line: `gradwise COMMAND`.
//!
//! Results go to standard output, everything for people to standard error. The
//! exit status is 0 if it worked, 1 if the work failed, 2 if the command line, the
//! run file or the data are wrong.
#![forbid(unsafe_code)]

mod commands;
mod comparison;
mod conversion;
mod diagnosis;
mod failure;
mod interrupt;
mod mending;
mod output;
mod page;
mod pictures;
mod progress;
mod report;
mod study_page;

use clap::Parser;
use std::process::ExitCode;

/// Trains deep feed-forward networks on the CPU, and judges the training.
#[derive(Debug, Parser)]
#[command(name = "gradwise", version, propagate_version = true)]
#[command(
    after_help = "Start with:\n  gradwise new DATA.csv -o run.toml\n  gradwise train run.toml"
)]
struct Arguments {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    match Arguments::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
