//! Measurements for the seventh set of cases: spectra of three materials, the strength of
//! concrete, a swing that dies away, and answers that are half chance; with what goes wrong
//! with such files.

use super::{Made, noisy, numbered, random, shuffled, table};
use std::fs;
use std::path::Path;

pub(super) fn all(to: &Path) -> Made {
    spectra(to)?;
    concrete(to)?;
    swing(to)?;
    chance(to)?;
    adult_rare(to)
}

fn name(label: u8) -> &'static str {
    ["quartz", "calcite", "gypsum"][usize::from(label) % 3]
}

/// Sixty values along a spectrum, with one peak that tells the material; where peaks lie
/// varies so that about one in twenty is taken for its neighbour.
fn spectra(to: &Path) -> Made {
    let (n, u) = (random(500), random(501));
    let class = |i: usize| (i % 3) as u8;
    let row = |i: usize| -> Vec<f64> {
        let at = 20.0 + 10.0 * f64::from(class(i)) + 2.5 * n.normal(i as u64 * 64);
        let height = 0.7 + 0.6 * u.uniform(i as u64);
        let value = |w: usize| {
            let peak = height * (-0.5 * ((w as f64 - at) / 5.0).powi(2)).exp();
            0.3 + peak + 0.12 * n.normal((i * 64 + 1 + w) as u64)
        };
        (0..60).map(value).collect()
    };
    let rows: Vec<Vec<f64>> = (0..1500).map(row).collect();
    let labels: Vec<u8> = (0..1500).map(class).collect();
    let write = |file: &str, rows: &[Vec<f64>], labels: &[u8]| {
        table(&to.join(file), &numbered(60), rows.iter().zip(labels.iter().map(|y| name(*y))))
    };
    write("spectra.csv", &rows, &labels)?;
    write("spectra-noisy.csv", &rows, &noisy(&labels, 0.4, 3, 502))?;
    write("spectra-shuffled.csv", &rows, &shuffled(&labels, 503))?;
    let changed = |factor: f64, lift: f64| -> Vec<Vec<f64>> {
        rows.iter().map(|r| r.iter().map(|x| factor * x + lift).collect()).collect()
    };
    write("spectra-counts.csv", &changed(4000.0, 0.0), &labels)?;
    write("spectra-dark.csv", &changed(1.0, 25.0), &labels)?;
    write("spectra-nano.csv", &changed(1e-5, 0.0), &labels)?;
    // The one in the middle is rare, and its peak is hidden among those beside it.
    let rare: Vec<usize> = (0..1500).filter(|i| class(*i) != 1 || i % 75 == 1).collect();
    let hidden = |i: &usize| -> Vec<f64> {
        let faint = |(w, x): (usize, &f64)| 0.3 * x + 0.4 * n.normal((200_000 + i * 64 + w) as u64);
        rows[*i].iter().enumerate().map(faint).collect()
    };
    let (kept, of): (Vec<_>, Vec<_>) = rare.iter().map(|i| (hidden(i), labels[*i])).unzip();
    write("spectra-rare.csv", &kept, &of)
}

/// Kilograms in a cubic metre, days of age, and the strength in MPa, about 35 ± 15.
fn concrete(to: &Path) -> Made {
    let (u, e) = (random(510), random(511));
    let names: Vec<String> =
        ["cement", "slag", "water", "plasticizer", "sand", "age"].map(String::from).into();
    let row = |i: u64| -> Vec<f64> {
        let at = |c: u64| u.uniform(i * 8 + c);
        vec![
            (150.0 + 350.0 * at(0)).round(),
            (200.0 * (at(1) - 0.3).max(0.0)).round(),
            (130.0 + 90.0 * at(2)).round(),
            (20.0 * (at(3) - 0.4).max(0.0) * 10.0).round() / 10.0,
            (600.0 + 300.0 * at(4)).round(),
            (365.0_f64.powf(at(5))).round(),
        ]
    };
    let rows: Vec<Vec<f64>> = (0..1500).map(row).collect();
    let strength = |i: usize| {
        let r = &rows[i];
        let ratio = (r[0] + 0.7 * r[1]) / (r[2] - 2.0 * r[3]);
        let ripe = (r[5].ln() / 365.0_f64.ln()).sqrt();
        8.0 + 17.0 * ratio * ripe + 2.5 * e.normal(i as u64)
    };
    let y: Vec<f64> = (0..1500).map(strength).collect();
    let of = |file: &str, order: &[usize], factor: f64| {
        table(&to.join(file), &names, order.iter().map(|i| (&rows[*i], factor * y[*i])))
    };
    let every: Vec<usize> = (0..1500).collect();
    of("concrete.csv", &every, 1.0)?;
    of("concrete-pascal.csv", &every, 1e6)?;
    of("concrete-thrice.csv", &shuffled(&[&every[..], &every, &every].concat(), 512), 1.0)?;
    of("concrete-first.csv", &every[..1200], 1.0)?;
    of("concrete-leaked.csv", &every[1050..1350], 1.0)?;
    let mut ripened = every.clone();
    ripened.sort_by(|a, b| rows[*a][5].total_cmp(&rows[*b][5]));
    of("concrete-by-age.csv", &ripened, 1.0)?;
    let order = shuffled(&every, 513);
    let mixed = every.iter().map(|i| (&rows[*i], y[order[*i]]));
    table(&to.join("concrete-shuffled.csv"), &names, mixed)?;
    let with: Vec<Vec<f64>> =
        rows.iter().map(|r| r.iter().copied().chain([2400.0]).collect()).collect();
    let names: Vec<String> = names.into_iter().chain(["machine".to_string()]).collect();
    table(&to.join("concrete-machine.csv"), &names, with.iter().zip(&y))
}

