//! The commands, one file each.

mod bench;
mod check;
mod compare;
mod completions;
mod data;
mod doctor;
mod evaluate;
mod export;
mod graph;
mod lab;
mod new;
mod options;
mod predict;
mod train;
#[cfg(feature = "dashboard")]
mod view;

use crate::failure::Failure;
use clap::Subcommand;

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    Train(train::Train),
    Check(check::Check),
    Doctor(doctor::Doctor),
    Compare(compare::Compare),
    Evaluate(evaluate::Evaluate),
    Predict(predict::Predict),
    Export(export::Export),
    #[cfg(feature = "dashboard")]
    View(view::View),
    Graph(graph::Graph),
    Lab(lab::Lab),
    New(new::New),
    Data(data::Data),
    Bench(bench::Bench),
    Completions(completions::Completions),
}

impl Command {
    /// Does it.
    pub fn run(self) -> Result<(), Failure> {
        match self {
            Command::Train(train) => train.run(),
            Command::Check(check) => check.run(),
            Command::Doctor(doctor) => doctor.run(),
            Command::Compare(compare) => compare.run(),
            Command::Evaluate(evaluate) => evaluate.run(),
            Command::Predict(predict) => predict.run(),
            Command::Export(export) => export.run(),
            #[cfg(feature = "dashboard")]
            Command::View(view) => view.run(),
            Command::Graph(graph) => graph.run(),
            Command::Lab(lab) => lab.run(),
            Command::New(new) => new.run(),
            Command::Data(data) => data.run(),
            Command::Bench(bench) => bench.run(),
            Command::Completions(completions) => completions.run(),
        }
    }
}
