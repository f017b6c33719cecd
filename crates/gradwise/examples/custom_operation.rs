//! An operation that gradwise does not have, with its own value and derivative,
//! checked against finite differences before it is trusted.
//!
//! `cargo run --release --example custom_operation`
use gradwise::prelude::*;
use std::sync::Arc;

/// The Mexican hat wavelet (1 − x²)·e^{−x²/2} of each element.
#[derive(Debug)]
struct Hat;

impl Operation for Hat {
    fn name(&self) -> String {
        "hat".into()
    }

    fn shape(&self, operands: &[&Shape]) -> Result<Shape, String> {
        operands.first().map(|x| (*x).clone()).ok_or_else(|| "it takes one value".into())
    }

    fn value(&self, operands: &[&Tensor], _: &[usize]) -> Tensor {
        operands[0].map(|x| (1.0 - x * x) * (-x * x / 2.0).exp())
    }

    fn derivative<'g>(
        &self,
        operands: &[Value<'g>],
        _: Value<'g>,
        gradient: Value<'g>,
    ) -> Vec<Gradient<'g>> {
        let x = operands[0];
        let slope = x * (x.square() - 3.0) * (x.square() * -0.5).exp();
        vec![Gradient::Flows(gradient * slope)]
    }
}

/// Fits one hat's place and width to samples of another.
pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    let graph = Graph::new();
    let (x, y) = (graph.input("x", [BATCH]), graph.input("y", [BATCH]));
    let place = graph.parameter("place", [1], Role::Weight, Initializer::constant(0.0));
    let scale = graph.parameter("scale", [1], Role::Weight, Initializer::constant(1.0));
    let hat = graph.custom(Arc::new(Hat), &[(x - place) * scale]);
    let loss = (hat - y).square().mean();

    let points: Vec<f64> = (-40..=40).map(|i| f64::from(i) / 10.0).collect();
    let samples = Hat.value(&[&Tensor::vector(points.clone()).map(|x| (x - 0.5) * 1.25)], &[81]);
    let mut feeds = Feeds::new().with("x", Tensor::vector(points)).with("y", samples);
    let errors = graph.gradient_errors(loss, &[place, scale], &feeds)?;
    println!("its derivative is off by {:.0e} and {:.0e}", errors[0], errors[1]);
    assert!(errors.iter().all(|&error| error < 1e-7));

    let gradients = graph.gradients(loss, &[place, scale])?;
    let stepped = [place - gradients[0] * 0.5, scale - gradients[1] * 0.5];
    for _ in 0..200 {
        let new = graph.evaluate(&stepped, &feeds)?;
        feeds.set("place", new[0].clone());
        feeds.set("scale", new[1].clone());
    }
    let found = graph.evaluate(&[place, scale], &feeds)?;
    println!("it stands at {:.4} with scale {:.4}", found[0].item(), found[1].item());
    assert!((found[0].item() - 0.5).abs() < 1e-3 && (found[1].item() - 1.25).abs() < 1e-3);
    Ok(())
}