/// A swing over time.
fn swing(to: &Path) -> Made {
    let (u, e) = (random(520), random(521));
    let rows: Vec<Vec<f64>> = (0..800).map(|i| vec![5.0 * u.uniform(i)]).collect();
    let y: Vec<f64> = rows
        .iter()
        .enumerate()
        .map(|(i, r)| (-0.3 * r[0]).exp() * (3.0 * r[0]).sin() + 0.05 * e.normal(i as u64))
        .collect();
    let names = ["seconds".to_string()];
    table(&to.join("swing.csv"), &names, rows.iter().zip(&y))?;
    table(&to.join("swing-shuffled.csv"), &names, rows.iter().zip(shuffled(&y, 522)))?;
    let milli: Vec<Vec<f64>> = rows.iter().map(|r| vec![1000.0 * r[0]]).collect();
    table(&to.join("swing-milli.csv"), &names, milli.iter().zip(&y))
}

/// Six numbers that make an answer more or less likely, so that the best possible is right in
/// four of five rows; what hardly moves with the numbers; and how it is spoilt.
fn chance(to: &Path) -> Made {
    let (n, u) = (random(530), random(531));
    let rows: Vec<Vec<f64>> =
        (0..3000).map(|i| (0..6).map(|c| n.normal(i * 8 + c)).collect()).collect();
    let sum = |i: usize| 0.9 * rows[i][0] + rows[i][1] * rows[i][2] - 0.5 * rows[i][3];
    let yes = |i: usize| u.uniform(i as u64) < 1.0 / (1.0 + (-2.2 * sum(i)).exp());
    // The same numbers settle this one, but one answer in five is turned round.
    let turned = |i: usize| (sum(i) > 0.0) == (u.uniform(i as u64) < 0.8);
    let word = |is: bool| if is { "yes" } else { "no" };
    let words: Vec<&str> = (0..3000).map(|i| word(yes(i))).collect();
    let write = |file: &str, of: &[usize], words: &[&str]| {
        table(&to.join(file), &numbered(6), of.iter().map(|i| (&rows[*i], words[*i])))
    };
    let every: Vec<usize> = (0..3000).collect();
    write("chance.csv", &every, &words)?;
    let wrong: Vec<&str> = (0..3000).map(|i| word(turned(i))).collect();
    write("chance-turned.csv", &every, &wrong)?;
    write("chance-shuffled.csv", &every, &shuffled(&words, 532))?;
    let rare: Vec<usize> = every.iter().copied().filter(|i| !yes(*i) || i % 70 == 0).collect();
    write("chance-rare.csv", &rare, &words)?;
    // What was decided, entered once more with an error of the pen.
    let told: Vec<Vec<f64>> = every
        .iter()
        .map(|i| {
            let entered = if yes(*i) { 3.0 } else { 1.0 } + 0.2 * n.normal(*i as u64 * 8 + 6);
            rows[*i].iter().copied().chain([entered]).collect()
        })
        .collect();
    table(&to.join("chance-told.csv"), &numbered(7), told.iter().zip(&words))?;
    let weak = |i: usize| 0.4 * rows[i][0] - 0.3 * rows[i][4] + n.normal(i as u64 * 8 + 7);
    table(&to.join("weak.csv"), &numbered(6), every.iter().map(|i| (&rows[*i], weak(*i))))
}

/// Adult with one in sixty of those who earn more.
fn adult_rare(to: &Path) -> Made {
    let file = fs::File::open(to.join("adult-train.csv.gz"))?;
    let text = std::io::read_to_string(flate2::read::GzDecoder::new(file))?;
    let (mut out, mut more) = (String::new(), 0);
    for line in text.lines().take(6001) {
        more += usize::from(line.contains(">50K"));
        if !line.contains(">50K") || more % 60 == 0 {
            out += line;
            out.push('\n');
        }
    }
    Ok(fs::write(to.join("adult-rare.csv"), out)?)
}
