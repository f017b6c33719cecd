//! The commands, one file each.

mod completions;
mod data;
mod graph;
mod new;
mod options;
mod train;

use crate::failure::Failure;
use clap::Subcommand;

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    Train(train::Train),
    Graph(graph::Graph),
    New(new::New),
    Data(data::Data),
    Completions(completions::Completions),
}

impl Command {
    /// Does it.
    pub fn run(self) -> Result<(), Failure> {
        match self {
            Command::Train(train) => train.run(),
            Command::Graph(graph) => graph.run(),
            Command::New(new) => new.run(),
            Command::Data(data) => data.run(),
            Command::Completions(completions) => completions.run(),
        }
    }
}
