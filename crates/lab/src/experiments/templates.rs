//! The weights of a linear score function, drawn as pictures (lecture row L1).

use crate::report::{Claim, Figure, Report, Spread, Table, percent};
use crate::samples::{Samples, Source, classes, describe, here, scaled};
use crate::training::{Recipe, Training};
use crate::{Experiment, LabError, Setup};
use gradwise_data::Image;
use gradwise_nn::{Activation, Init};
use gradwise_view::paint::{Raster, Scene};
use gradwise_view::plot::Gallery;

pub const EXPERIMENT: Experiment = Experiment {
    name: "templates",
    rows: "L1",
    shows: "a linear classifier's weights as pictures",
    takes_data: true,
    run,
};

/// Pictures with grey and with coloured dots, where they are on this machine, and the
/// names of the figures.
const PREFERRED: [(&str, [&str; 2]); 2] = [
    ("fashion-mnist", ["fashion-templates", "fashion-means"]),
    ("cifar10", ["cifar10-templates", "cifar10-means"]),
];
/// The names of the figures of any other pictures.
const OTHERS: [&str; 2] = ["templates", "means"];

/// What one seed gives.
struct Learnt {
    accuracy: f64,
    /// For each class its row of W, as a picture.
    templates: Vec<Vec<f64>>,
    /// For each class the mean picture less that of all classes.
    means: Vec<Vec<f64>>,
}

impl Learnt {
    /// How each class' template correlates with its own mean picture.
    fn own(&self) -> Vec<f64> {
        self.templates.iter().zip(&self.means).map(|(t, m)| correlation(t, m)).collect()
    }

    /// The share of classes whose template is more like their own mean picture than
    /// like that of any other class.
    fn matched(&self) -> f64 {
        let best = |class: usize| {
            let of = |other: &Vec<f64>| correlation(&self.templates[class], other);
            let own = of(&self.means[class]);
            self.means.iter().all(|other| of(other) <= own)
        };
        let count = (0..self.templates.len()).filter(|class| best(*class)).count();
        count as f64 / self.templates.len() as f64
    }
}

fn learn(setup: &Setup, rows: &Samples, classes: usize, seed: u64) -> Result<Learnt, LabError> {
    let (train, held) = rows.split(seed);
    let mut recipe =
        Recipe::classifier(train.columns, &[], (Activation::Linear, Init::Zeros), classes);
    // One layer has no symmetry to break, and from zero no noise stays in the pictures.
    recipe.network.output.init = Init::Zeros;
    // A little decay lets pixels that say nothing fade.
    recipe.network.output.l2 = 1e-3;
    recipe.lr = 2.0 / train.columns as f64;
    let mut training = Training::new(&setup.device, &recipe, &train, seed)?;
    for _ in 0..setup.size(30, 15) {
        training.epoch(&train)?;
    }
    let weight = training.parameter("output.weight");
    let column = |class: usize| weight.iter().skip(class).step_by(classes).map(|w| f64::from(*w));
    Ok(Learnt {
        templates: (0..classes).map(|class| column(class).collect()).collect(),
        means: means(&train, classes),
        accuracy: training.accuracy(&held)?,
    })
}

/// The mean of each class less the mean of all.
fn means(samples: &Samples, classes: usize) -> Vec<Vec<f64>> {
    let mean = |of: &dyn Fn(f32) -> bool| {
        let (mut sum, mut count) = (vec![0.0; samples.columns], 0.0);
        for (row, y) in samples.x.chunks_exact(samples.columns).zip(&samples.y) {
            if of(*y) {
                sum.iter_mut().zip(row).for_each(|(to, x)| *to += f64::from(*x));
                count += 1.0;
            }
        }
        sum.iter_mut().for_each(|x| *x /= f64::max(count, 1.0));
        sum
    };
    let all = mean(&|_| true);
    let own =
        |class: usize| mean(&|y| y == class as f32).iter().zip(&all).map(|(x, m)| x - m).collect();
    (0..classes).map(own).collect()
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(1e-30)
}

fn run(setup: &Setup) -> Result<Report, LabError> {
    let here = match setup.data.is_some() || setup.quick {
        true => Vec::new(),
        false => here(PREFERRED.map(|(name, _)| name)),
    };
    let mut report = Report { seen: seen(), seeds: setup.seeds, ..Report::default() };
    if here.is_empty() {
        add(setup, &Source::of(setup)?, OTHERS, &mut report)?;
    }
    for (name, figures) in PREFERRED.into_iter().filter(|(name, _)| here.contains(name)) {
        add(setup, &Source::read(name, &[])?, figures, &mut report)?;
    }
    Ok(report)
}

