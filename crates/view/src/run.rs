//! From a run's records and reports to plots.

use crate::paint::Raster;
use crate::plot::{
    Bin, Confusion, Curves, EpochPoint, Fit, Gallery, Reliability, RocPlot, Scatter, StepPoint,
};
use crate::terminal::significant;
use gradwise_train::folder::event::{Epoch, Event, Measures};
use gradwise_train::folder::summary::Summary;
use gradwise_train::metrics::{ClassScores, Report};
use gradwise_train::model::{Evaluation, Mistake, Picture};

/// Metrics that tell best how well a model does, the first that is there.
const HEADLINES: [&str; 3] = ["accuracy", "rmse", "mae"];

/// The metric that stands for a model's quality: its name and how it is called.
pub fn headline(measures: &Measures) -> Option<(&'static str, &'static str)> {
    let name = HEADLINES.into_iter().find(|name| measures.contains_key(*name))?;
    Some((name, called(name)))
}

/// How a metric is called in words.
pub fn called(name: &str) -> &str {
    match name {
        "rmse" => "RMSE",
        "mae" => "MAE",
        "r2" => "R²",
        "auc" => "AUC",
        "macro_f1" => "macro F1",
        "macro_precision" => "macro precision",
        "macro_recall" => "macro recall",
        "hamming_loss" => "Hamming loss",
        "calibration_error" => "calibration error",
        other => other,
    }
}

/// The names of all measures, what a reader looks for first at the front.
pub fn ordered<'m>(sets: impl Iterator<Item = &'m Measures>) -> Vec<&'m str> {
    const FIRST: [&str; 6] = ["loss", "accuracy", "rmse", "mae", "r2", "auc"];
    let rank = |name: &str| FIRST.iter().position(|n| *n == name).unwrap_or(FIRST.len());
    let mut names: Vec<&str> = sets.flat_map(|m| m.keys().map(String::as_str)).collect();
    names.sort_by_key(|name| (rank(name), *name));
    names.dedup();
    names
}

/// The final measures of a run as a table: header and rows, a column for each part of
/// the data. Those of training are of the last epoch, which is named where the weights
/// are those of another.
pub fn scores(summary: &Summary) -> (Vec<String>, Vec<Vec<String>>) {
    let training = match summary.best_epoch {
        best if best == summary.epochs => "training".to_string(),
        _ => format!("training, epoch {}", summary.epochs),
    };
    let sets = [
        (training, &summary.train),
        ("validation".into(), &summary.validation),
        ("test".into(), &summary.test),
    ];
    let sets: Vec<(String, &Measures)> = sets.into_iter().filter(|(_, m)| !m.is_empty()).collect();
    let header = sets.iter().map(|(name, _)| name.clone());
    let header = std::iter::once(String::new()).chain(header).collect();
    let row = |name: &&str| {
        let value = |m: &Measures| m.get(*name).map_or("–".into(), |v| significant(v.0));
        let cells = std::iter::once(called(name).to_string());
        cells.chain(sets.iter().map(|(_, m)| value(m))).collect()
    };
    let rows = ordered(sets.iter().map(|(_, measures)| *measures)).iter().map(row).collect();
    (header, rows)
}

/// The columns of [`class_row`].
pub const CLASS_COLUMNS: [&str; 6] = ["class", "precision", "recall", "F1", "AUC", "rows"];

/// The scores of a class as cells of a table.
pub fn class_row(class: &ClassScores) -> Vec<String> {
    let scores = [Some(class.precision), Some(class.recall), Some(class.f1), class.auc];
    let scores = scores.map(|x| x.map_or("–".into(), |x| format!("{x:.4}")));
    let cells = std::iter::once(class.name.clone()).chain(scores);
    cells.chain([class.support.to_string()]).collect()
}

/// The curves of a run from its records.
pub fn curves(title: &str, events: &[Event]) -> Curves {
    let mut curves = Curves { title: title.into(), ..Curves::default() };
    let mut per_epoch = 1.0;
    for event in events {
        match event {
            Event::Start(start) => per_epoch = start.steps_per_epoch.max(1) as f64,
            Event::Step(step) => curves.steps.push(StepPoint {
                epoch: step.step as f64 / per_epoch,
                loss: step.loss.0,
                lr: step.lr,
            }),
            Event::Epoch(epoch) => add_epoch(&mut curves, epoch),
            _ => {}
        }
    }
    curves
}

fn add_epoch(curves: &mut Curves, epoch: &Epoch) {
    let get = |measures: &Measures, name: &str| measures.get(name).map(|n| n.0);
    let headline = headline(&epoch.validation).or(headline(&epoch.train));
    let metric = |measures| headline.and_then(|(name, _)| get(measures, name));
    if let Some((_, called)) = headline {
        curves.metric = called.into();
    }
    curves.epochs.push(EpochPoint {
        epoch: epoch.epoch as f64,
        train_loss: get(&epoch.train, "loss"),
        validation_loss: get(&epoch.validation, "loss"),
        train_metric: metric(&epoch.train),
        validation_metric: metric(&epoch.validation),
    });
}

