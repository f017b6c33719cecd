//! burn's training step on its CPU backend, flex.

#[path = "../../serve.rs"]
mod serve;

use burn::module::Module;
use burn::nn::activation::{Activation, ActivationConfig};
use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig};
use burn::nn::{LeakyReluConfig, Linear, LinearConfig, PReluConfig};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{Device, Distribution, Int, Tensor};
use serve::{Result, Spec, Step, serve};

#[derive(Module, Debug)]
struct Network {
    hidden: Vec<Linear>,
    activations: Vec<Activation>,
    output: Linear,
    pieces: usize,
}

fn activation(spec: &Spec) -> Result<ActivationConfig> {
    Ok(match spec.activation.split('(').next() {
        Some("tanh") => ActivationConfig::Tanh,
        Some("relu") => ActivationConfig::Relu,
        Some("prelu") => ActivationConfig::PRelu(PReluConfig::new()),
        Some("maxout") => ActivationConfig::Identity,
        Some("leaky-relu") => {
            let slope = spec.argument().unwrap_or("0.01").parse()?;
            ActivationConfig::LeakyRelu(LeakyReluConfig::new().with_negative_slope(slope))
        }
        _ => return Err(format!("no {} here", spec.activation).into()),
    })
}

impl Network {
    fn new(spec: &Spec, device: &Device) -> Result<Network> {
        let layers = spec.layers();
        let layer = |&(inputs, sums): &(usize, usize)| LinearConfig::new(inputs, sums).init(device);
        let (output, hidden) = layers.split_last().ok_or("no layers")?;
        let activation = activation(spec)?;
        Ok(Network {
            hidden: hidden.iter().map(layer).collect(),
            activations: hidden.iter().map(|_| activation.init(device)).collect(),
            output: layer(output),
            pieces: spec.pieces(),
        })
    }

    fn scores(&self, x: Tensor<2>) -> Tensor<2> {
        let mut h = x;
        for (layer, activation) in self.hidden.iter().zip(&self.activations) {
            h = activation.forward(layer.forward(h));
            if self.pieces > 1 {
                let [rows, sums] = h.dims();
                let pieces: Tensor<3> = h.reshape([rows, self.pieces, sums / self.pieces]);
                h = pieces.max_dim(1).reshape([rows, sums / self.pieces]);
            }
        }
        self.output.forward(h)
    }
}

fn optimizer(spec: &Spec) -> (ModuleOptimizer, f64) {
    if spec.optimizer == "adam" {
        return (AdamConfig::new().init(), 1e-4);
    }
    let momentum = MomentumConfig::new().with_momentum(0.9).with_dampening(0.0);
    (SgdConfig::new().with_momentum(Some(momentum)).init(), 1e-3)
}

fn batch(spec: &Spec, device: &Device) -> (Tensor<2>, Tensor<1, Int>) {
    let classes = spec.widths[spec.widths.len() - 1];
    let normal = Distribution::Normal(0.0, 1.0);
    let labels: Vec<i32> = (0..spec.batch).map(|i| (i * 7 % classes) as i32).collect();
    let x = Tensor::random([spec.batch, spec.widths[0]], normal, device);
    (x, Tensor::from_ints(labels.as_slice(), device))
}

fn build(spec: &Spec) -> Result<Step> {
    let device = if spec.forward { Device::flex() } else { Device::flex().autodiff() };
    let network = Network::new(spec, &device)?;
    let batches: Vec<_> = (0..4).map(|_| batch(spec, &device)).collect();
    let mut next = 0;
    if spec.forward {
        return Ok(Box::new(move || {
            next += 1;
            let _scores = network.scores(batches[next % 4].0.clone());
            device.sync()?;
            Ok(())
        }));
    }
    let (mut optimizer, lr) = optimizer(spec);
    let loss: CrossEntropyLoss = CrossEntropyLossConfig::new().init(&device);
    let mut network = Some(network);
    Ok(Box::new(move || {
        next += 1;
        let (x, y) = batches[next % 4].clone();
        let current = network.take().ok_or("a step failed before")?;
        let gradients = loss.forward(current.scores(x), y).backward();
        let gradients = GradientsParams::from_grads(gradients, &current);
        network = Some(optimizer.step(lr, current, gradients));
        device.sync()?;
        Ok(())
    }))
}

fn main() -> Result<()> {
    serve(build)
}
