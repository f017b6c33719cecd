//! Tables of several trades for the eighth set of cases: beans by their shape, glyphs, tickets
//! by their words, loans, a power plant, genes, letters, how somebody walks, a wave, prices and
//! what a house needs; with what goes wrong with such files.

use super::{Made, noisy, numbered, random, shuffled, table};
use std::f64::consts::{PI, TAU};
use std::fmt::Write;
use std::fs;
use std::path::Path;

pub(super) fn all(to: &Path) -> Made {
    beans(to)?;
    glyphs(to)?;
    tickets(to)?;
    loans(to)?;
    plant(to)?;
    genes(to)?;
    letters(to)?;
    gait(to)?;
    wave(to)?;
    prices(to)?;
    energy(to)
}

fn names<const N: usize>(of: [&str; N]) -> Vec<String> {
    of.map(String::from).into()
}

/// Rows with one more value.
fn with(rows: &[Vec<f64>], more: impl Fn(usize) -> f64) -> Vec<Vec<f64>> {
    let longer = |(i, r): (usize, &Vec<f64>)| r.iter().copied().chain([more(i)]).collect();
    rows.iter().enumerate().map(longer).collect()
}

const BEANS: [&str; 5] = ["barbunya", "bombay", "cali", "dermason", "seker"];

/// Five kinds of beans by ten numbers of quite different sizes; neighbours overlap.
fn beans(to: &Path) -> Made {
    let (n, u, place) = (random(600), random(601), random(602));
    const SIZE: [f64; 10] = [5e4, 850.0, 320.0, 200.0, 1.6, 0.75, 5.3e4, 0.99, 0.006, 0.8];
    const SPREAD: [f64; 10] = [0.3, 0.2, 0.25, 0.2, 0.15, 0.1, 0.3, 0.005, 0.2, 0.08];
    let row = |i: usize, class: u8| -> Vec<f64> {
        let at = |c: usize| {
            let z = 0.9 * place.normal(u64::from(class) * 10 + c as u64);
            SIZE[c] * (1.0 + SPREAD[c] * 0.6 * (z + n.normal((i * 10 + c) as u64)))
        };
        (0..10).map(at).collect()
    };
    let labels: Vec<u8> = (0..3000).map(|i| u.below(i, 5) as u8).collect();
    let rows: Vec<Vec<f64>> = labels.iter().enumerate().map(|(i, y)| row(i, *y)).collect();
    let columns = names([
        "area",
        "perimeter",
        "length",
        "width",
        "aspect",
        "eccentricity",
        "convex",
        "solidity",
        "shape",
        "compactness",
    ]);
    let word = |y: &u8| BEANS[usize::from(*y)];
    let write = |file: &str, rows: &[Vec<f64>], labels: &[u8]| {
        table(&to.join(file), &columns, rows.iter().zip(labels.iter().map(word)))
    };
    let of = |file: &str, which: &[usize]| {
        table(&to.join(file), &columns, which.iter().map(|i| (&rows[*i], word(&labels[*i]))))
    };
    write("beans.csv", &rows, &labels)?;
    write("beans-shuffled.csv", &rows, &shuffled(&labels, 603))?;
    write("beans-noisy.csv", &rows, &noisy(&labels, 0.4, 5, 604))?;
    let every: Vec<usize> = (0..3000).collect();
    let mut sorted = every.clone();
    sorted.sort_by_key(|i| labels[*i]);
    of("beans-sorted.csv", &sorted)?;
    of("beans-first.csv", &every[..2200])?;
    of("beans-rest.csv", &every[2200..])?;
    of("beans-leaked.csv", &every[1800..2600])?;
    of("beans-twice.csv", &shuffled(&[&every[..], &every].concat(), 605))?;
    // Of one kind hardly any came, and it looks much like another.
    let rare: Vec<usize> =
        every.iter().copied().filter(|i| labels[*i] > 1 || i.is_multiple_of(60)).collect();
    of("beans-rare.csv", &rare)?;
    // The second laboratory measures in pixels of another camera.
    let other: Vec<Vec<f64>> =
        rows[2200..].iter().map(|r| r.iter().map(|x| 2.2 * x).collect()).collect();
    write("beans-camera.csv", &other, &labels[2200..])?;
    let more = |file: &str, name: &str, value: &dyn Fn(usize) -> f64| {
        let columns: Vec<String> = columns.iter().cloned().chain([name.to_string()]).collect();
        let rows = with(&rows, value);
        table(&to.join(file), &columns, rows.iter().zip(labels.iter().map(word)))
    };
    more("beans-camera-number.csv", "camera", &|_| 3.0)?;
    more("beans-bin.csv", "bin", &|i| f64::from(labels[i]) * 10.0 + 4.0)
}

