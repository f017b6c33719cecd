//! Draws the graph of a small net as SVG, PNG, DOT and JSON into a folder.
use gradwise_graph::{BATCH, Feeds, Graph, Initializer, Pass, Role, Tensor, Value, random::Philox};
use gradwise_view::graph::{Detail, Options, Values, draw, to_dot, to_json};

fn layer<'g>(g: &'g Graph, name: &str, x: Value<'g>, n: usize, m: usize, relu: bool) -> Value<'g> {
    g.scope(name, || {
        let seed = name.len() as u64 + n as u64 + m as u64;
        let init = Initializer::new("he", move |to| {
            let (random, std) = (Philox::new(seed, 1), (2.0 / n as f64).sqrt());
            let draw = |i: usize| (random.normal(i as u64) * std) as f32;
            to.iter_mut().enumerate().for_each(|(i, w)| *w = draw(i));
        });
        let w = g.parameter(&format!("{name}.weight"), [n, m], Role::Weight, init);
        let b = g.parameter(&format!("{name}.bias"), [m], Role::Bias, Initializer::constant(0.0));
        let z = x.matmul(w) + b;
        if relu { z.relu() } else { z }
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".into());
    let g = Graph::new();
    let x = g.input("x", (BATCH, 64));
    let mut h = x;
    let widths = [64, 128, 64, 32];
    for i in 1..widths.len() {
        h = layer(&g, &format!("dense{i}"), h, widths[i - 1], widths[i], true);
    }
    let s = layer(&g, "output", h, 32, 10, false);
    let y = g.input("y", [BATCH]);
    let data = s.softmax_cross_entropy(y).mean().name("data loss");
    let weights: Vec<_> = g.learnt().into_iter().filter(|p| p.shape().rank() == 2).collect();
    let mut penalty = g.scalar(0.0);
    for w in weights {
        penalty = penalty + w.square().sum();
    }
    let loss = (data + penalty * 1e-4).name("loss");
    let by = g.learnt();
    let gradients = g.gradients(loss, &by)?;
    let lr = g.pass(Pass::Update, || g.input("lr", gradwise_graph::Shape::scalar()));
    for (p, d) in by.iter().zip(&gradients) {
        let scope = g.node(p.id()).scope.clone();
        g.scope(&scope, || {
            g.pass(Pass::Update, || {
                let name = g.node(p.id()).name.clone().unwrap_or_default();
                let sizes: Vec<usize> = p.shape().sizes(1);
                let m = g.parameter(
                    &format!("{name}.m"),
                    sizes,
                    Role::State,
                    Initializer::constant(0.0),
                );
                let new = m * 0.9 + *d;
                g.update(m, new);
                g.update(*p, *p - lr * new)
            })
        });
    }
    g.check()?;
    let feeds = Feeds::new()
        .with("x", Tensor::from_fn([2, 64], |i| (i * 7 % 16) as f64 / 16.0))
        .with("y", Tensor::vector([3.0, 4.0]));
    let values = Values::evaluate(&g, &feeds, 1, &[])?;
    let title = "digits: 64 → 128 → 64 → 32 → 10".to_string();
    for (name, update, values) in
        [("plain", false, None), ("values", false, Some(&values)), ("update", true, None)]
    {
        let options = Options { title: title.clone(), update, ..Default::default() };
        let scene = draw(&g, &options, values);
        std::fs::write(format!("{folder}/{name}.svg"), scene.to_svg())?;
        std::fs::write(format!("{folder}/{name}.png"), scene.to_png(1.0)?)?;
        std::fs::write(format!("{folder}/{name}.dot"), to_dot(&g, &options, values))?;
        println!("{name}: {} × {}", scene.width, scene.height);
    }
    let full = Options { detail: Detail::Full, ..Default::default() };
    std::fs::write(format!("{folder}/full.png"), draw(&g, &full, None).to_png(1.0)?)?;
    std::fs::write(format!("{folder}/graph.json"), to_json(&g, Some(&values)).to_string())?;
    Ok(())
}
