//! The page of a run that is large in every way.

use super::*;
use gradwise_data::{Image, Task};
use gradwise_health::Verdict;
use gradwise_train::folder::event::{Epoch, Histogram, Layer, LayerInfo, Measures, Step};
use gradwise_train::metrics::Answers;
use gradwise_train::model::{Mistake, Part, Picture};

/// A run of many layers, steps and epochs.
fn long_run(layers: usize, epochs: u64) -> Vec<Event> {
    let names: Vec<String> = (1..=layers).map(|i| format!("dense{i}")).collect();
    let info = |name: &String| LayerInfo { name: name.clone(), ..LayerInfo::default() };
    let layers = names.iter().map(info).collect();
    let mut events =
        vec![Event::Start(Start { layers, batch: 9, steps_per_epoch: 1, ..Start::default() })];
    for step in 1..=epochs {
        let loss = 1.0 + (step as f64 * 0.7).sin();
        let gradient_norm = Some(loss.into());
        events.push(Event::Step(Step {
            step,
            loss: loss.into(),
            gradient_norm,
            ..Step::default()
        }));
        let measures: Measures =
            [("loss".to_string(), loss.into()), ("accuracy".into(), loss.into())].into();
        let (train, validation) = (measures.clone(), measures);
        events.push(Event::Epoch(Epoch {
            epoch: step,
            step,
            train,
            validation,
            ..Epoch::default()
        }));
        for layer in names.iter().filter(|_| step % 10 == 1) {
            for value in ["activation", "weight", "weight-gradient", "update"] {
                for statistic in ["mean", "std"] {
                    let (layer, measure) = (layer.clone(), format!("{value}.{statistic}"));
                    events.push(Event::Layer(Layer { step, layer, measure, value: loss.into() }));
                }
            }
            let (layer, of, counts) = (layer.clone(), "weight".into(), vec![7; 64]);
            let (low, high) = ((-1.0).into(), 1.0.into());
            events.push(Event::Histogram(Histogram { step, layer, of, low, high, counts }));
        }
    }
    events
}

/// An evaluation of many classes with long names, all of them confused, and large images.
fn many_classes(classes: usize) -> Evaluation {
    let names: Vec<String> =
        (0..classes).map(|i| format!("class {i} {}", "x".repeat(60))).collect();
    let rows = 3 * classes;
    let answers = Answers {
        outputs: (0..rows * classes).map(|i| (i * 7919 % 100_003) as f32).collect(),
        columns: classes,
        targets: (0..rows).map(|i| (i % classes) as f32).collect(),
        losses: vec![1.0; rows],
        probabilities: false,
    };
    let size = Image { channels: 3, height: 300, width: 300 };
    let noise = |i: u32| (i.wrapping_mul(2_654_435_761) >> 24) as u8;
    let picture = Some(Picture { size, pixels: (0..3 * 300 * 300).map(noise).collect() });
    let (truth, prediction) = (names[0].clone(), names[1].clone());
    let mistake = Mistake { truth, prediction, picture, ..Mistake::default() };
    let task = Task::Classification;
    let report = answers.view().report(task, &names);
    Evaluation { part: Part::Test, task, names, report, answers, worst: vec![mistake; 24] }
}

/// What is mailed is small, whatever the run: pictures show what people can look at.
#[test]
fn the_page_stays_small_whatever_the_run() {
    let judgement = Judgement { verdict: Verdict::Healthy, findings: Vec::new() };
    let events = long_run(200, 3000);
    let evaluation = many_classes(300);
    let report = Report {
        name: "run",
        judgement: &judgement,
        remarks: &[],
        events: &events,
        summary: None,
        evaluation: Some(&evaluation),
        run_file: None,
    };
    let page = report.page();
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    assert!(page.contains("261 others") && page.contains("gradient norm"));
}
