//! What an experiment found: claims beside measurements, tables, figures, words.

use gradwise_trials::stats;
use gradwise_view::paint::Scene;
use gradwise_view::terminal::Table as Lines;
use std::fmt;

/// What an experiment found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The data that it ran on, in words.
    pub data: String,
    /// How many seeds its results are repeated over; 0 where nothing is random.
    pub seeds: u64,
    /// The lecture's claims and whether this run bears them out.
    pub claims: Vec<Claim>,
    /// What is seen in the figures, a paragraph each.
    pub seen: Vec<String>,
    /// The pictures.
    pub figures: Vec<Figure>,
    /// The numbers.
    pub tables: Vec<Table>,
}

/// Something that the lecture says, beside what was measured.
#[derive(Clone, Debug)]
pub struct Claim {
    /// What the lecture says.
    pub says: String,
    /// What was measured, in words with the number in them.
    pub found: String,
    /// The number that decides.
    pub number: f64,
    /// Whether the run bears it out.
    pub holds: bool,
}

/// A picture with its caption.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The name of its files.
    pub name: &'static str,
    /// What it shows and how to read it.
    pub caption: String,
    /// The picture.
    pub scene: Scene,
}

/// A table of words and numbers.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// What stands above it.
    pub title: String,
    /// The names of the columns.
    pub header: Vec<String>,
    /// The cells.
    pub rows: Vec<Vec<String>>,
}

impl Report {
    /// What the results rest on: the data, and how many seeds.
    pub fn basis(&self) -> String {
        match self.seeds {
            0 => self.data.clone(),
            1 => format!("{}; one seed", self.data),
            seeds => format!("{}; {seeds} seeds, ± is one standard deviation over them", self.data),
        }
    }
}

impl Table {
    /// A table without rows yet.
    pub fn new(title: &str, header: &[&str]) -> Table {
        let header = header.iter().map(|name| (*name).into()).collect();
        Table { title: title.into(), header, rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl ToString>) {
        self.rows.push(cells.into_iter().map(|cell| cell.to_string()).collect());
    }

    /// The table as lines for a terminal.
    pub fn draw(&self) -> String {
        let header: Vec<&str> = self.header.iter().map(String::as_str).collect();
        let mut lines = Lines::new(&header);
        self.rows.iter().for_each(|row| lines.row(row));
        format!("{}\n{}", self.title, lines.draw())
    }
}

/// A number measured over several seeds: its mean ± the standard deviation of the
/// sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spread(pub Vec<f64>);

impl Spread {
    /// The mean.
    pub fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }

    /// The standard deviation, over n − 1; 0 for one number.
    pub fn deviation(&self) -> f64 {
        stats::deviation(&self.0).unwrap_or(0.0)
    }

    /// The smallest.
    pub fn min(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The largest.
    pub fn max(&self) -> f64 {
        self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }

    /// Every number through a function.
    pub fn map(&self, f: impl FnMut(f64) -> f64) -> Spread {
        Spread(self.0.iter().copied().map(f).collect())
    }
}

impl FromIterator<f64> for Spread {
    fn from_iter<T: IntoIterator<Item = f64>>(numbers: T) -> Self {
        Spread(numbers.into_iter().collect())
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = f.precision().unwrap_or(3);
        if !self.mean().is_finite() {
            return f.write_str("diverged");
        }
        write!(f, "{:.decimals$}", self.mean())?;
        if self.0.len() > 1 {
            write!(f, " ± {:.decimals$}", self.deviation())?;
        }
        Ok(())
    }
}

/// A number with about three digits, whatever its size.
pub fn short(x: f64) -> String {
    match x.abs() {
        0.0 => "0".into(),
        size if (1e-3..1e4).contains(&size) => {
            let decimals = (2 - size.log10().floor() as i32).max(0) as usize;
            format!("{x:.decimals$}")
        }
        size if size.is_finite() => format!("{x:.2e}"),
        _ => "not finite".into(),
    }
}

/// A share as a percentage.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// Shares over seeds as percentages.
pub fn percents(shares: &Spread) -> String {
    let percents = shares.map(|share| 100.0 * share);
    if percents.mean().is_finite() { format!("{percents:.1} %") } else { "diverged".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreads_say_mean_and_deviation() {
        assert_eq!(format!("{:.2}", Spread(vec![1.0, 2.0, 3.0])), "2.00 ± 1.00");
        assert_eq!(Spread(vec![0.5]).to_string(), "0.500");
        assert_eq!(Spread(vec![f64::NAN, 1.0]).to_string(), "diverged");
    }

    #[test]
    fn numbers_have_three_digits() {
        assert_eq!(
            [0.21423, 12.345, 2.944e-7, 0.0, 982.4].map(short),
            ["0.214", "12.3", "2.94e-7", "0", "982"]
        );
    }
}
