//! Tables the way people have them: counts, words, empty cells, long tails, sequences of
//! small images, and what goes wrong with such files.

use super::{Made, numbered, random, shuffled, table};
use gradwise_graph::random::Philox;
use std::f64::consts::PI;
use std::fmt::Write;
use std::fs;
use std::path::Path;

pub(super) fn all(to: &Path) -> Made {
    frames(to)?;
    shop(to)?;
    rent(to)?;
    skewed(to)?;
    arm(to)?;
    tail_classes(to)?;
    visits(to)
}

const WAYS: [(&str, usize, usize); 4] =
    [("right", 0, 1), ("left", 0, 4), ("down", 1, 0), ("up", 4, 0)];

/// Six images of 5 × 5 each row: a bright dot that walks one of four ways, over the edge
/// and on at the other side.
fn frames(to: &Path) -> Made {
    let (start, noise) = (random(200), random(201));
    let row = |i: u64| -> Vec<f64> {
        let (_, down, right) = WAYS[(i % 4) as usize];
        let (y, x) = (start.below(2 * i, 5) as usize, start.below(2 * i + 1, 5) as usize);
        let pixel = |p: usize| {
            let (t, at) = (p / 25, (p / 5 % 5, p % 5));
            let lit = at == ((y + t * down) % 5, (x + t * right) % 5);
            let grey = 25.0 * noise.normal(i * 150 + p as u64).abs();
            (if lit { 255.0 - grey } else { grey }).round().clamp(0.0, 255.0)
        };
        (0..150).map(pixel).collect()
    };
    let rows: Vec<Vec<f64>> = (0..1600).map(row).collect();
    let ways: Vec<&str> = (0..1600).map(|i| WAYS[i % 4].0).collect();
    let write =
        |name: &str, ways: &[&str]| table(&to.join(name), &numbered(150), rows.iter().zip(ways));
    write("frames.csv", &ways)?;
    write("frames-shuffled.csv", &shuffled(&ways, 202))
}

const CITIES: [&str; 5] = ["Bonn", "Lyon", "Graz", "Gent", "Turku"];

/// A customer: what is known, and whether something was bought.
struct Customer {
    cells: String,
    drifting: String,
    buys: bool,
    coin: bool,
}

fn customers() -> Vec<Customer> {
    let (u, n) = (random(210), random(211));
    let customer = |i: u64| {
        let age = 18.0 + (62.0 * u.uniform(8 * i)).floor();
        let income = (2e4 * (0.6 * n.normal(i)).exp()).round();
        let visits = (-6.0 * (1.0 - u.uniform(8 * i + 1)).ln()).floor();
        let days = (400.0 * u.uniform(8 * i + 2)).floor();
        let member = u.uniform(8 * i + 3) < 0.4;
        let city = u.below(8 * i + 4, 5) as usize;
        let wish = 0.25 * (visits - 5.0) - 0.006 * (days - 200.0)
            + 1.2 * (income / 2e4).ln()
            + if member { 0.8 } else { -0.4 }
            + 0.4 * (city as f64 - 2.0);
        let buys = u.uniform(8 * i + 5) < 1.0 / (1.0 + (-2.0 * wish).exp());
        let told = if u.uniform(8 * i + 6) < 0.05 { String::new() } else { income.to_string() };
        let (city, member) = (CITIES[city], if member { "yes" } else { "no" });
        let later = i as f64 / 400.0;
        Customer {
            cells: format!("{age},{told},{visits},{days},{member},{city}"),
            drifting: format!("{age},{told},{},{days},{member},{city}", visits + 3.0 * later),
            buys,
            coin: u.uniform(8 * i + 7) < 0.5,
        }
    };
    (0..2500).map(customer).collect()
}

/// Who buys: words, empty cells, long tails; the best possible is right in four of five.
fn shop(to: &Path) -> Made {
    let all = customers();
    let word = |yes: bool| if yes { "yes" } else { "no" };
    const HEAD: &str = "age,income,visits,days,member,city";
    let write = |name: &str,
                 from: usize,
                 rows: &[Customer],
                 with: &dyn Fn(usize, &Customer) -> (String, bool)|
     -> Made {
        let refund = if name == "shop-refund.csv" { ",refund" } else { "" };
        let mut out = format!("{HEAD}{refund},bought\n");
        for (i, customer) in rows.iter().enumerate() {
            let (cells, buys) = with(from + i, customer);
            writeln!(out, "{cells},{}", word(buys))?;
        }
        Ok(fs::write(to.join(name), out)?)
    };
    let plain = |_: usize, c: &Customer| (c.cells.clone(), c.buys);
    write("shop.csv", 0, &all, &plain)?;
    write("shop-coin.csv", 0, &all, &|_, c| (c.cells.clone(), c.coin))?;
    write("shop-drift.csv", 0, &all, &|_, c| (c.drifting.clone(), c.buys))?;
    // Only who bought can have given something back.
    let refund = |i: usize, c: &Customer| {
        let back = if c.buys { 5.0 + (i % 40) as f64 } else { 0.0 };
        (format!("{},{back}", c.cells), c.buys)
    };
    write("shop-refund.csv", 0, &all, &refund)?;
    write("shop-first.csv", 0, &all[..2000], &plain)?;
    write("shop-leaked.csv", 1800, &all[1800..2200], &plain)
}

