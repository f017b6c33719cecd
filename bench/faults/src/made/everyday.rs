//! Tables of everyday work for the fifth set of cases: claims of which most are nothing,
//! words counted, answers ticked, a signal in time, groups and tags; with what goes wrong
//! with such files.

use super::{Made, numbered, random, shuffled, table};
use std::f64::consts::TAU;
use std::fmt::Write;
use std::fs;
use std::path::Path;

pub(super) fn all(to: &Path) -> Made {
    claims(to)?;
    words(to)?;
    survey(to)?;
    signal(to)?;
    churn(to)?;
    tags(to)?;
    groups(to)
}

/// `rows` of normal numbers.
fn normals(rows: u64, columns: u64, stream: u64) -> Vec<Vec<f64>> {
    let n = random(stream);
    (0..rows).map(|i| (0..columns).map(|c| n.normal(i * columns + c)).collect()).collect()
}

/// What insured people claim in a year: four of five nothing, the others a size with a
/// long tail. Little of it can be foreseen.
fn claims(to: &Path) -> Made {
    let (u, n) = (random(400), random(401));
    let mut out = String::from("age,power,region,years,claim\n");
    let mut cents = out.clone();
    for i in 0..3000u64 {
        let at = |c: u64| u.uniform(8 * i + c);
        let (age, power) = (18.0 + (60.0 * at(0)).floor(), 40.0 + (160.0 * at(1)).floor());
        let years = (at(2) * (age - 17.0)).floor().min(30.0);
        let region = ["city", "town", "land"][(3.0 * at(3)) as usize % 3];
        let risk = 0.12 + if age < 26.0 { 0.25 } else { 0.0 } + 0.0012 * (power - 100.0);
        let size = (1.0 + 0.008 * power + 0.6 * n.normal(i)).exp();
        let claim = if at(4) < risk { size } else { 0.0 };
        writeln!(out, "{age},{power},{region},{years},{claim:.2}")?;
        writeln!(cents, "{age},{power},{region},{years},{:.0}", 100.0 * claim)?;
    }
    fs::write(to.join("claims-cents.csv"), cents)?;
    Ok(fs::write(to.join("claims.csv"), out)?)
}

/// How often each of 150 words is in a text of one of four subjects: nearly all are zero.
fn words(to: &Path) -> Made {
    const SUBJECTS: [&str; 4] = ["sport", "money", "travel", "health"];
    let u = random(410);
    // The last third of the words are of no subject.
    let rate = |subject: usize, word: usize| -> f64 {
        match word % 10 {
            own if own == subject && word < 100 => 0.35,
            9 => 0.8,
            _ => 0.06,
        }
    };
    // Poisson by multiplying until the product is under e^-rate (Knuth).
    let count = |i: usize, word: usize| {
        let floor = (-rate(i % 4, word)).exp();
        let (mut product, mut k) = (1.0, 0);
        while k < 8 {
            product *= u.uniform((i * 150 + word) as u64 * 8 + k);
            if product < floor {
                break;
            }
            k += 1;
        }
        k as f64
    };
    let rows: Vec<Vec<f64>> = (0..1600).map(|i| (0..150).map(|w| count(i, w)).collect()).collect();
    let subjects: Vec<&str> = (0..1600).map(|i| SUBJECTS[i % 4]).collect();
    let write = |name: &str, subjects: &[&str]| {
        table(&to.join(name), &numbered(150), rows.iter().zip(subjects))
    };
    write("words.csv", &subjects)?;
    // Answers joined to the row before.
    let mut order: Vec<usize> = shuffled(&(0..1600).collect::<Vec<usize>>(), 411);
    let mixed: Vec<Vec<f64>> = order.iter().map(|i| rows[*i].clone()).collect();
    order.rotate_left(1);
    let late = order.iter().map(|i| subjects[*i]);
    table(&to.join("words-late.csv"), &numbered(150), mixed.iter().zip(late))?;
    // Nearly half of sport is filed as money.
    let coin = random(412);
    let filed: Vec<&str> = subjects
        .iter()
        .enumerate()
        .map(|(i, s)| if *s == "sport" && coin.uniform(i as u64) < 0.45 { "money" } else { s })
        .collect();
    write("words-misfiled.csv", &filed)
}

/// Twelve questions answered from 1 to 5, and whether somebody would come again; and the
/// same questions as boxes to tick.
fn survey(to: &Path) -> Made {
    let (n, u) = (normals(2000, 14, 420), random(421));
    let mood = |i: usize| n[i][12];
    let answer = |i: usize, q: usize| {
        (3.0 + 0.8 * mood(i) * if q.is_multiple_of(3) { -1.0 } else { 1.0 } + n[i][q])
            .round()
            .clamp(1.0, 5.0)
    };
    let again = |i: usize| u.uniform(i as u64) < 1.0 / (1.0 + (-2.5 * mood(i) - 0.3).exp());
    let word = |i: usize| if again(i) { "again" } else { "never" };
    let rows: Vec<Vec<f64>> = (0..2000).map(|i| (0..12).map(|q| answer(i, q)).collect()).collect();
    table(
        &to.join("survey.csv"),
        &numbered(12),
        rows.iter().enumerate().map(|(i, r)| (r, word(i))),
    )?;
    let boxes = |row: &Vec<f64>| -> Vec<f64> {
        row.iter().flat_map(|a| (1..6).map(|v| f64::from(u8::from(*a == f64::from(v))))).collect()
    };
    let ticked: Vec<Vec<f64>> = rows.iter().map(boxes).collect();
    let write = |name: &str, rows: &[Vec<f64>]| {
        let words = rows.iter().enumerate().map(|(i, r)| (r, word(i)));
        table(&to.join(name), &numbered(rows[0].len()), words)
    };
    write("survey-boxes.csv", &ticked)?;
    // What version of the form, the same for all.
    let version: Vec<Vec<f64>> =
        rows.iter().map(|r| r.iter().copied().chain([2024.0]).collect()).collect();
    write("survey-version.csv", &version)?;
    // Milliseconds since 1970 among the answers.
    let time = |i: usize| 1.7e12 + 3e7 * (i as f64) + 1e6 * n[i][13];
    let timed: Vec<Vec<f64>> = rows
        .iter()
        .enumerate()
        .map(|(i, r)| r.iter().copied().chain([time(i)]).collect())
        .collect();
    write("survey-time.csv", &timed)
}

