//! The page from what a run leaves, and from less.

use super::*;
use gradwise_health::Verdict;
use gradwise_train::folder::event::{
    Epoch, Finding, Layer, LayerInfo, Remedy, Severity, Start, Step,
};

const NASTY: &str = "<script>alert('x')</script>";

fn judgement() -> Judgement {
    let root = Finding {
        id: "init-too-small".into(),
        severity: Severity::Error,
        layer: Some(NASTY.into()),
        step: Some(0),
        evidence: [("factor".to_string(), 0.22.into())].into(),
        message: format!("{NASTY} fades"),
        because: Some("weights are small".into()),
        remedies: vec![Remedy {
            set: [("model.init".to_string(), "xavier".into())].into(),
            why: "keeps the variance".into(),
        }],
        ..Finding::default()
    };
    let follows = Finding {
        id: "vanishing-gradient".into(),
        message: "the gradient shrinks".into(),
        caused_by: Some(root.id.clone()),
        ..Finding::default()
    };
    Judgement { verdict: Verdict::Broken, findings: vec![root, follows] }
}

fn events() -> Vec<Event> {
    let layer = |name: &str| LayerInfo { name: name.into(), units: 9, ..LayerInfo::default() };
    let measure = |step, layer: &str, measure: &str| {
        let (layer, measure) = (layer.into(), measure.into());
        Event::Layer(Layer { step, layer, measure, value: 0.5.into() })
    };
    let mut events = vec![Event::Start(Start {
        task: "classification".into(),
        outputs: vec![NASTY.into()],
        program: NASTY.into(),
        steps_per_epoch: 2,
        layers: vec![layer(NASTY), layer("output")],
        ..Start::default()
    })];
    for step in [1, 2, 3] {
        events.push(Event::Step(Step { step, loss: 1.0.into(), ..Step::default() }));
        for of in ["activation.mean", "activation.std", "weight.mean", "weight.std"] {
            events.extend([measure(step, NASTY, of), measure(step, "output", of)]);
        }
    }
    events.push(Event::Epoch(Epoch { epoch: 1, ..Epoch::default() }));
    events
}

#[test]
fn the_page_has_the_verdict_first_and_no_markup_of_others() {
    let (judgement, events, summary) = (judgement(), events(), Summary::default());
    let report = Report {
        name: NASTY,
        judgement: &judgement,
        remarks: &["judged by its records".into()],
        events: &events,
        summary: Some(&summary),
        evaluation: None,
        run_file: Some(NASTY),
    };
    let page = report.page();
    assert!(!page.contains("<script") && page.contains("&lt;script"));
    let places = [
        "class=\"verdict broken\"",
        "<nav",
        "id=\"findings\"",
        "id=\"curves\"",
        "id=\"network\"",
        "id=\"machine\"",
    ];
    let at: Vec<usize> = places.map(|what| page.find(what).expect(what)).into();
    assert!(at.is_sorted(), "{at:?}");
    for words in [
        "<b>broken</b>: 1 error",
        "model.init = &quot;xavier&quot;",
        "factor 0.2200",
        "<b>vanishing-gradient</b>",
        "error: init-too-small<small>",
        "init-too-small (error)",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(page.matches("href=\"#").count() >= 6);
    // Nothing is fetched: the only address is the name of SVG's language.
    let page = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    assert!(!page.contains("http") && !page.contains("src=") && !page.contains("url("));
}

#[test]
fn a_run_of_which_little_is_known_has_a_page() {
    let judgement = Judgement { verdict: Verdict::Healthy, findings: Vec::new() };
    let report = Report {
        name: "run",
        judgement: &judgement,
        remarks: &[],
        events: &[],
        summary: None,
        evaluation: None,
        run_file: None,
    };
    let page = report.page();
    assert!(page.contains("verdict healthy") && !page.contains("id=\"network\""));
}
