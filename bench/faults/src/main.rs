//! How good the judge is: every case of the list of faults, healthy runs, and cases of
//! our own, trained and judged over several seeds.
//!
//! Cases run side by side, one thread each: results do not depend on the number of
//! threads. What was judged is appended to a file, so that a run that was stopped goes
//! on where it was.

use clap::Parser;
use std::error::Error;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

mod case;
mod foreign;
mod made;
mod mend;
mod record;
mod run;
mod score;
mod table;

use case::Case;
use record::Records;

/// Trains and judges every case, and says how often the judge was right.
#[derive(Debug, Parser)]
pub struct Arguments {
    /// The folder with `mnist/` and `tabular/`.
    #[arg(long)]
    data: PathBuf,
    /// Where results and made data go; what is there already is not done again.
    #[arg(long, default_value = "target/faults")]
    out: PathBuf,
    /// Only cases whose name or group holds one of these.
    #[arg(long, value_delimiter = ',', default_value = "")]
    only: Vec<String>,
    /// Leaves out the cases that were kept back: for tuning.
    #[arg(long)]
    tuned: bool,
    /// Only healthy cases, or only sick ones.
    #[arg(long, value_parser = ["healthy", "sick"])]
    kind: Option<String>,
    /// Seeds of each case.
    #[arg(long, default_value_t = 5)]
    seeds: u64,
    /// Seconds of training, at most.
    #[arg(long, default_value_t = 600.0)]
    seconds: f64,
    /// Cases at once [default: one for each core].
    #[arg(long)]
    jobs: Option<usize>,
    /// Keeps the run folders, and judges those that are there anew.
    #[arg(long)]
    keep: bool,
    /// Also mends the sick ones with the run file's `doctor --fix`, and says how many
    /// got better.
    #[arg(long)]
    fix: bool,
    /// With --fix: seconds for each case.
    #[arg(long, default_value_t = 600.0)]
    budget: f64,
    /// Writes the table as markdown.
    #[arg(long)]
    table: Option<PathBuf>,
    /// Writes the run files and the made data, and runs nothing.
    #[arg(long)]
    write: bool,
}

impl Arguments {
    fn wants(&self, case: &Case) -> bool {
        let kind = if case.roots.is_empty() { "healthy" } else { "sick" };
        self.only.iter().any(|part| case.name.contains(part) || case.group == *part)
            && !(self.tuned && case.held_out)
            && self.kind.as_ref().is_none_or(|wanted| wanted == kind)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let cases: Vec<Case> = case::all()?.into_iter().filter(|c| arguments.wants(c)).collect();
    made::all(&arguments.data, &arguments.out.join("data"))?;
    if arguments.write {
        return write(&cases, &arguments);
    }
    let records = Records::open(&arguments.out.join("results.jsonl"), arguments.keep)?;
    let seeds = 0..arguments.seeds;
    let work: Vec<(u64, &Case)> =
        seeds.clone().flat_map(|seed| cases.iter().map(move |case| (seed, case))).collect();
    side_by_side(&work, &arguments, &records);
    let records = records.into_inner();
    let of = |case: &str| cases.iter().any(|c| c.name == case);
    let records: Vec<_> =
        records.into_iter().filter(|r| seeds.contains(&r.seed) && of(&r.case)).collect();
    println!("\n{}", score::text(&records));
    if let Some(path) = &arguments.table {
        std::fs::write(path, table::markdown(&records))?;
    }
    Ok(())
}

/// Runs everything that is not recorded yet. A case that cannot be run is named and
/// passed over.
fn side_by_side(work: &[(u64, &Case)], arguments: &Arguments, records: &Records) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (next, told) = (AtomicUsize::new(0), Mutex::new(()));
    let worker = || {
        while let Some((seed, case)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
            if records.has(&case.name, *seed) {
                continue;
            }
            let result = run::run(case, *seed, arguments);
            let _one_at_a_time = told.lock().unwrap_or_else(PoisonError::into_inner);
            match result.and_then(|record| Ok(records.add(record)?)) {
                Ok(line) => println!("{line}"),
                Err(error) => println!("{} seed {seed}: {error}", case.name),
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..arguments.jobs.unwrap_or(cores) {
            scope.spawn(worker);
        }
    });
}

fn write(cases: &[Case], arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    for case in cases {
        let path = arguments.out.join(format!("{}.toml", case.slug()));
        std::fs::write(path, case.text(0, "data")?)?;
    }
    println!("{} run files in {}", cases.len(), arguments.out.display());
    Ok(())
}
