//! Public tables once more, as they are or spoilt in other ways: answers swapped, rows
//! in the order of their answers.

use super::{Made, random};
use std::fs;
use std::io::Read;
use std::path::Path;

pub(super) fn all(from: &Path, to: &Path) -> Made {
    fs::copy(from.join("tabular/auto-mpg.csv"), to.join("auto-mpg-as-it-is.csv"))?;
    adult(to)?;
    housing(to)?;
    wine(from, to)
}

fn text(path: &Path) -> Result<String, std::io::Error> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(fs::File::open(path)?).read_to_string(&mut text)?;
    Ok(text)
}

/// A third of the answers turned round, and no more rows than the cases use.
fn adult(to: &Path) -> Made {
    let (text, coin) = (text(&to.join("adult-train.csv.gz"))?, random(270));
    let mut out = String::new();
    for (i, line) in text.lines().take(5001).enumerate() {
        let turned = match (i > 0 && coin.uniform(i as u64) < 0.35, line.contains(">50K")) {
            (false, _) => line.to_string(),
            (true, true) => line.replace(">50K", "<=50K"),
            (true, false) => line.replace("<=50K", ">50K"),
        };
        out += &turned;
        out.push('\n');
    }
    Ok(fs::write(to.join("adult-turned.csv"), out)?)
}

/// The cheapest houses first.
fn housing(to: &Path) -> Made {
    let text = text(&to.join("california-housing.csv.gz"))?;
    let mut lines = text.lines();
    let head = lines.next().unwrap_or_default();
    let at = head.split(',').position(|name| name == "median_house_value").unwrap_or(0);
    let value = |line: &&str| line.split(',').nth(at).and_then(|v| v.parse().ok()).unwrap_or(0.0);
    let mut rows: Vec<&str> = lines.step_by(5).collect();
    rows.sort_by(|a, b| f64::total_cmp(&value(a), &value(b)));
    Ok(fs::write(to.join("housing-by-value.csv"), format!("{head}\n{}\n", rows.join("\n")))?)
}

/// A file to train on, and one to validate on in which two kinds have each other's name.
fn wine(from: &Path, to: &Path) -> Made {
    let text = fs::read_to_string(from.join("tabular/wine.csv"))?;
    let mut lines = text.lines();
    let head = lines.next().unwrap_or_default();
    let at = head.split(',').position(|name| name == "target").unwrap_or(0);
    let (mut train, mut rest) = (format!("{head}\n"), format!("{head}\n"));
    for (i, line) in lines.enumerate() {
        let mut cells: Vec<&str> = line.split(',').collect();
        let held = i % 3 == 0;
        if let (true, Some(cell)) = (held, cells.get_mut(at)) {
            *cell = match *cell {
                "class_0" => "class_1",
                "class_1" => "class_0",
                other => other,
            };
        }
        let to = if held { &mut rest } else { &mut train };
        *to += &cells.join(",");
        to.push('\n');
    }
    fs::write(to.join("wine-train.csv"), train)?;
    Ok(fs::write(to.join("wine-swapped.csv"), rest)?)
}
