//! Public tables with something wrong: labels, copies, order, columns.

use super::{Made, noisy, random, shuffled, table};
use gradwise_data::{DataError, DataSpec, Set, Split};
use std::error::Error;
use std::fs;
use std::path::Path;

/// A table of numbers with classes.
struct Known {
    names: Vec<String>,
    rows: Vec<Vec<f64>>,
    labels: Vec<u8>,
}

pub(super) fn all(to: &Path) -> Made {
    let digits = Known::read("digits")?;
    let wine = Known::read("wine")?;
    let cancer = Known::read("breast-cancer")?;
    let iris = Known::read("iris")?;
    digits_with_columns(&digits, to)?;
    labels_wrong(&digits, &wine, &cancer, to)?;
    copies(&digits, &wine, &cancer, to)?;
    order(&digits, &cancer, &iris, to)?;
    columns(&wine, &cancer, to)?;
    adult(to)
}

/// The labels of a set.
pub(super) fn labels(set: &Set) -> Result<Vec<u8>, DataError> {
    let rows: Vec<u32> = (0..set.rows() as u32).collect();
    let mut y = vec![0.0; rows.len()];
    set.targets(&rows, &mut y)?;
    Ok(y.iter().map(|y| *y as u8).collect())
}

impl Known {
    fn read(source: &str) -> Result<Known, Box<dyn Error>> {
        let mut spec = DataSpec::new(source);
        spec.split = Split::new(Some(1.0), None, None)?;
        let data = gradwise_data::open(&spec)?;
        let names = data.schema.feature_names();
        let mut row = vec![0.0; data.train.columns()];
        let mut rows = Vec::new();
        for i in 0..data.train.rows() as u32 {
            data.train.gather(&[i], &mut row, data.train.columns())?;
            rows.push(row.iter().map(|x| f64::from(*x)).collect());
        }
        let columns = row.len();
        let names = if names.len() == columns { names } else { super::numbered(columns) };
        Ok(Known { names, rows, labels: labels(&data.train)? })
    }

    /// Writes these rows.
    fn write(&self, to: &Path, name: &str, rows: &[usize]) -> Made {
        let rows = rows.iter().map(|i| (&self.rows[*i], named(self.labels[*i])));
        table(&to.join(name), &self.names, rows)
    }

    /// Writes all rows with other labels.
    fn relabelled(&self, to: &Path, name: &str, labels: &[u8]) -> Made {
        let rows = self.rows.iter().zip(labels.iter().map(|y| named(*y)));
        table(&to.join(name), &self.names, rows)
    }

    fn all(&self) -> Vec<usize> {
        (0..self.rows.len()).collect()
    }

    /// Rows in the order of their classes.
    fn sorted(&self) -> Vec<usize> {
        let mut order = self.all();
        order.sort_by_key(|i| self.labels[*i]);
        order
    }
}

/// Classes as words, so that they are taken for classes.
pub(super) fn named(label: u8) -> String {
    format!("class{label}")
}

/// Pixels from 0 to 1, a constant column and one of size 10⁶.
fn digits_with_columns(digits: &Known, to: &Path) -> Made {
    let noise = random(7);
    let large = |i: usize| 1e6 * noise.normal(i as u64);
    let with = |(i, row): (usize, &Vec<f64>)| -> Vec<f64> {
        row.iter().map(|x| x / 16.0).chain([7.0, large(i)]).collect()
    };
    let rows: Vec<Vec<f64>> = digits.rows.iter().enumerate().map(with).collect();
    let names: Vec<String> =
        digits.names.iter().cloned().chain(["constant".into(), "large".into()]).collect();
    table(&to.join("digits-columns.csv"), &names, rows.iter().zip(&digits.labels))
}

fn labels_wrong(digits: &Known, wine: &Known, cancer: &Known, to: &Path) -> Made {
    digits.relabelled(to, "digits-noisy.csv", &noisy(&digits.labels, 0.4, 10, 50))?;
    cancer.relabelled(to, "breast-cancer-noisy.csv", &noisy(&cancer.labels, 0.5, 2, 51))?;
    digits.relabelled(to, "digits-shuffled.csv", &shuffled(&digits.labels, 52))?;
    cancer.relabelled(to, "breast-cancer-shuffled.csv", &shuffled(&cancer.labels, 53))?;
    wine.relabelled(to, "wine-shuffled.csv", &shuffled(&wine.labels, 54))?;
    let kept = |i: &usize| digits.labels[*i] > 2 || i.is_multiple_of(40);
    let rare: Vec<usize> = digits.all().into_iter().filter(kept).collect();
    digits.write(to, "digits-rare.csv", &rare)
}

fn copies(digits: &Known, wine: &Known, cancer: &Known, to: &Path) -> Made {
    let thrice = [wine.all(), wine.all(), wine.all()].concat();
    wine.write(to, "wine-thrice.csv", &thrice)?;
    let mixed = shuffled(&cancer.all(), 60);
    let some = [&mixed[..], mixed.get(..200).unwrap_or_default()].concat();
    cancer.write(to, "breast-cancer-copies.csv", &some)?;
    let mixed = shuffled(&digits.all(), 61);
    let (train, rest) = mixed.split_at(1400);
    digits.write(to, "digits-part.csv", train)?;
    digits.write(to, "digits-leaked.csv", &train[..300])?;
    let third = [&rest[..200], &train[..100]].concat();
    digits.write(to, "digits-third.csv", &third)
}

fn order(digits: &Known, cancer: &Known, iris: &Known, to: &Path) -> Made {
    digits.write(to, "digits-sorted.csv", &digits.sorted())?;
    cancer.write(to, "breast-cancer-sorted.csv", &cancer.sorted())?;
    iris.write(to, "iris-sorted.csv", &iris.sorted())?;
    // By the size of a feature, as rows of a growing log are.
    let mut grown = cancer.all();
    grown.sort_by(|a, b| cancer.rows[*a][0].total_cmp(&cancer.rows[*b][0]));
    cancer.write(to, "breast-cancer-grown.csv", &grown)
}

fn columns(wine: &Known, cancer: &Known, to: &Path) -> Made {
    for (known, name, value) in
        [(wine, "wine-constant.csv", 3.0), (cancer, "breast-cancer-constant.csv", 12.0)]
    {
        let rows: Vec<Vec<f64>> =
            known.rows.iter().map(|row| row.iter().copied().chain([value]).collect()).collect();
        let names: Vec<String> = known.names.iter().cloned().chain(["station".into()]).collect();
        let labels = known.labels.iter().map(|y| named(*y));
        table(&to.join(name), &names, rows.iter().zip(labels))?;
    }
    Ok(())
}

/// Adult with half of the validation rows copied from training.
fn adult(to: &Path) -> Made {
    let mut text = String::new();
    let file = fs::File::open(to.join("adult-train.csv.gz"))?;
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut text)?;
    let mut lines = text.lines();
    let head = lines.next().unwrap_or_default();
    let rows: Vec<&str> = lines.take(8000).collect();
    let (train, rest) = rows.split_at(6000);
    let leaked = [&rest[..500], &train[..500]].concat();
    fs::write(to.join("adult-part.csv"), format!("{head}\n{}\n", train.join("\n")))?;
    Ok(fs::write(to.join("adult-leaked.csv"), format!("{head}\n{}\n", leaked.join("\n")))?)
}
