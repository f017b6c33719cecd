//! Draws every plot from made-up numbers into a folder.
use gradwise_view::paint::Scene;
use gradwise_view::plot::*;

fn save(folder: &str, name: &str, scene: &Scene) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::write(format!("{folder}/{name}.svg"), scene.to_svg())?;
    std::fs::write(format!("{folder}/{name}.png"), scene.to_png(2.0)?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".into());
    let noise = |i: usize| ((i * 7919 % 1000) as f64 / 1000.0 - 0.5) * 0.3;
    let step = |i: usize| {
        let epoch = i as f64 / 100.0;
        let loss = 2.3 * (-epoch / 2.0).exp() * (1.0 + noise(i)) + 0.04;
        StepPoint { epoch, loss, lr: 0.05 * (1.0 + (epoch / 10.0 * std::f64::consts::PI).cos()) }
    };
    let at = |e: usize| EpochPoint {
        epoch: e as f64,
        train_loss: None,
        validation_loss: Some(1.9 * (-(e as f64) / 2.0).exp() + 0.12),
        train_metric: Some(1.0 - 0.6 * (-(e as f64) / 1.5).exp()),
        validation_metric: Some(0.975 - 0.6 * (-(e as f64) / 1.5).exp()),
    };
    let curves = Curves {
        title: "digits 64-128-64-10".into(),
        metric: "accuracy".into(),
        steps: (0..1000).map(step).collect(),
        epochs: (1..=10).map(at).collect(),
    };
    save(&folder, "curves", &curves.draw())?;
    let classes: Vec<String> =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
            .map(String::from)
            .into();
    let cell = |r: usize, c: usize| if r == c { 890 } else { (r * 31 + c * 17) as u64 % 23 };
    let counts = (0..10).map(|r| (0..10).map(|c| cell(r, c)).collect()).collect();
    let confusion = Confusion { title: "cifar10, test rows".into(), classes, counts };
    save(&folder, "confusion", &confusion.draw())?;
    let bin = |i: usize| Bin {
        low: i as f64 / 10.0,
        high: (i + 1) as f64 / 10.0,
        confidence: i as f64 / 10.0 + 0.05,
        accuracy: (i as f64 / 10.0 + 0.05).powf(1.3),
        count: (i * i * 30) as u64,
    };
    let plot = Reliability { title: "digits, test rows".into(), bins: (0..10).map(bin).collect() };
    save(&folder, "reliability", &plot.draw())?;
    let point = |i: usize| {
        let x = 15_000.0 + (i * 6007 % 50_000) as f64 * 9.7;
        (x, x * (1.0 + 2.0 * noise(i)))
    };
    let points = (0..4000).map(point).collect();
    let targets = vec![Fit { name: "median_house_value".into(), points }];
    let plot = Scatter { title: "california".into(), targets };
    save(&folder, "scatter", &plot.draw())?;
    save(&folder, "bands", &bands().draw())
}

fn bands() -> Bands {
    let noise = |i: usize| (i * 7919 % 1000) as f64 / 1000.0 - 0.5;
    let names = ["lr=0.001", "lr=0.01", "lr=0.1", "lr=1", "lr=10"];
    let variant = |(index, name): (usize, &&str)| {
        let speed = [0.05, 0.3, 0.8, 0.7, 0.1][index];
        let seed = |s: usize| 1.0 + 0.25 * noise(s * 31 + index * 7);
        let curve = |s: usize, of: &dyn Fn(f64) -> f64| {
            (1..=12).map(|e| (e as f64, of(e as f64 * speed * seed(s)))).collect::<Vec<_>>()
        };
        let metric: Vec<_> = (0..5).map(|s| curve(s, &|t| 0.96 - 0.86 * (-t).exp())).collect();
        let ends: Vec<f64> = metric.iter().filter_map(|run| Some(run.last()?.1)).collect();
        let mean = ends.iter().sum::<f64>() / 5.0;
        Variant {
            name: (*name).into(),
            remark: ["worse", "worse", "reference", "no difference", "worse"][index].into(),
            loss: (0..5).map(|s| curve(s, &|t| 2.3 * (-t).exp() + 0.05)).collect(),
            metric,
            mean: Some(mean),
            interval: Some((mean - 0.01 - 0.02 * noise(index), mean + 0.01)),
            ends,
            curves: true,
        }
    };
    Bands {
        title: "digits".into(),
        metric: "accuracy".into(),
        over: "5 seeds".into(),
        variants: names.iter().enumerate().map(variant).collect(),
        reference: Some(2),
    }
}
