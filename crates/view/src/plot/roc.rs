//! ROC curves: the share of a class that is found over the share of false alarms.

use super::{Axis, Chart, Layer};
use crate::paint::{Anchor, Fill, Ink, Label, Mark, Scene, Series, Stroke, shortened, text_width};
use gradwise_train::metrics::{Decision, Roc};

/// The ROC curves of one class, or of several against the rest.
#[derive(Clone, Debug, Default)]
pub struct RocPlot {
    /// What stands above them.
    pub title: String,
    /// The curves.
    pub curves: Vec<Roc>,
}

const WORD: f32 = 11.0;
const LINE: f32 = 17.0;
/// Width and height of the chart.
const SIZE: (f32, f32) = (420.0, 430.0);
/// Names in the list beside the chart.
const NAMES: usize = 21;
/// Of several curves: how many have a line of their own; the others are pale.
const SERIES: [Series; 4] = [Series::Vermilion, Series::Green, Series::Purple, Series::Orange];
/// Of several curves: how many pale ones are drawn, and from how many points each, as more
/// are a grey area and a large file.
const PALE: (usize, usize) = (30, 60);
/// Where the mean of several curves is taken.
const GRID: usize = 200;

impl RocPlot {
    /// The curves beside a list of their areas: of several classes their mean, the
    /// classes of the smallest area, and the others pale.
    pub fn draw(&self) -> Scene {
        let mut order: Vec<&Roc> = self.curves.iter().collect();
        order.sort_by(|a, b| a.area.total_cmp(&b.area));
        let names = order.iter().map(|roc| text_width(&shorter(&roc.name), WORD));
        let beside = names.fold(100.0, f32::max) + 96.0;
        let mut scene = Scene::new(SIZE.0 + beside + 28.0, 484.0, self.title.as_str());
        scene.text(Label { bold: true, ..Label::new(self.title.as_str(), (24.0, 28.0), 14.0) });
        self.chart(&order).paint(&mut scene, (12.0, 40.0), SIZE);
        let rows = self.rows(&order);
        let area = |(_, name, area): &(_, String, String)| format!("{name}: area {area}");
        scene.told = rows.iter().filter(|(.., area)| !area.is_empty()).map(area).collect();
        paint_list(&mut scene, &rows, SIZE.0 + 28.0);
        if let [Roc { decision: Some(decision), .. }] = order.as_slice() {
            let (x, y) = (SIZE.0 + 28.0, 92.0 + 2.0 * LINE);
            let fill = Fill::solid(Ink::Series(Series::Vermilion));
            scene.push(Mark::dot((x + 11.0, y - 4.0), 2.6, fill));
            scene.told.push(told(decision).join(" "));
            for (i, line) in told(decision).into_iter().enumerate() {
                scene.text(Label::new(line, (x + 30.0, y + i as f32 * LINE), WORD));
            }
        }
        scene
    }

    fn chart(&self, order: &[&Roc]) -> Chart {
        let whole =
            |label: &str| Axis { label: label.into(), range: Some((0.0, 1.0)), ..Axis::default() };
        let line = |points: Vec<(f64, f64)>, series| Layer::Line {
            name: String::new(),
            points,
            series,
            dots: false,
        };
        let mut layers =
            vec![Layer::Guide { ends: [(0.0, 0.0), (1.0, 1.0)], name: "chance".into() }];
        if let [one] = order {
            layers.push(line(one.points.clone(), Series::Blue));
            layers.extend(one.decision.as_ref().map(place));
        } else {
            let pale = order.get(SERIES.len()..).unwrap_or_default();
            for roc in pale.iter().step_by(pale.len().div_ceil(PALE.0).max(1)) {
                let points = coarse(&roc.points, PALE.1);
                layers.push(Layer::Trace { points, series: Series::Sky });
            }
            let own = order.iter().zip(SERIES);
            layers.extend(own.map(|(roc, series)| line(roc.points.clone(), series)));
            layers.push(line(self.mean(), Series::Blue));
        }
        Chart {
            x: whole("false positive rate"),
            y: whole("true positive rate"),
            layers,
            ..Chart::default()
        }
    }

    /// The mean of the curves' heights: its area is the macro area.
    fn mean(&self) -> Vec<(f64, f64)> {
        let count = self.curves.len().max(1) as f64;
        let height = |x: f64| self.curves.iter().map(|roc| roc.at(x)).sum::<f64>() / count;
        let grid = (0..=GRID).map(|i| i as f64 / GRID as f64);
        std::iter::once((0.0, 0.0)).chain(grid.map(|x| (x, height(x)))).collect()
    }