/// Adds what one data set shows.
fn add(
    setup: &Setup,
    source: &Source,
    figures: [&'static str; 2],
    report: &mut Report,
) -> Result<(), LabError> {
    let data = scaled(source, 0)?;
    let count = classes(&EXPERIMENT, source, &data)?;
    let image = data.schema.image.ok_or_else(|| LabError::Unsuitable {
        experiment: EXPERIMENT.name,
        data: source.name.clone(),
        reason: "its rows are not images; a folder of images by class, an IDX pair or CIFAR \
                 binaries would do"
            .into(),
    })?;
    let rows = Samples::all(&data)?;
    let learnt = setup.seeds().map(|seed| learn(setup, &rows, count, seed));
    let learnt = learnt.collect::<Result<Vec<_>, _>>()?;
    let (names, last) = (&data.schema.classes, &learnt[learnt.len() - 1]);
    let title = |what: &str| format!("{}: {what}", source.name);
    let pictures = [
        ("rows of W", &last.templates),
        ("mean picture of each class, less the mean of all", &last.means),
    ];
    let pictures = figures.into_iter().zip(pictures);
    report.figures.extend(
        pictures.map(|(name, (what, drawn))| figure(name, &title(what), drawn, names, image)),
    );
    report.tables.push(table(&title("template against mean picture"), names, &learnt));
    report.claims.push(claim(&source.name, &learnt, 1.0 / count as f64));
    let before = if report.data.is_empty() { "" } else { "; " };
    report.data += &format!("{before}{}", describe(source, &data));
    Ok(())
}

fn table(title: &str, classes: &[String], learnt: &[Learnt]) -> Table {
    let mut table = Table::new(title, &["class", "correlation (mean over seeds)"]);
    for (class, name) in classes.iter().enumerate() {
        let of = learnt.iter().map(|l| l.own()[class]).collect::<Spread>();
        table.row([name.clone(), of.to_string()]);
    }
    table
}

/// `chance` is the share that guessing would get right.
fn claim(source: &str, learnt: &[Learnt], chance: f64) -> Claim {
    let accuracy: Spread = learnt.iter().map(|l| l.accuracy).collect();
    let matched: Spread = learnt.iter().map(Learnt::matched).collect();
    let own: Spread = learnt.iter().flat_map(Learnt::own).collect();
    Claim {
        says: "Each row of W is a template: a picture that is laid over the image and matched."
            .into(),
        found: format!(
            "{source}: {} of the templates are more like their own class' mean picture than like \
             any other's (by chance {}); the correlation is {own:.2}. The linear score gets {:.1} \
             % of unseen rows right.",
            percent(matched.mean()),
            percent(chance),
            accuracy.map(|a| 100.0 * a),
        ),
        number: matched.mean(),
        holds: matched.mean() > 3.0 * chance && accuracy.min() > 2.0 * chance,
    }
}

fn seen() -> Vec<String> {
    [
        "A pixel of a template is bright where ink speaks for the class, dark where it speaks \
         against it, grey where it says nothing; of a coloured picture each of red, green and \
         blue by itself. The score of an image is the sum of its pixels times the template's.",
        "The templates are not the mean pictures: they show what tells a class from the others. \
         One template a class is also the limit of a linear score: it cannot know two ways of \
         writing a seven, or a horse that looks to the left and one that looks to the right.",
    ]
    .map(String::from)
    .into()
}

fn figure(
    name: &'static str,
    title: &str,
    pictures: &[Vec<f64>],
    classes: &[String],
    image: Image,
) -> Figure {
    let shown = pictures.iter().zip(classes).take(30);
    let pictures = shown.map(|(p, name)| (name.chars().take(14).collect(), raster(p, image)));
    let gallery =
        Gallery { title: title.into(), columns: 5, width: 112.0, pictures: pictures.collect() };
    let scene: Scene = gallery.draw();
    let caption =
        "Grey is 0, white the largest size, black its negative; each picture has its own \
                   scale."
            .into();
    Figure { name, caption, scene }
}

/// Signed numbers as a picture: 0 in the middle of the brightness.
pub fn raster(numbers: &[f64], image: Image) -> Raster {
    let largest = numbers.iter().fold(1e-30f64, |m, x| m.max(x.abs()));
    let level = |x: f64| ((0.5 + 0.5 * x / largest).clamp(0.0, 1.0) * 255.0).round() as u8;
    let plane = image.height * image.width;
    let at = |channel: usize, place: usize| {
        let channel = if image.channels >= 3 { channel } else { 0 };
        level(numbers.get(channel * plane + place).copied().unwrap_or(0.0))
    };
    Raster::from_fn(image.width, image.height, |column, row| {
        let place = row * image.width + column;
        [at(0, place), at(1, place), at(2, place), 255]
    })
}