/// The confusion matrix of a report, if its rows have classes.
pub fn confusion(title: &str, report: &Report) -> Option<Confusion> {
    let counts = report.confusion.as_ref()?.counts.clone();
    let classes = report.classes.iter().map(|c| c.name.clone()).collect();
    Some(Confusion { title: title.into(), classes, counts })
}

/// The reliability diagram of a report, if it has probabilities.
pub fn reliability(title: &str, report: &Report) -> Option<Reliability> {
    let calibration = report.calibration.as_ref()?;
    let width = 1.0 / calibration.bins.len().max(1) as f64;
    let bin = |(i, bin): (usize, &gradwise_train::metrics::calibration::Bin)| Bin {
        low: i as f64 * width,
        high: (i + 1) as f64 * width,
        confidence: bin.confidence,
        accuracy: bin.accuracy,
        count: bin.rows,
    };
    let bins = calibration.bins.iter().enumerate().map(bin).collect();
    Some(Reliability { title: title.into(), bins })
}

/// The ROC curves of an evaluation; none of a regression.
pub fn roc(title: &str, evaluation: &Evaluation) -> Option<RocPlot> {
    let curves = evaluation.answers.curves(evaluation.task, &evaluation.names);
    (!curves.is_empty()).then(|| RocPlot { title: format!("{title}: ROC"), curves })
}

/// Predictions over the truth of a regression.
pub fn scatter(title: &str, evaluation: &Evaluation) -> Option<Scatter> {
    let measure = |name: &str| evaluation.report.measures.get(name).map(|n| significant(n.0));
    let (rmse, r2) = measure("rmse").zip(measure("r2"))?;
    let name = |i: usize| evaluation.names.get(i).cloned().unwrap_or_else(|| i.to_string());
    let columns = evaluation.answers.columns;
    let fit = |i: usize| Fit { name: name(i), points: evaluation.answers.pairs(i) };
    let title = format!("{title}  (RMSE {rmse}, R² {r2})");
    Some(Scatter { title, targets: (0..columns).map(fit).collect() })
}

/// Rows of the highest losses that are shown even if the model was right.
const SHOWN: usize = 8;

/// The rows that a model did worst on: those it was wrong about, and the first few
/// even if it was right.
pub fn mistakes(evaluation: &Evaluation) -> impl Iterator<Item = &Mistake> {
    let rows = evaluation.worst.iter().enumerate();
    rows.filter(|(i, m)| *i < SHOWN || m.truth != m.prediction).map(|(_, m)| m)
}

/// The most dots of an image's side, about as many as it is drawn with.
const DOTS: usize = 112;

/// The images that a model did worst on; none if rows are no images.
pub fn worst(title: &str, evaluation: &Evaluation) -> Option<Gallery> {
    let picture = |m: &Mistake| Some((caption(m), raster(m.picture.as_ref()?).within(DOTS)));
    let pictures: Vec<(String, Raster)> = mistakes(evaluation).filter_map(picture).collect();
    let title = format!("{title}: images of the highest loss");
    (!pictures.is_empty()).then_some(Gallery { title, columns: 8, width: 96.0, pictures })
}

/// What was right, what was said and how surely, a line each: a long name must not cut
/// off how surely.
fn caption(mistake: &Mistake) -> String {
    let sure = mistake.probability.map_or(String::new(), |p| format!("\n{:.0} %", 100.0 * p));
    let line = |text: &str| text.replace('\n', " ");
    format!("true {}\nsaid {}{sure}", line(&mistake.truth), line(&mistake.prediction))
}

/// An image of the data in its own colours.
fn raster(picture: &Picture) -> Raster {
    let size = picture.size;
    let plane = size.height * size.width;
    let channel = |i: usize| if size.channels >= 3 { i } else { 0 };
    Raster::from_fn(size.width, size.height, |column, row| {
        let at = |i: usize| {
            let place = channel(i) * plane + row * size.width + column;
            picture.pixels.get(place).copied().unwrap_or_default()
        };
        [at(0), at(1), at(2), 255]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradwise_train::folder::event::{Start, Step};

    #[test]
    fn records_become_curves_over_epochs() {
        let measures = |loss: f64, accuracy: f64| -> Measures {
            [("loss".into(), loss.into()), ("accuracy".into(), accuracy.into())].into()
        };
        let events = [
            Event::Start(Start { steps_per_epoch: 4, ..Start::default() }),
            Event::Step(Step { step: 2, loss: 1.5.into(), lr: 0.1, ..Step::default() }),
            Event::Epoch(Epoch {
                epoch: 1,
                train: measures(1.0, 0.5),
                validation: measures(2.0, 0.25),
                ..Epoch::default()
            }),
            Event::Unknown,
        ];
        let curves = curves("t", &events);
        assert_eq!((curves.steps[0].epoch, curves.steps[0].loss), (0.5, 1.5));
        assert_eq!(curves.metric, "accuracy");
        assert_eq!(curves.epochs[0].validation_metric, Some(0.25));
        assert_eq!(curves.epochs[0].train_loss, Some(1.0));
    }
}
