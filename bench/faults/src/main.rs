//! How good the judge is: every case of the list of faults, and healthy runs, trained
//! and judged.
//!
//! `cargo run --release -p gradwise-faults -- --data FOLDER [--only TEXT] [--seeds N]
//! [--seconds N] [--threads N] [--write FOLDER] [--json FILE]`; FOLDER holds `mnist/` and
//! `tabular/`. `--write` writes the run files and the made data instead of running.

use gradwise_health::doctor::{Trial, try_out};
use gradwise_train::runfile;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

mod case;
mod cases;
mod made;
mod score;

use case::Case;
use score::Result as Scored;

struct Arguments {
    data: PathBuf,
    only: String,
    seeds: u64,
    trial: Trial,
    write: Option<PathBuf>,
    json: Option<PathBuf>,
}

fn arguments() -> Result<Arguments, String> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let get = |name: &str| {
        let at = words.iter().position(|w| w == name)?;
        words.get(at + 1).cloned()
    };
    let number = |name: &str, default: f64| match get(name) {
        Some(text) => text.parse().map_err(|_| format!("{name}: {text:?} is not a number")),
        None => Ok(default),
    };
    let threads = get("--threads").map(|t| t.parse().map_err(|_| format!("--threads: {t:?}")));
    Ok(Arguments {
        data: get("--data").ok_or("--data FOLDER is missing: it holds mnist/ and tabular/")?.into(),
        only: get("--only").unwrap_or_default(),
        seeds: number("--seeds", 1.0)? as u64,
        trial: Trial { seconds: number("--seconds", 120.0)?, threads: threads.transpose()? },
        write: get("--write").map(PathBuf::from),
        json: get("--json").map(PathBuf::from),
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = arguments()?;
    let cases: Vec<Case> =
        cases::all().into_iter().filter(|c| c.name.contains(&arguments.only)).collect();
    let temporary = tempfile::tempdir()?;
    let place = arguments.write.clone().unwrap_or(temporary.path().into());
    made::all(&arguments.data, &place.join("data"))?;
    if arguments.write.is_some() {
        return write(&cases, &place);
    }
    let mut results = Vec::new();
    for seed in 0..arguments.seeds {
        for case in &cases {
            let result = run(case, seed, &place, arguments.trial)?;
            println!("{}", result.line());
            results.push(result);
        }
    }
    let tuned: Vec<&Scored> = results.iter().filter(|r| !r.held_out).collect();
    let kept: Vec<&Scored> = results.iter().filter(|r| r.held_out).collect();
    println!("\ntuned on:  {}\nkept back: {}", score::summary(&tuned), score::summary(&kept));
    if let Some(path) = arguments.json {
        std::fs::write(path, serde_json::to_string_pretty(&results)?)?;
    }
    Ok(())
}

fn run(case: &Case, seed: u64, place: &Path, trial: Trial) -> Result<Scored, Box<dyn Error>> {
    let data = place.join("data").display().to_string();
    let text = case.text(seed, &data);
    let named = |e: &dyn std::fmt::Display| format!("{}: {e}", case.name);
    let checked = runfile::parse(&text, &place.join("case.toml"), &[]).map_err(|e| named(&e))?;
    let start = Instant::now();
    let run = try_out(&checked, trial).map_err(|e| named(&e))?;
    let judged = gradwise_health::judge(&run);
    Ok(Scored::new(case, seed, &judged, run.reach(), start.elapsed().as_secs_f64()))
}

fn write(cases: &[Case], place: &Path) -> Result<(), Box<dyn Error>> {
    for case in cases {
        let name: String =
            case.name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        std::fs::write(place.join(format!("{name}.toml")), case.text(0, "data"))?;
    }
    println!("{} run files in {}", cases.len(), place.display());
    Ok(())
}
