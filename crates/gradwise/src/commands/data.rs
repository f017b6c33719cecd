//! `gradwise data`: what data there are, and what is in them.

use crate::failure::Failure;
use crate::output;
use clap::Args;
use gradwise_data::{ColumnKind, DataSpec, Description, Range};
use gradwise_data::{EMBEDDED, KNOWN, SYNTHETIC, data_folder, describe, download, known, locate};
use gradwise_view::terminal::{self, Table, Transfer, clean, significant};
use serde::Serialize;

/// Lists the known data sets, downloads one, or describes a file.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gradwise data\n  gradwise data mnist\n  \
    gradwise data houses.csv --target price")]
pub struct Data {
    /// A data set's name, or a path.
    #[arg(value_name = "NAME or PATH")]
    source: Option<String>,
    /// The target column of a table; can be given several times.
    #[arg(long, value_name = "COLUMN")]
    target: Vec<String>,
    /// Prints one JSON document.
    #[arg(long)]
    json: bool,
}

/// A data set in the list.
#[derive(Debug, Serialize)]
struct Entry {
    name: String,
    /// Where it is.
    place: String,
    about: String,
}

impl Data {
    /// Lists, downloads or describes.
    pub fn run(self) -> Result<(), Failure> {
        let Some(source) = &self.source else { return self.list() };
        fetch(source)?;
        let spec = DataSpec { target: self.target.clone(), ..DataSpec::new(source.as_str()) };
        let description = describe(&spec)?;
        match self.json {
            true => output::json(&description),
            false => output::print(&text(&description)),
        }
    }

    fn list(&self) -> Result<(), Failure> {
        let inside = EMBEDDED.iter().map(|name| (name, "in the program"));
        let made = SYNTHETIC.iter().map(|name| (name, "made when asked for"));
        let entry = |(name, place): (&&str, &str)| Entry {
            name: name.to_string(),
            place: place.into(),
            about: about(name).into(),
        };
        let mut entries: Vec<Entry> = inside.chain(made).map(entry).collect();
        entries.extend(KNOWN.iter().map(|known| Entry {
            name: known.name.into(),
            place: locate(known).map_or_else(
                || format!("`gradwise data {}` downloads it", known.name),
                |path| path.display().to_string(),
            ),
            about: known.about.into(),
        }));
        if self.json {
            return output::json(&entries);
        }
        let mut table = Table::new(&["name", "what", "where"]);
        entries.iter().for_each(|e| table.row([&e.name, &e.about, &e.place]));
        output::print(&table.draw())
    }
}

/// Columns that are listed, at most.
const COLUMNS: usize = 60;
/// Classes that are listed, at most.
const CLASSES: usize = 30;

/// Downloads a known data set that is not on this machine yet.
fn fetch(source: &str) -> Result<(), Failure> {
    let Some(known) = known(source) else { return Ok(()) };
    if let Some(path) = locate(known) {
        output::say(&format!("{source} is at {}", path.display()));
        return Ok(());
    }
    let mut transfer = Transfer::new(terminal::is_live());
    let shown = |p: gradwise_data::Progress<'_>| transfer.show(p.file, p.done, p.size);
    let path = download(known, &data_folder(), shown)?;
    drop(transfer);
    output::say(&format!("{source} is now at {}", path.display()));
    Ok(())
}

/// A description for people.
fn text(description: &Description) -> String {
    let first = if description.is_start { "too large for memory; its first " } else { "" };
    let mut text = format!("{}: {first}{} rows", clean(&description.source), description.rows);
    for (rows, name) in
        [(description.validation_rows, "validation"), (description.test_rows, "test")]
    {
        text += &rows.map_or(String::new(), |rows| format!(", {rows} official {name} rows"));
    }
    text += &match description.image {
        Some(image) => {
            let kind = if image.channels == 1 { "grey" } else { "colour" };
            format!(" of {kind} images, {} × {}", image.height, image.width)
        }
        None => format!(" of {} features", description.features),
    };
    text += &format!("\n{}\n", answers(description));
    if let Some(values) = &description.values {
        text += &format!("values: {}\n", range(values));
    }
    if description.image.is_none() {
        text += &format!("\n{}", columns(description));
    }
    for left in &description.left_out {
        text += &format!("not used: {}, {}\n", clean(&left.column), clean(&left.reason));
    }
    for label in &description.labels {
        let looks = if label.is_certain { "labels rows" } else { "may label rows" };
        text += &format!("{looks}: {}, {}\n", clean(&label.column), clean(&label.reason));
    }
    text
}

fn range(range: &Range) -> String {
    format!(
        "{} to {}, mean {}, standard deviation {}",
        significant(range.min.into()),
        significant(range.max.into()),
        significant(range.mean),
        significant(range.std)
    )
}

fn answers(description: &Description) -> String {
    let target = clean(&description.target.join(", "));
    let Some(task) = description.task else {
        return format!("{target} cannot be learnt: name another column with --target");
    };
    let guess = if description.target_is_guess { " (a guess: name it with --target)" } else { "" };
    let class = |(name, rows): &(String, usize)| format!("{} ({rows})", clean(name));
    let mut classes: Vec<String> = description.classes.iter().take(CLASSES).map(class).collect();
    if description.classes.len() > CLASSES {
        classes.push(format!("and {} more", description.classes.len() - CLASSES));
    }
    let colon = if classes.is_empty() { "" } else { ": " };
    format!("{task} of {target}{guess}{colon}{}", classes.join(", "))
}

fn columns(description: &Description) -> String {
    let mut table = Table::new(&["column", "kind", "min", "mean", "max", "std", "missing"]);
    for column in description.columns.iter().take(COLUMNS) {
        let kind = match column.kind {
            ColumnKind::Category => format!("{} categories", column.distinct),
            ColumnKind::Number => "number".into(),
        };
        let shown = |get: fn(&Range) -> f64| {
            column.range.as_ref().map_or(String::new(), |range| significant(get(range)))
        };
        let missing = if column.missing == 0 { "–".into() } else { column.missing.to_string() };
        let [min, mean, max, std] =
            [shown(|r| r.min.into()), shown(|r| r.mean), shown(|r| r.max.into()), shown(|r| r.std)];
        table.row([column.name.clone(), kind, min, mean, max, std, missing]);
    }
    let more = match description.columns.len().saturating_sub(COLUMNS) {
        0 => String::new(),
        more => format!("and {more} more columns\n"),
    };
    table.draw() + &more
}

fn about(name: &str) -> &'static str {
    match name {
        "digits" => "handwritten digits: 1,797 grey images of 8 × 8, 10 classes",
        "iris" => "flowers: 150 rows, 4 measures, 3 species",
        "wine" => "wines: 178 rows, 13 measures, 3 growers",
        "breast-cancer" => "tumours: 569 rows, 30 measures, 2 diagnoses",
        "circles" => "a ring around a ring: circles(rows, noise)",
        "moons" => "two half circles: moons(rows, noise)",
        "blobs" => "round clouds: blobs(rows, classes, deviation)",
        "spirals" => "arms around each other: spirals(rows, noise, classes)",
        "xor" => "quadrants: xor(rows, noise)",
        _ => "",
    }
}
