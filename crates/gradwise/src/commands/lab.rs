//! `gradwise lab`: the lecture's experiments.

use super::options::threads;
use crate::failure::Failure;
use crate::output;
use clap::Args;
use gradwise_lab::folder::{to_json, write, write_index};
use gradwise_lab::{EXPERIMENTS, Experiment, LabError, Report, Setup, find};
use gradwise_view::terminal::{Table, clean};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Does the lecture's experiments: prints their numbers, writes figures and a page.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gradwise lab\n  gradwise lab init-depth\n  \
    gradwise lab templates --data cifar10\n  gradwise lab all --out experiments")]
pub struct Lab {
    /// An experiment, or `all`; without it, they are listed.
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Where a folder for each experiment is made.
    #[arg(long, value_name = "DIR", default_value = "lab")]
    out: PathBuf,
    /// Another data set, for the experiments that take one.
    #[arg(long, value_name = "SOURCE")]
    data: Option<String>,
    /// The target column of that data set, if it is a table that does not say; can be
    /// given several times.
    #[arg(long, value_name = "COLUMN", requires = "data")]
    target: Vec<String>,
    /// How many seeds each result is repeated over.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: Option<u64>,
    /// Threads; as many as there are cores if left out.
    #[arg(long, value_name = "N", value_parser = threads)]
    threads: Option<usize>,
    /// Prints one JSON document.
    #[arg(long)]
    json: bool,
}

impl From<LabError> for Failure {
    fn from(error: LabError) -> Self {
        match error {
            LabError::Data(error) => error.into(),
            LabError::Unknown { .. } | LabError::Unsuitable { .. } => {
                Failure::usage(error.to_string())
            }
            error => Failure::work(error.to_string()),
        }
    }
}

impl Lab {
    /// Lists the experiments, or does one or all of them.
    pub fn run(self) -> Result<(), Failure> {
        match self.name.as_deref() {
            None => self.list(),
            Some("all") => self.all(),
            Some(name) => {
                let experiment = find(name)?;
                if self.data.is_some() && !experiment.takes_data {
                    let what = format!("{name} makes its own data: --data does not go with it");
                    return Err(Failure::usage(what));
                }
                let report = self.perform(experiment)?;
                match self.json {
                    true => output::json(&to_json(experiment, &report)),
                    false => Ok(()),
                }
            }
        }
    }

    fn list(&self) -> Result<(), Failure> {
        if self.json {
            let entry = |e: &Experiment| json!({ "name": e.name, "rows": e.rows, "shows": e.shows, "takes_data": e.takes_data });
            return output::json(&EXPERIMENTS.iter().map(entry).collect::<Vec<_>>());
        }
        let mut table = Table::new(&["name", "row", "shows"]);
        EXPERIMENTS.iter().for_each(|e| table.row([e.name, e.rows, e.shows]));
        output::print(&table.draw())
    }

    /// All experiments; those that the given data do not suit are left out.
    fn all(&self) -> Result<(), Failure> {
        let mut reports: Vec<(&Experiment, Report)> = Vec::new();
        for experiment in &EXPERIMENTS {
            match self.perform(experiment) {
                Ok(report) => reports.push((experiment, report)),
                Err(error @ LabError::Unsuitable { .. }) => output::say(&clean(&error.to_string())),
                Err(error) => return Err(error.into()),
            }
        }
        write_index(&self.out, reports.iter().map(|(e, r)| (*e, r)))?;
        output::say(&format!("all of it: {}", self.out.join("index.html").display()));
        match self.json {
            true => {
                let documents: Vec<Value> = reports.iter().map(|(e, r)| to_json(e, r)).collect();
                output::json(&documents)
            }
            false => Ok(()),
        }
    }

    /// Does one experiment, writes its folder and, unless JSON is asked for, prints it.
    fn perform(&self, experiment: &Experiment) -> Result<Report, LabError> {
        output::say(&format!("{}: {}", experiment.name, experiment.shows));
        let mut setup = Setup::new(self.threads)?;
        if experiment.takes_data {
            (setup.data, setup.target) = (self.data.clone(), self.target.clone());
        }
        setup.seeds = self.seeds.unwrap_or(setup.seeds);
        let report = (experiment.run)(&setup)?;
        write(&self.out, experiment, &report, &self.command(experiment))?;
        if !self.json {
            // Whoever stops reading loses the text, not the files.
            let _ = output::print(&text(&report));
        }
        let page = self.out.join(experiment.name).join("index.html");
        output::say(&format!("figures and page: {}", page.display()));
        Ok(report)
    }

    /// The command that does an experiment again.
    fn command(&self, experiment: &Experiment) -> String {
        let mut command = format!("gradwise lab {}", experiment.name);
        if let Some(data) = self.data.as_ref().filter(|_| experiment.takes_data) {
            command += &format!(" --data {}", output::quoted(data));
            for target in &self.target {
                command += &format!(" --target {}", output::quoted(target));
            }
        }
        if let Some(seeds) = self.seeds {
            command += &format!(" --seeds {seeds}");
        }
        command
    }
}

/// A report for people.
fn text(report: &Report) -> String {
    let mut text = format!("data: {}\n\n", clean(&report.basis()));
    for table in &report.tables {
        text += &format!("{}\n", table.draw());
    }
    for claim in &report.claims {
        let word = if claim.holds { "borne out" } else { "not borne out" };
        text += &format!("{word}: {}\n  {}\n", clean(&claim.says), clean(&claim.found));
    }
    text + "\n"
}
