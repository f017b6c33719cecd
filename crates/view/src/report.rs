//! `report.html`: a run on one page that can be mailed. The verdict comes first, then
//! what it rests on, how good the model is, the network layer by layer, and how to do
//! it again.

mod findings;
mod network;
mod predictions;
mod results;
mod setting;

use crate::layers::Layers;
use crate::noise::Noise;
use crate::page::{document, figure, grid};
use crate::paint::escape;
use crate::plot::Panels;
use crate::run;
use gradwise_health::Judgement;
use gradwise_train::folder::event::{Event, Start};
use gradwise_train::folder::summary::Summary;
use gradwise_train::model::Evaluation;
use std::fmt::Write;

/// All that is known of a run; a part that is missing is left out of the page.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The run's name.
    pub name: &'a str,
    /// How it stands.
    pub judgement: &'a Judgement,
    /// What the judgement rests on, or what could not be looked at: a sentence each.
    pub remarks: &'a [String],
    /// The run's records.
    pub events: &'a [Event],
    /// How it came out.
    pub summary: Option<&'a Summary>,
    /// How good the model is.
    pub evaluation: Option<&'a Evaluation>,
    /// The run file with every default filled in.
    pub run_file: Option<&'a str>,
}

/// A part of the page: its place, its title, its elements.
struct Section {
    id: &'static str,
    title: &'static str,
    body: String,
}

impl Report<'_> {
    /// The page, a whole HTML document.
    pub fn page(&self) -> String {
        let sections: Vec<Section> = [
            ("findings", "Findings", findings::body(self)),
            ("results", "Results", results::body(self)),
            ("curves", "Curves", self.curves()),
            ("network", "The network, layer by layer", network::body(self)),
            ("predictions", "Predictions", self.evaluation.map(predictions::body)),
            ("run-file", "The run file", self.run_file.map(setting::run_file)),
            ("machine", "Machine and timings", setting::body(self)),
        ]
        .into_iter()
        .filter_map(|(id, title, body)| Some(Section { id, title, body: body? }))
        .collect();
        let mut body = self.head();
        body.push_str("<nav aria-label=\"contents\">\n");
        for Section { id, title, .. } in &sections {
            // A `write!` into a string cannot fail.
            let _ = writeln!(body, "<a href=\"#{id}\">{title}</a>");
        }
        body.push_str("</nav>\n");
        for Section { id, title, body: own } in &sections {
            let _ = write!(body, "<section id=\"{id}\">\n<h2>{title}</h2>\n{own}</section>\n");
        }
        document(&format!("{} – gradwise", self.name), &body)
    }

    /// What was trained on what, and how it stands.
    fn head(&self) -> String {
        let about = self.start().map_or(String::new(), setting::about);
        format!(
            "<p class=\"row\">gradwise · report of a run</p>\n<h1>{}</h1>\n<p>{}</p>\n{}",
            escape(self.name),
            escape(&about),
            findings::verdict(self)
        )
    }

    fn start(&self) -> Option<&Start> {
        self.events.iter().find_map(|event| match event {
            Event::Start(start) => Some(start),
            _ => None,
        })
    }

    fn curves(&self) -> Option<String> {
        let curves = run::curves("", self.events);
        if curves.steps.is_empty() && curves.epochs.is_empty() {
            return None;
        }
        let panel = |(chart, _)| Panels {
            columns: 1,
            size: (440.0, 280.0),
            charts: vec![chart],
            ..Panels::default()
        };
        let curves = curves.charts().into_iter().map(|chart| panel(chart).draw());
        let noise = Noise::of(self.events).over_time("").map(Panels::each);
        let scenes = curves.chain(noise.into_iter().flatten());
        Some(grid(scenes.map(|scene| figure(&scene, ""))))
    }

    fn layers(&self) -> Layers {
        Layers::of(self.events)
    }
}

#[cfg(test)]
mod size_tests;
#[cfg(test)]
mod tests;