    /// The list: what a line looks like, a name and an area.
    fn rows(&self, order: &[&Roc]) -> Vec<(Option<Series>, String, String)> {
        let area = |x: f64| format!("{x:.4}");
        if let [one] = order {
            return vec![(Some(Series::Blue), shorter(&one.name), area(one.area))];
        }
        let mean = order.iter().map(|roc| roc.area).sum::<f64>() / order.len().max(1) as f64;
        let series = SERIES.into_iter().map(Some).chain(std::iter::repeat(None));
        let mut rows = vec![(Some(Series::Blue), "macro mean".into(), area(mean))];
        let each = order.iter().zip(series).take(NAMES);
        rows.extend(each.map(|(roc, series)| (series, shorter(&roc.name), area(roc.area))));
        if order.len() > NAMES {
            rows.push((None, format!("and {} more", order.len() - NAMES), String::new()));
        }
        rows
    }
}

/// Every so many points of a curve, with its end.
fn coarse(points: &[(f64, f64)], most: usize) -> Vec<(f64, f64)> {
    let kept = points.iter().step_by(points.len().div_ceil(most).max(1));
    kept.chain(points.last()).copied().collect()
}

fn shorter(name: &str) -> String {
    shortened(name, WORD, 150.0)
}

/// What the model's own decision means, in lines.
fn told(decision: &Decision) -> [String; 3] {
    [
        format!("decides at {}:", decision.threshold),
        format!("{:.1} % are found,", 100.0 * decision.true_positives),
        format!("{:.1} % false alarms", 100.0 * decision.false_positives),
    ]
}

/// The place where the model decides, as a line of one point.
fn place(decision: &Decision) -> Layer {
    let points = vec![(decision.false_positives, decision.true_positives)];
    Layer::Line { name: String::new(), points, series: Series::Vermilion, dots: true }
}

fn paint_list(scene: &mut Scene, rows: &[(Option<Series>, String, String)], left: f32) {
    let right = scene.width - 16.0;
    let head = Label::new("area (AUC)", (right, 72.0), WORD);
    scene.text(Label { anchor: Anchor::End, ink: Ink::Quiet, ..head });
    for (index, (series, name, area)) in rows.iter().enumerate() {
        let y = 92.0 + index as f32 * LINE;
        let stroke = match series {
            Some(series) => Stroke::dashed(Ink::Series(*series), 2.0, series.dash()),
            None => Stroke { opacity: 0.3, ..Stroke::solid(Ink::Series(Series::Sky), 1.0) },
        };
        if !area.is_empty() {
            scene.push(Mark::line([(left, y - 4.0), (left + 23.0, y - 4.0)], stroke));
        }
        scene.text(Label::new(name.as_str(), (left + 30.0, y), WORD));
        let number = Label::new(area.as_str(), (right, y), WORD);
        scene.text(Label { anchor: Anchor::End, ..number });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roc(name: &str, corner: (f64, f64), area: f64) -> Roc {
        let points = vec![(0.0, 0.0), corner, (1.0, 1.0)];
        let (threshold, false_positives, true_positives) = (0.5, corner.0, corner.1);
        let decision = Some(Decision { threshold, false_positives, true_positives });
        Roc { name: name.into(), area, points, decision }
    }

    #[test]
    fn one_curve_tells_where_the_model_decides() {
        let plot = RocPlot { title: "t".into(), curves: vec![roc("<i>", (0.1, 0.8), 0.85)] };
        let svg = plot.draw().to_svg();
        assert!(svg.contains("80.0 % are found") && svg.contains("0.8500"));
        assert!(svg.contains("&lt;i&gt;") && !svg.contains("macro"));
    }

    #[test]
    fn many_curves_have_a_mean_of_the_mean_area() {
        let curves: Vec<Roc> = (0..30).map(|i| roc(&i.to_string(), (0.2, 0.8), 0.8)).collect();
        let plot = RocPlot { title: "t".into(), curves };
        let under = |w: &[(f64, f64)]| (w[1].0 - w[0].0) * (w[1].1 + w[0].1) / 2.0;
        let area: f64 = plot.mean().windows(2).map(under).sum();
        assert!((area - 0.8).abs() < 1e-3, "{area}");
        let svg = plot.draw().to_svg();
        assert!(svg.contains("macro mean") && svg.contains("and 9 more"));
        RocPlot::default().draw().to_png(1.0).unwrap();
        assert_eq!(
            coarse(&[(0.0, 0.0), (0.1, 0.5), (1.0, 1.0)], 2),
            [(0.0, 0.0), (1.0, 1.0), (1.0, 1.0)]
        );
    }
}
