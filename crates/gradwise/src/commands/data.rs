//! `gradwise data`: what data there are, and what is in them.

use crate::describe::{self, Description, Numbers};
use crate::failure::Failure;
use crate::output;
use clap::Args;
use gradwise_data::{EMBEDDED, KNOWN, SYNTHETIC, Task, locate};
use gradwise_view::terminal::{Table, clean, significant};
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
        let description = describe::describe(source, &self.target, None)?;
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

/// Features that are listed, at most.
const FEATURES: usize = 60;
/// Classes that are listed, at most.
const CLASSES: usize = 30;

/// A description for people.
fn text(description: &Description) -> String {
    let test = match description.test_rows {
        0 => String::new(),
        rows => format!(", {rows} official test rows"),
    };
    let mut text = format!("{}: {} rows{test}", clean(&description.source), description.rows);
    text += &match description.image {
        Some(image) => {
            let kind = if image.channels == 1 { "grey" } else { "colour" };
            format!(" of {kind} images, {} × {}", image.height, image.width)
        }
        None if description.features.is_empty() => format!(" of {} numbers", description.columns),
        None => format!(" of {} columns", description.features.len()),
    };
    text += &format!("\n{}", answers(description));
    let all = description.all;
    text += &format!("\nfeatures as a whole: {}\n", numbers(&all));
    if !description.features.is_empty() {
        text += &format!("\n{}", features(description));
    }
    for left in &description.left_out {
        text += &format!("not used: {}, {}\n", clean(&left.column), clean(&left.reason));
    }
    text
}

fn numbers(numbers: &Numbers) -> String {
    format!(
        "{} to {}, mean {}, standard deviation {}",
        significant(numbers.min),
        significant(numbers.max),
        significant(numbers.mean),
        significant(numbers.std)
    )
}

fn answers(description: &Description) -> String {
    let targets = clean(&description.targets.join(", "));
    if description.task == Task::Regression {
        let each: Vec<String> = description.target_numbers.iter().map(numbers).collect();
        return format!("regression of {targets}: {}", each.join("; "));
    }
    let class = |c: &describe::Class| format!("{} ({})", clean(&c.name), c.rows);
    let mut classes: Vec<String> = description.classes.iter().take(CLASSES).map(class).collect();
    if description.classes.len() > CLASSES {
        classes.push(format!("and {} more", description.classes.len() - CLASSES));
    }
    format!("{} of {targets}: {}", description.task, classes.join(", "))
}

fn features(description: &Description) -> String {
    let mut table = Table::new(&["column", "kind", "min", "mean", "max", "std", "missing"]);
    for feature in description.features.iter().take(FEATURES) {
        let kind = match feature.categories {
            Some(count) => format!("{count} categories"),
            None => "number".into(),
        };
        let shown = |get: fn(&Numbers) -> f64| {
            feature.numbers.as_ref().map_or(String::new(), |n| significant(get(n)))
        };
        let missing = if feature.missing == 0 { "–".into() } else { feature.missing.to_string() };
        let [min, mean, max, std] =
            [shown(|n| n.min), shown(|n| n.mean), shown(|n| n.max), shown(|n| n.std)];
        table.row([feature.name.clone(), kind, min, mean, max, std, missing]);
    }
    let more = match description.features.len().saturating_sub(FEATURES) {
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