/// Small grey images of six shapes, moved about, with noise: 12 × 12 pixels, 0 to 255.
fn glyphs(to: &Path) -> Made {
    let (n, u) = (random(610), random(611));
    let shape = |class: usize, x: f64, y: f64| match class {
        0 => (x.hypot(y) - 3.0).abs() < 0.8,
        1 => x.abs() < 0.8 && y.abs() < 4.0,
        2 => y.abs() < 0.8 && x.abs() < 4.0,
        3 => (x - y).abs() < 1.0 && x.abs() < 3.5,
        4 => x.abs().max(y.abs()) < 2.2,
        _ => (x.abs() < 0.7 || y.abs() < 0.7) && x.abs().max(y.abs()) < 3.6,
    };
    let row = |i: usize| -> Vec<f64> {
        let at = |c: u64| u.uniform(i as u64 * 4 + c);
        let (cx, cy, bright) = (4.5 + 2.0 * at(0), 4.5 + 2.0 * at(1), 110.0 + 120.0 * at(2));
        let pixel = |p: usize| {
            let (x, y) = ((p % 12) as f64 - cx, (p / 12) as f64 - cy);
            let ink = if shape(i % 6, x, y) { bright } else { 15.0 };
            (ink + 22.0 * n.normal((i * 144 + p) as u64)).round().clamp(0.0, 255.0)
        };
        (0..144).map(pixel).collect()
    };
    let rows: Vec<Vec<f64>> = (0..1500).map(row).collect();
    let labels: Vec<u8> = (0..1500).map(|i| (i % 6) as u8).collect();
    let word = |y: &u8| ["ring", "post", "beam", "slash", "block", "cross"][usize::from(*y) % 6];
    let write = |file: &str, rows: &[Vec<f64>], labels: &[u8]| {
        table(&to.join(file), &numbered(144), rows.iter().zip(labels.iter().map(word)))
    };
    write("glyphs.csv", &rows, &labels)?;
    write("glyphs-shuffled.csv", &rows, &shuffled(&labels, 612))?;
    write("glyphs-noisy.csv", &rows, &noisy(&labels, 0.45, 6, 613))?;
    write("glyphs-first.csv", &rows[..1100], &labels[..1100])?;
    // Black on white among those that are only validated on.
    let turned: Vec<Vec<f64>> =
        rows[1100..].iter().map(|r| r.iter().map(|x| 255.0 - x).collect()).collect();
    write("glyphs-turned.csv", &turned, &labels[1100..])?;
    write("glyphs-leaked.csv", &rows[800..1300], &labels[800..1300])?;
    let few: Vec<usize> = (0..1500).filter(|i| i % 6 < 3 || i % 50 == 3).collect();
    let (rare, of): (Vec<_>, Vec<_>) = few.iter().map(|i| (rows[*i].clone(), labels[*i])).unzip();
    write("glyphs-rare.csv", &rare, &of)
}

/// Which of 300 words stand in a ticket, for eight desks: four words of a hundred are there.
fn tickets(to: &Path) -> Made {
    let u = random(620);
    let desk = |i: usize| (i * 5 + i / 8) % 8;
    let row = |i: usize| -> Vec<f64> {
        let word = |w: usize| {
            let share = if w < 160 && w % 8 == desk(i) { 0.22 } else { 0.025 };
            f64::from(u8::from(u.uniform((i * 300 + w) as u64) < share))
        };
        (0..300).map(word).collect()
    };
    let rows: Vec<Vec<f64>> = (0..1600).map(row).collect();
    let desks: Vec<String> = (0..1600).map(|i| format!("desk{}", desk(i))).collect();
    let write = |file: &str, rows: &[Vec<f64>], desks: &[String]| {
        table(&to.join(file), &numbered(rows[0].len()), rows.iter().zip(desks))
    };
    write("tickets.csv", &rows, &desks)?;
    write("tickets-shuffled.csv", &rows, &shuffled(&desks, 621))?;
    // The number of the ticket and what second it came in.
    let timed = with(&rows, |i| 1.6e9 + 450.0 * i as f64);
    write("tickets-time.csv", &timed, &desks)?;
    // Every ticket was sent twice.
    let order = shuffled(&[(0..1600).collect::<Vec<_>>(), (0..1600).collect()].concat(), 622);
    let (rows, desks): (Vec<_>, Vec<_>) =
        order.iter().map(|i| (rows[*i].clone(), desks[*i].clone())).unzip();
    write("tickets-twice.csv", &rows, &desks)
}

