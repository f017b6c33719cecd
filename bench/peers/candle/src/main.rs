//! candle's training step on a CPU. It has no momentum: its users write that, as here.

#[path = "../../serve.rs"]
mod serve;

use candle_core::{D, DType, Device, Tensor, Var, backprop::GradStore};
use candle_nn::{AdamW, Optimizer, ParamsAdamW, VarBuilder, VarMap, loss::cross_entropy};
use candle_nn::{Linear, Module, PReLU, linear, ops::leaky_relu, prelu};
use serve::{Result, Spec, Step, serve};

/// What follows a hidden layer's weighted sums.
enum Activation {
    Tanh,
    Relu,
    Leaky(f64),
    Prelu(PReLU),
    Maxout(usize),
}

impl Activation {
    fn new(spec: &Spec, at: VarBuilder) -> Result<Activation> {
        Ok(match spec.activation.split('(').next() {
            Some("tanh") => Activation::Tanh,
            Some("relu") => Activation::Relu,
            Some("leaky-relu") => Activation::Leaky(spec.argument().unwrap_or("0.01").parse()?),
            Some("prelu") => Activation::Prelu(prelu(None, at)?),
            Some("maxout") => Activation::Maxout(spec.pieces()),
            _ => return Err(format!("candle has no {}", spec.activation).into()),
        })
    }

    fn apply(&self, z: &Tensor) -> candle_core::Result<Tensor> {
        match self {
            Activation::Tanh => z.tanh(),
            Activation::Relu => z.relu(),
            Activation::Leaky(slope) => leaky_relu(z, *slope),
            Activation::Prelu(prelu) => prelu.forward(z),
            Activation::Maxout(pieces) => z.reshape((z.dim(0)?, *pieces, ()))?.max(1),
        }
    }
}

struct Network {
    hidden: Vec<(Linear, Activation)>,
    output: Linear,
}

impl Network {
    fn new(spec: &Spec, at: &VarBuilder) -> Result<Network> {
        let layers = spec.layers();
        let layer = |i: usize| linear(layers[i].0, layers[i].1, at.pp(format!("dense{i}")));
        let last = layers.len() - 1;
        let activation = |i: usize| Activation::new(spec, at.pp(format!("slope{i}")));
        let hidden = (0..last).map(|i| Ok((layer(i)?, activation(i)?))).collect::<Result<_>>()?;
        Ok(Network { hidden, output: layer(last)? })
    }

    fn scores(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let mut h = x.clone();
        for (linear, activation) in &self.hidden {
            h = activation.apply(&linear.forward(&h)?)?;
        }
        self.output.forward(&h)
    }
}

/// SGD with momentum 0.9, as PyTorch has it.
struct Momentum {
    parameters: Vec<(Var, Tensor)>,
}

impl Momentum {
    fn step(&mut self, gradients: &GradStore) -> candle_core::Result<()> {
        for (parameter, velocity) in &mut self.parameters {
            if let Some(gradient) = gradients.get(parameter) {
                // Gradients can hang on to the graph: detached, memory does not grow.
                *velocity = ((&*velocity * 0.9)? + gradient)?.detach();
                parameter.set(&(parameter.as_tensor() - (&*velocity * 1e-3)?)?)?;
            }
        }
        Ok(())
    }
}

enum Rule {
    Sgd(Momentum),
    Adam(AdamW),
}

impl Rule {
    fn new(spec: &Spec, parameters: Vec<Var>) -> Result<Rule> {
        if spec.optimizer == "adam" {
            let settings = ParamsAdamW { lr: 1e-4, weight_decay: 0.0, ..Default::default() };
            return Ok(Rule::Adam(AdamW::new(parameters, settings)?));
        }
        let zero = |var: Var| Ok((var.clone(), var.zeros_like()?));
        let parameters = parameters.into_iter().map(zero).collect::<Result<_>>()?;
        Ok(Rule::Sgd(Momentum { parameters }))
    }

    fn step(&mut self, gradients: &GradStore) -> candle_core::Result<()> {
        match self {
            Rule::Sgd(momentum) => momentum.step(gradients),
            Rule::Adam(adam) => adam.step(gradients),
        }
    }
}

fn batch(spec: &Spec) -> Result<(Tensor, Tensor)> {
    let classes = spec.widths[spec.widths.len() - 1];
    let x = Tensor::randn(0f32, 1.0, (spec.batch, spec.widths[0]), &Device::Cpu)?;
    let labels = (0..spec.batch).map(|i| (i * 7 % classes) as u32);
    Ok((x, Tensor::from_iter(labels, &Device::Cpu)?))
}

fn build(spec: &Spec) -> Result<Step> {
    let variables = VarMap::new();
    let at = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
    let network = Network::new(spec, &at)?;
    let mut rule = Rule::new(spec, variables.all_vars())?;
    let batches = (0..4).map(|_| batch(spec)).collect::<Result<Vec<_>>>()?;
    let mut next = 0;
    if spec.forward {
        return Ok(Box::new(move || {
            next += 1;
            let scores = network.scores(&batches[next % 4].0)?;
            debug_assert_eq!(scores.dim(D::Minus1)?, 10);
            Ok(())
        }));
    }
    Ok(Box::new(move || {
        next += 1;
        let (x, y) = &batches[next % 4];
        Ok(rule.step(&cross_entropy(&network.scores(x)?, y)?.backward()?)?)
    }))
}

fn main() -> Result<()> {
    serve(build)
}