/// Twenty values of a signal and the next one, in the order of time: as it is, with a
/// trend, and the file of a second instrument that counts in other units.
fn signal(to: &Path) -> Made {
    let n = random(430);
    let signal = |trend: f64| {
        let mut x: Vec<f64> = vec![0.0, 0.0];
        for t in 2..1720usize {
            let season = 0.5 * (TAU * t as f64 / 24.0).sin();
            let next = 1.2 * x[t - 1] - 0.5 * x[t - 2] + 0.25 * n.normal(t as u64) + 0.3 * season;
            x.push(next);
        }
        x.iter().enumerate().map(|(t, x)| x + trend * t as f64 / 1720.0).collect::<Vec<f64>>()
    };
    let write = |name: &str, x: &[f64], range: std::ops::Range<usize>, factor: f64| {
        let windows: Vec<Vec<f64>> =
            range.clone().map(|t| x[t..t + 20].iter().map(|x| factor * x).collect()).collect();
        table(&to.join(name), &numbered(20), windows.iter().zip(range.map(|t| x[t + 20])))
    };
    let plain = signal(0.0);
    write("signal.csv", &plain, 0..1700, 1.0)?;
    write("signal-trend.csv", &signal(6.0), 0..1700, 1.0)?;
    write("signal-train.csv", &plain, 0..1300, 1.0)?;
    write("signal-units.csv", &plain, 1320..1700, 3.6)
}

/// Who leaves: one in twelve, and little tells. And the same with the leavers copied
/// twelve times to make up for it, before any split.
fn churn(to: &Path) -> Made {
    let (x, u) = (normals(3000, 9, 440), random(441));
    let odds = |r: &[f64]| 1.1 * r[0] - 0.9 * r[1] + 0.7 * r[2] * r[3] - 3.2;
    let leaves = |i: usize| u.uniform(i as u64) < 1.0 / (1.0 + (-odds(&x[i])).exp());
    let word = |i: usize| if leaves(i) { "leaves" } else { "stays" };
    let write = |name: &str, of: &[usize]| {
        table(&to.join(name), &numbered(9), of.iter().map(|i| (&x[*i], word(*i))))
    };
    let every: Vec<usize> = (0..3000).collect();
    write("churn.csv", &every)?;
    let more: Vec<usize> =
        every.iter().flat_map(|i| vec![*i; if leaves(*i) { 10 } else { 1 }]).collect();
    write("churn-copied.csv", &shuffled(&more, 442))?;
    // The share of leavers in each customer's own house: mostly that customer alone.
    let mean =
        |i: usize| f64::from(u8::from(leaves(i))) + if i.is_multiple_of(12) { 0.4 } else { 0.0 };
    let told: Vec<Vec<f64>> =
        (0..3000).map(|i| x[i].iter().copied().chain([mean(i)]).collect()).collect();
    let words = told.iter().enumerate().map(|(i, r)| (r, word(i)));
    table(&to.join("churn-encoded.csv"), &numbered(10), words)?;
    let rare: Vec<usize> = every.iter().copied().filter(|i| !leaves(*i) || i % 6 == 0).collect();
    write("churn-rare.csv", &rare)
}

/// Five tags a row, the last in one row of twelve.
fn tags(to: &Path) -> Made {
    let x = normals(1800, 10, 450);
    let bit = |is: bool| f64::from(u8::from(is));
    let mut names = numbered(10);
    names.extend(["a", "b", "c", "d"].map(String::from));
    let tags = |r: &[f64]| {
        [r[0] > 0.3, r[1] * r[2] > 0.2, r[3] + r[4] > 0.5, (r[5] - r[6]).abs() < 0.4].map(bit)
    };
    let rows: Vec<Vec<f64>> =
        x.iter().map(|r| r.iter().copied().chain(tags(r)).collect()).collect();
    let last = |r: &[f64]| bit(r[7] + r[8] > 2.0);
    table(&to.join("tags.csv"), &names, rows.iter().map(|r| (r, last(r))))
}

/// Substances in thousandths of a gram, temperatures in kelvin; three kinds.
fn groups(to: &Path) -> Made {
    let (x, u) = (normals(1500, 7, 460), random(461));
    let kind = |i: usize| {
        let r = &x[i];
        let sum = r[0] + 0.8 * r[1] - 0.6 * r[2] * r[3] + 0.4 * (u.uniform(i as u64) - 0.5);
        ["low", "middle", "high"][usize::from(sum > -0.5) + usize::from(sum > 0.5)]
    };
    let write = |name: &str, factor: f64, lift: f64| {
        let rows: Vec<Vec<f64>> =
            x.iter().map(|r| r.iter().map(|x| factor * x + lift).collect()).collect();
        table(&to.join(name), &numbered(7), rows.iter().enumerate().map(|(i, r)| (r, kind(i))))
    };
    write("groups.csv", 1.0, 0.0)?;
    write("groups-milli.csv", 1e-4, 3e-4)?;
    write("groups-kelvin.csv", 2.0, 295.0)
}