/// Loans, of which one in four is not paid back.
fn loans(to: &Path) -> Made {
    let (u, n) = (random(630), random(631));
    let mut files = vec![String::new(); 5];
    for file in &mut files {
        file.push_str("income,amount,rate,years,owns,purpose");
    }
    files[1].push_str(",fee");
    files[2].push_str(",opened");
    for file in &mut files {
        file.push_str(",paid\n");
    }
    for i in 0..3000u64 {
        let at = |c: u64| u.uniform(8 * i + c);
        let income = (3e4 * (0.5 * n.normal(i)).exp()).round();
        let amount = (2e3 + 3e4 * at(0)).round();
        let rate = 3.0 + 12.0 * at(1);
        let (years, owns) = (1 + (at(2) * 7.0) as u64, at(3) < 0.45);
        let purpose = ["car", "house", "study", "trip"][(4.0 * at(4)) as usize % 4];
        let risk = 1.3 * (amount / income).ln() + 0.22 * (rate - 9.0)
            - if owns { 0.7 } else { 0.0 }
            + if purpose == "trip" { 0.8 } else { 0.0 }
            - 0.2;
        let lost = at(5) < 1.0 / (1.0 + (-2.5 * risk).exp());
        let paid = if lost { "lost" } else { "paid" };
        let cells = format!("{income},{amount},{rate:.2},{years},{owns},{purpose}");
        writeln!(files[0], "{cells},{paid}")?;
        // What was taken for collecting, which is known only afterwards.
        let fee = if lost { 40.0 + (60.0 * at(6)).round() } else { 0.0 };
        writeln!(files[1], "{cells},{fee},{paid}")?;
        writeln!(files[2], "{cells},{},{paid}", 1_600_000_000 + 86_400 * (i / 2))?;
        if !lost || i.is_multiple_of(40) {
            writeln!(files[3], "{cells},{paid}")?;
        }
        let coin = if at(7) < 0.5 { "lost" } else { "paid" };
        writeln!(files[4], "{cells},{coin}")?;
    }
    for (name, text) in ["", "-fee", "-opened", "-rare", "-coin"].iter().zip(files) {
        fs::write(to.join(format!("loans{name}.csv")), text)?;
    }
    Ok(())
}

/// What a power plant gives in megawatts, 454 ± 17, by the weather.
fn plant(to: &Path) -> Made {
    let (u, e) = (random(640), random(641));
    let row = |i: u64| -> Vec<f64> {
        let at = |c: u64| u.uniform(4 * i + c);
        let warm = 2.0 + 33.0 * at(0);
        vec![
            warm,
            1000.0 + 28.0 * at(1),
            (95.0 - warm * at(2)).round(),
            35.0 + 1.1 * warm + 12.0 * (at(3) - 0.5),
        ]
    };
    let rows: Vec<Vec<f64>> = (0..1600).map(row).collect();
    let power = |i: usize| {
        let r = &rows[i];
        let cold = 497.0 - 1.75 * r[0] - 0.1 * (r[3] - 50.0) - 0.12 * (r[2] - 70.0);
        cold + 0.06 * (r[1] - 1013.0) + 4.0 * (r[0] / 5.0).sin() + 3.0 * e.normal(i as u64)
    };
    let y: Vec<f64> = (0..1600).map(power).collect();
    let columns = names(["warm", "pressure", "damp", "vacuum"]);
    let of = |file: &str, which: &[usize], y: &dyn Fn(usize) -> f64| {
        table(&to.join(file), &columns, which.iter().map(|i| (&rows[*i], y(*i))))
    };
    let every: Vec<usize> = (0..1600).collect();
    of("plant.csv", &every, &|i| y[i])?;
    of("plant-watts.csv", &every, &|i| 1e6 * y[i])?;
    let order = shuffled(&every, 642);
    of("plant-shuffled.csv", &every, &|i| y[order[i]])?;
    // One reading of thirty is another unit's.
    of("plant-odd.csv", &every, &|i| if i % 30 == 7 { y[i] + 60.0 } else { y[i] })?;
    let mut warmer = every.clone();
    warmer.sort_by(|a, b| rows[*a][0].total_cmp(&rows[*b][0]));
    of("plant-by-warmth.csv", &warmer, &|i| y[i])?;
    of("plant-first.csv", &every[..1200], &|i| y[i])?;
    of("plant-leaked.csv", &every[1000..1400], &|i| y[i])?;
    of("plant-thrice.csv", &shuffled(&[&every[..], &every, &every].concat(), 643), &|i| y[i])?;
    // The same power, read off another meter.
    let twice = with(&rows, |i| 1.02 * y[i] - 3.0);
    let columns = |more: &str| columns.iter().cloned().chain([more.into()]).collect::<Vec<_>>();
    table(&to.join("plant-meter.csv"), &columns("meter"), twice.iter().zip(&y))?;
    let unit = with(&rows, |_| 7.0);
    table(&to.join("plant-unit.csv"), &columns("unit"), unit.iter().zip(&y))
}

