//! Data of the cases that no public set has: made from public ones, or drawn, with a
//! fixed seed.

use gradwise_data::{DataSpec, Set, Split};
use gradwise_graph::random::Philox;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

type Made = Result<(), Box<dyn Error>>;

/// Rows of each image file.
const IMAGES: u32 = 10_000;

/// Writes all files into `to`; public ones come from `from`.
pub fn all(from: &Path, to: &Path) -> Made {
    fs::create_dir_all(to)?;
    for name in ["adult-train.csv.gz", "california-housing.csv.gz"] {
        fs::copy(from.join("tabular").join(name), to.join(name))?;
    }
    mpg(from, to)?;
    curves(to)?;
    images(to)?;
    digits(to)?;
    adult(to)?;
    sorted(to)
}

fn random(stream: u64) -> Philox {
    Philox::new(4, stream)
}

/// auto-mpg with its seven numbers and the target in several ranges.
fn mpg(from: &Path, to: &Path) -> Made {
    let text = fs::read_to_string(from.join("tabular/auto-mpg.csv"))?;
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|l| l.split(',').collect()).collect();
    let target = |row: &Vec<&str>| row.first().and_then(|c| c.parse::<f64>().ok()).unwrap_or(0.0);
    let scaled = |row: &Vec<&str>| (target(row) - 9.0) / 37.6;
    let mut order: Vec<usize> = (0..rows.len()).collect();
    shuffle(&mut order, random(1));
    let write = |name: &str, y: &dyn Fn(usize) -> f64| -> Made {
        let mut out =
            "mpg,cylinders,displacement,horsepower,weight,acceleration,year,origin\n".to_string();
        for (i, row) in rows.iter().enumerate() {
            writeln!(out, "{},{}", y(i), row.get(1..8).unwrap_or_default().join(","))?;
        }
        Ok(fs::write(to.join(name), out)?)
    };
    write("auto-mpg.csv", &|i| scaled(&rows[i]))?;
    write("auto-mpg-signed.csv", &|i| 2.0 * scaled(&rows[i]) - 1.0)?;
    write("auto-mpg-large.csv", &|i| 1000.0 * target(&rows[i]))?;
    write("auto-mpg-shuffled.csv", &|i| scaled(&rows[order[i]]))
}

/// Functions of one number.
fn curves(to: &Path) -> Made {
    let (points, noise) = (random(2), random(3));
    let write = |name: &str, low: f64, high: f64, f: &dyn Fn(f64, f64) -> f64| -> Made {
        let mut out = "x,y\n".to_string();
        for i in 0..1000 {
            let x = low + (high - low) * points.uniform(i);
            writeln!(out, "{x},{}", f(x, noise.normal(i)))?;
        }
        Ok(fs::write(to.join(name), out)?)
    };
    write("square.csv", 0.0, 5.0, &|x, e| 5.0 * x * x + e)?;
    write("square-plus.csv", -2.0, 2.0, &|x, _| x * x + 3.0)?;
    write("fourth.csv", -100.0, 100.0, &|x, _| x.powi(4))
}

/// MNIST with labels shuffled, wrong, or rare.
fn images(to: &Path) -> Made {
    let mut spec = DataSpec::new("mnist");
    spec.limit = Some(IMAGES as usize);
    spec.split = Split::new(Some(1.0), None, None)?;
    let train = gradwise_data::open(&spec)?.train.raw();
    let labels = labels(&train);
    let all: Vec<u32> = (0..train.rows() as u32).collect();
    let mut shuffled = labels.clone();
    shuffle(&mut shuffled, random(4));
    pair(to, "shuffled", &train, &all, &shuffled)?;
    let (coin, draw) = (random(5), random(6));
    let wrong = |(i, y): (usize, &u8)| match coin.uniform(i as u64) < 0.4 {
        true => draw.below(i as u64, 10) as u8,
        false => *y,
    };
    let noisy: Vec<u8> = labels.iter().enumerate().map(wrong).collect();
    pair(to, "noisy", &train, &all, &noisy)?;
    let kept = |row: &u32| labels[*row as usize] > 4 || row.is_multiple_of(100);
    let rows: Vec<u32> = all.iter().copied().filter(kept).collect();
    let kept: Vec<u8> = rows.iter().map(|r| labels[*r as usize]).collect();
    pair(to, "rare", &train, &rows, &kept)
}

fn labels(set: &Set) -> Vec<u8> {
    let rows: Vec<u32> = (0..set.rows() as u32).collect();
    let mut y = vec![0.0; rows.len()];
    set.targets(&rows, &mut y);
    y.iter().map(|y| *y as u8).collect()
}

/// An IDX pair: images of `rows`, and labels.
fn pair(to: &Path, name: &str, set: &Set, rows: &[u32], labels: &[u8]) -> Made {
    let header = |kind: u8, sizes: &[u32]| {
        let mut bytes = vec![0, 0, 8, kind];
        sizes.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
        bytes
    };
    let count = rows.len() as u32;
    let mut images = header(3, &[count, 28, 28]);
    let mut row = vec![0.0; set.columns()];
    for index in rows {
        set.gather(&[*index], &mut row, set.columns());
        images.extend(row.iter().map(|x| *x as u8));
    }
    fs::write(to.join(format!("{name}-images-idx3-ubyte")), images)?;
    let bytes = [header(1, &[count]), labels.to_vec()].concat();
    Ok(fs::write(to.join(format!("{name}-labels-idx1-ubyte")), bytes)?)
}

/// Digits as a table, with a constant column and one of size 10⁶.
fn digits(to: &Path) -> Made {
    let mut spec = DataSpec::new("digits");
    spec.split = Split::new(Some(1.0), None, None)?;
    let set = gradwise_data::open(&spec)?.train;
    let labels = labels(&set);
    let names: Vec<String> = (0..64).map(|i| format!("p{i}")).collect();
    let mut out = format!("{},constant,large,digit\n", names.join(","));
    let (mut row, noise) = (vec![0.0; 64], random(7));
    for (i, label) in labels.iter().enumerate() {
        set.gather(&[i as u32], &mut row, 64);
        let pixels: Vec<String> = row.iter().map(|x| (x / 16.0).to_string()).collect();
        writeln!(out, "{},7,{},{label}", pixels.join(","), 1e6 * noise.normal(i as u64))?;
    }
    Ok(fs::write(to.join("digits-columns.csv"), out)?)
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

/// breast-cancer with its rows in the order of the classes.
fn sorted(to: &Path) -> Made {
    let mut spec = DataSpec::new("breast-cancer");
    spec.split = Split::new(Some(1.0), None, None)?;
    let data = gradwise_data::open(&spec)?;
    let labels = labels(&data.train);
    let names = data.schema.feature_names();
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by_key(|i| labels[*i]);
    let mut out = format!("{},target\n", names.join(","));
    let mut row = vec![0.0; names.len()];
    for i in order {
        data.train.gather(&[i as u32], &mut row, names.len());
        let cells: Vec<String> = row.iter().map(ToString::to_string).collect();
        writeln!(out, "{},{}", cells.join(","), labels[i])?;
    }
    Ok(fs::write(to.join("breast-cancer-sorted.csv"), out)?)
}

fn shuffle<T>(items: &mut [T], random: Philox) {
    for i in (1..items.len()).rev() {
        items.swap(i, random.below(i as u64, i as u64 + 1) as usize);
    }
}