/// What a flat costs, in euros.
fn rent(to: &Path) -> Made {
    let (u, n) = (random(220), random(221));
    let mut out = String::from("area,rooms,floor,year,distance,district,rent\n");
    for i in 0..2000u64 {
        let at = |c: u64| u.uniform(6 * i + c);
        let area = (20.0 + 140.0 * at(0) * at(1)).round();
        let rooms = (area / 30.0 + at(2)).round().max(1.0);
        let (floor, year) = ((6.0 * at(3)).floor(), (1900.0 + 120.0 * at(4)).round());
        let distance = (15.0 * at(5) * 10.0).round() / 10.0;
        let district = ["north", "south", "east", "west"][(i % 4) as usize];
        let rent = area * (14.0 - 0.45 * distance + 0.0006 * (year - 1950.0).powi(2))
            + if i % 4 == 1 { 150.0 } else { 0.0 }
            + 40.0 * n.normal(i);
        writeln!(
            out,
            "{area},{rooms},{floor},{year},{distance},{district},{:.0}",
            rent.max(150.0)
        )?;
    }
    Ok(fs::write(to.join("rent.csv"), out)?)
}

/// Features of long tails: sizes of which a few are a hundred times the others.
fn skewed(to: &Path) -> Made {
    let (n, e) = (random(230), random(231));
    let z: Vec<Vec<f64>> =
        (0..2000).map(|i| (0..8).map(|c| n.normal(i * 8 + c)).collect()).collect();
    let rows: Vec<Vec<f64>> =
        z.iter().map(|r| r.iter().map(|z| 300.0 * (1.1 * z).exp()).collect()).collect();
    let y = |i: usize| {
        0.6 * z[i][0] + 0.5 * z[i][1] * z[i][2] + 0.4 * z[i][3].abs() + 0.15 * e.normal(i as u64)
    };
    let write = |name: &str, of: &[usize]| {
        table(&to.join(name), &numbered(8), of.iter().map(|i| (&rows[*i], y(*i))))
    };
    let all: Vec<usize> = (0..rows.len()).collect();
    write("skewed.csv", &all)?;
    let again = shuffled(&[&all[..], &all[..800]].concat(), 232);
    write("skewed-copies.csv", &again)
}

/// Where the hand of an arm with two joints is: two targets.
fn arm(to: &Path) -> Made {
    let (u, e) = (random(240), random(241));
    let mut out = String::from("shoulder,elbow,x,y\n");
    let mut lifted = out.clone();
    for i in 0..1500 {
        let (a, b) = (PI * (2.0 * u.uniform(2 * i) - 1.0), PI * (2.0 * u.uniform(2 * i + 1) - 1.0));
        let x = a.cos() + 0.7 * (a + b).cos() + 0.02 * e.normal(2 * i);
        let y = a.sin() + 0.7 * (a + b).sin() + 0.02 * e.normal(2 * i + 1);
        writeln!(out, "{a},{b},{x},{y}")?;
        writeln!(lifted, "{},{},{x},{y}", a + 40.0, b + 40.0)?;
    }
    fs::write(to.join("arm.csv"), out)?;
    Ok(fs::write(to.join("arm-lifted.csv"), lifted)?)
}

/// Six classes, from half of the rows to three of a hundred, apart or mixed; and in
/// order, with the number of the row in a column.
fn tail_classes(to: &Path) -> Made {
    const SHARES: [f64; 6] = [0.5, 0.25, 0.12, 0.06, 0.04, 0.03];
    let (u, n, place) = (random(250), random(251), random(252));
    let class = |i: usize| {
        let mut left = u.uniform(i as u64);
        SHARES
            .iter()
            .position(|s| {
                left -= s;
                left < 0.0
            })
            .unwrap_or(5)
    };
    let write = |name: &str, apart: f64, class: &dyn Fn(usize) -> usize| -> Made {
        let value = |i: usize, c: usize| {
            apart * place.normal((class(i) * 10 + c) as u64) + n.normal((i * 10 + c) as u64)
        };
        let rows: Vec<Vec<f64>> =
            (0..2400).map(|i| (0..10).map(|c| value(i, c)).collect()).collect();
        let word = |i: usize| format!("kind{}", class(i));
        table(&to.join(name), &numbered(10), rows.iter().enumerate().map(|(i, r)| (r, word(i))))
    };
    write("tail-classes.csv", 1.6, &class)?;
    // One class of a hundred rows in one, hardly apart from the others.
    write("tail-mixed.csv", 0.25, &|i| usize::from(u.uniform(i as u64) < 0.015))?;
    ordered(to, &n)
}

/// A hard question with the rows in the order of their answers, and numbered.
fn ordered(to: &Path, n: &Philox) -> Made {
    let names: Vec<String> = numbered(6).into_iter().chain(["row".into()]).collect();
    let rows: Vec<Vec<f64>> = (0..1200)
        .map(|i| {
            let class = (i / 400) as f64;
            let noise = (0..6).map(|c| n.normal(100_000 + i as u64 * 6 + c));
            noise.map(|z| z + 0.4 * class).chain([f64::from(i)]).collect()
        })
        .collect();
    let word = |i: usize| ["a", "b", "c"][i / 400];
    table(&to.join("ordered.csv"), &names, rows.iter().enumerate().map(|(i, r)| (r, word(i))))
}

/// How many come to a place in an hour: a count.
fn visits(to: &Path) -> Made {
    let u = random(260);
    let mut out = String::from("hour,weekday,rain,count\n");
    for i in 0..1800u64 {
        let (hour, day) = (u.below(4 * i, 24), u.below(4 * i + 1, 7));
        let rain = (u.uniform(4 * i + 2) * 8.0 - 4.0).max(0.0);
        let mean = 12.0
            * (1.2 + (PI * (hour as f64 - 8.0) / 12.0).sin())
            * if day > 4 { 0.6 } else { 1.0 }
            / (1.0 + 0.3 * rain);
        let many = mean + mean.sqrt() * random(261).normal(i);
        writeln!(
            out,
            "{hour},{},{rain:.1},{}",
            ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"][day as usize],
            many.round().max(0.0)
        )?;
    }
    Ok(fs::write(to.join("visits.csv"), out)?)
}