/// Many columns and few rows: 400 genes of 160 people, of which a dozen tell.
fn genes(to: &Path) -> Made {
    let n = random(650);
    let row = |i: usize| -> Vec<f64> {
        let told = |c: usize| {
            if c.is_multiple_of(33) { if i.is_multiple_of(2) { 1.3 } else { -1.3 } } else { 0.0 }
        };
        (0..400).map(|c| n.normal((i * 400 + c) as u64) + told(c)).collect()
    };
    let rows: Vec<Vec<f64>> = (0..160).map(row).collect();
    let ill = |i: usize| if i.is_multiple_of(2) { "ill" } else { "well" };
    let write = |file: &str, rows: &[Vec<f64>], of: &[usize]| {
        table(&to.join(file), &numbered(400), rows.iter().zip(of.iter().map(|i| ill(*i))))
    };
    let every: Vec<usize> = (0..160).collect();
    write("genes.csv", &rows, &every)?;
    // As they come off the chip: no logarithm.
    let raw: Vec<Vec<f64>> = rows
        .iter()
        .map(|r| r.iter().map(|x| (500.0 * (0.7 * x).exp()).round()).collect())
        .collect();
    write("genes-raw.csv", &raw, &every)
}

/// Twenty letters by sixteen whole numbers from 0 to 15.
fn letters(to: &Path) -> Made {
    let (n, u, place) = (random(660), random(661), random(662));
    let labels: Vec<u8> = (0..2400).map(|i| u.below(i, 20) as u8).collect();
    let row = |i: usize| -> Vec<f64> {
        let at = |c: u64| {
            let z =
                place.normal(u64::from(labels[i]) * 16 + c) + 0.75 * n.normal(i as u64 * 16 + c);
            (7.5 + 2.6 * z).round().clamp(0.0, 15.0)
        };
        (0..16).map(at).collect()
    };
    let rows: Vec<Vec<f64>> = (0..2400).map(row).collect();
    let word = |y: &u8| char::from(b'a' + *y);
    let write = |file: &str, rows: &[Vec<f64>], labels: &[u8]| {
        table(&to.join(file), &numbered(16), rows.iter().zip(labels.iter().map(word)))
    };
    write("letters.csv", &rows, &labels)?;
    write("letters-shuffled.csv", &rows, &shuffled(&labels, 663))?;
    write("letters-noisy.csv", &rows, &noisy(&labels, 0.4, 20, 664))?;
    let lifted: Vec<Vec<f64>> =
        rows.iter().map(|r| r.iter().map(|x| 300.0 + x / 4.0).collect()).collect();
    write("letters-lifted.csv", &lifted, &labels)
}

/// A second of three sensors on a foot, 32 values each; five ways to move.
fn gait(to: &Path) -> Made {
    let (n, u) = (random(670), random(671));
    let row = |i: usize| -> Vec<f64> {
        let at = |c: u64| u.uniform(4 * i as u64 + c);
        let way = i % 5;
        let rate = [0.0, 1.0, 1.6, 2.6, 1.3][way] * (0.9 + 0.2 * at(0));
        let reach = [0.05, 0.7, 1.0, 1.6, 0.9][way] * (0.8 + 0.4 * at(1));
        let start = TAU * at(2);
        let value = |k: usize| {
            let (sensor, t) = (k / 32, (k % 32) as f64 / 32.0);
            let lean = if way == 4 && sensor == 1 { 0.8 } else { 0.0 };
            let turn = TAU * 2.0 * rate * t + start + sensor as f64;
            [0.0, 1.0, -0.3][sensor]
                + lean
                + reach * turn.sin()
                + 0.3 * n.normal((i * 96 + k) as u64)
        };
        (0..96).map(value).collect()
    };
    let rows: Vec<Vec<f64>> = (0..1600).map(row).collect();
    let word = |i: usize| ["stand", "walk", "march", "run", "climb"][i % 5];
    let write = |file: &str, rows: &[Vec<f64>]| {
        let words = rows.iter().enumerate().map(|(i, r)| (r, word(i)));
        table(&to.join(file), &numbered(96), words)
    };
    write("gait.csv", &rows)?;
    let scaled = |by: f64| -> Vec<Vec<f64>> {
        rows.iter().map(|r| r.iter().map(|x| by * x).collect()).collect()
    };
    write("gait-counts.csv", &scaled(8192.0))?;
    write("gait-tiny.csv", &scaled(2e-5))
}

