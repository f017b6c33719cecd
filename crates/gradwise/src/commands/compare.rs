//! `gradwise compare`: which of some settings are better, and which differences hold.

use super::options::{self, Pair};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::{comparison, interrupt, output, pictures, study_page};
use clap::Args;
use gradwise_health::doctor::Examiner;
use gradwise_trials::{Axis, Base, Repeats, Report, Study, free_folder};
use std::path::PathBuf;

/// Trains every combination of some settings over seeds or cross-validation folds, and
/// tells which differ by more than chance.
///
/// Variants are compared on the validation rows, in pairs of the same seed or fold. A
/// difference that the seeds do not carry is called no difference. Over seeds, the rows
/// are split the same way each time; --folds has every row validate once.
///
/// Ctrl-C ends all runs after their current step; the same command with --out goes on.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    gradwise compare run.toml --vary train.lr=0.01,0.1,1 --seeds 5\n  \
    gradwise compare run.toml --vary model.activation='relu,tanh,leaky-relu(0.1)' \
    --vary model.init=he,xavier\n  \
    gradwise compare run.toml --vary regularize.l2=0,1e-4,1e-3 --folds 5 --json")]
pub struct Compare {
    /// The run file, or a run folder.
    #[arg(value_name = "RUN.toml")]
    run: PathBuf,
    /// A key and the values it takes in turn; several keys give every combination.
    #[arg(long = "vary", value_name = "KEY=A,B,C")]
    vary: Vec<Axis>,
    /// Puts a value over that of the run file, for all variants.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = options::pair)]
    sets: Vec<Pair>,
    /// How many seeds each variant is run with.
    #[arg(long, value_name = "N", default_value_t = 3,
          value_parser = clap::value_parser!(u32).range(1..))]
    seeds: u32,
    /// Cross-validates with so many folds instead.
    #[arg(long, value_name = "K", conflicts_with = "seeds",
          value_parser = clap::value_parser!(u32).range(2..))]
    folds: Option<u32>,
    /// What variants are compared by [default: accuracy, or the RMSE of a regression].
    #[arg(long, value_name = "NAME")]
    metric: Option<String>,
    /// The folder to write, or to go on in [default: a new one, runs/compare-NAME-1, …].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How many runs go at the same time; results are the same for any number [default:
    /// one for each core].
    #[arg(long, value_name = "N", value_parser = options::threads)]
    jobs: Option<usize>,
    /// Prints one JSON document instead of the table.
    #[arg(long)]
    json: bool,
}

impl Compare {
    /// Runs and compares.
    pub fn run(self) -> Result<(), Failure> {
        let base = Base::load(&self.run, self.sets.clone())?;
        let out = self.out.clone().unwrap_or_else(|| free_folder("compare", &base.name()));
        let mut study = Study::of_axes(base, &self.vary, out)?;
        study.repeats = self.folds.map_or(Repeats::Seeds(self.seeds), Repeats::Folds);
        (study.jobs, study.metric) = (self.jobs, self.metric.clone());
        // Runs go side by side: one thread for each.
        study.judge = Some(Examiner::new(Some(1)).into_judge());
        study.stop = interrupt::stop_flag();
        let progress = Progress::default();
        let report = study.run(&|news| progress.hear(&news));
        progress.finish();
        self.conclude(&report?)
    }

    fn conclude(&self, report: &Report) -> Result<(), Failure> {
        let drawn = pictures::study(report).and_then(|bands| {
            pictures::of_study(&report.folder, &bands)?;
            study_page::write(report, &bands)
        });
        if let Err(error) = drawn {
            output::say(&format!("warning: report and picture could not be written: {error}"));
        }
        match self.json {
            true => output::json(report)?,
            false => output::print(&comparison::text(report))?,
        }
        if report.complete {
            return Ok(());
        }
        let folder = report.folder.display();
        output::say(&format!("stopped; go on with the same command and --out {folder}"));
        Err(Failure::Stopped)
    }
}