/// A function of one number, with a kink and a bump.
fn wave(to: &Path) -> Made {
    let (u, e) = (random(680), random(681));
    let f = |x: f64| (2.5 * x).sin() * 0.6 + x.abs() * 0.5 + (-8.0 * (x - 1.0).powi(2)).exp();
    let xs: Vec<f64> = (0..700).map(|i| 4.0 * u.uniform(i) - 2.0).collect();
    let rows: Vec<Vec<f64>> = xs.iter().map(|x| vec![*x]).collect();
    let y =
        |by: f64| xs.iter().enumerate().map(move |(i, x)| by * (f(*x) + 0.08 * e.normal(i as u64)));
    table(&to.join("wave.csv"), &names(["t"]), rows.iter().zip(y(1.0)))?;
    table(&to.join("wave-micro.csv"), &names(["t"]), rows.iter().zip(y(3e4)))?;
    let late: Vec<Vec<f64>> = xs.iter().map(|x| vec![2024.0 + x]).collect();
    table(&to.join("wave-years.csv"), &names(["t"]), late.iter().zip(y(1.0)))?;
    let fast: Vec<Vec<f64>> = xs.iter().map(|x| vec![x / 2000.0]).collect();
    table(&to.join("wave-fast.csv"), &names(["t"]), fast.iter().zip(y(1.0)))
}

/// Prices of stones, from some hundreds to many thousands.
fn prices(to: &Path) -> Made {
    let (u, n) = (random(690), random(691));
    let mut out = String::from("carat,cut,clarity,depth,table,price\n");
    for i in 0..1800u64 {
        let at = |c: u64| u.uniform(8 * i + c);
        let carat = (0.25 + 1.8 * at(0) * at(1)) * (0.1 * n.normal(2 * i)).exp();
        let cut = (4.0 * at(2)) as usize % 4;
        let clarity = (8.0 * at(3)) as usize;
        let price = 3800.0 * carat.powf(1.6) * (1.0 + 0.06 * cut as f64 + 0.07 * clarity as f64);
        let price = price * (0.09 * n.normal(2 * i + 1)).exp();
        let cut = ["fair", "good", "fine", "ideal"][cut];
        writeln!(
            out,
            "{carat:.2},{cut},{clarity},{:.1},{:.0},{price:.0}",
            60.0 + 3.0 * at(4),
            54.0 + 6.0 * at(5)
        )?;
    }
    Ok(fs::write(to.join("prices.csv"), out)?)
}

/// What a house needs for heating and for cooling: two targets about 20.
fn energy(to: &Path) -> Made {
    let (u, e) = (random(700), random(701));
    let mut out = String::from("compact,wall,roof,height,glass,side,heating,cooling\n");
    for i in 0..1600u64 {
        let at = |c: u64| u.uniform(8 * i + c);
        let (compact, wall) = (0.6 + 0.4 * at(0), 245.0 + 170.0 * at(1));
        let (roof, height) = (110.0 + 110.0 * at(2), if at(3) < 0.5 { 3.5 } else { 7.0 });
        let (glass, side) = (0.4 * at(4), (4.0 * at(5)).floor());
        let heat =
            4.0 * height * (0.5 + compact * glass) + 0.03 * (wall - 300.0) - 0.02 * (roof - 160.0);
        let cool = 0.8 * heat + 12.0 * glass * (PI * side / 4.0).sin() + 5.0;
        writeln!(
            out,
            "{compact:.3},{wall:.1},{roof:.1},{height},{glass:.3},{side},{:.2},{:.2}",
            heat + 0.6 * e.normal(2 * i),
            cool + 0.8 * e.normal(2 * i + 1)
        )?;
    }
    Ok(fs::write(to.join("energy.csv"), out)?)
}
