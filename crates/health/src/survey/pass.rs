//! Runs a network's forward and backward pass over a window of rows.

use super::answers::Teller;
use super::layer::{Block, LayerSurvey, Watch};
use super::{SurveyError, Weights};
use crate::data::Sample;
use gradwise_cpu::{Device, Feed, Plan, Request, State};
use gradwise_graph::{BATCH, Graph, Shape, Value};
use gradwise_nn::{LossOptions, Mode, Network};
use gradwise_train::runfile::Resolved;

/// Values of each layer that are read: its weighted sums, its activation, the loss's
/// gradient by the former, its weight, the gradient by it.
const EACH: usize = 5;

/// A network ready to be run, with what is watched of its layers.
pub(super) struct Pass {
    device: Device,
    graph: Graph,
    plan: Plan,
    state: State,
    batch: usize,
    targets: usize,
    watches: Vec<Watch>,
}

impl Pass {
    pub fn new(
        device: &Device,
        resolved: &Resolved,
        seed: u64,
        batch: usize,
    ) -> Result<Pass, SurveyError> {
        let graph = Graph::new();
        let network = resolved.network.build(&graph, seed, Mode::Evaluation)?;
        let outputs = resolved.network.output.units;
        let classes = resolved.task.has_classes();
        let y = match classes {
            true => graph.input("y", [BATCH]),
            false => graph.input("y", Shape::batch_by(outputs)),
        };
        let loss = resolved.loss.build(&network.output, y, &LossOptions::default())?;
        let nodes = watched(&graph, &network, loss.data_loss)?;
        let mut wanted = vec![loss.per_sample.id(), network.output.output.id()];
        wanted.extend(nodes.iter().map(|value| value.id()));
        let request = Request {
            batch,
            inputs: vec!["x".into(), "y".into()],
            outputs: wanted,
            ..Request::default()
        };
        let plan = Plan::new(device, &graph, &request)?;
        let state = State::new(&graph)?;
        let watches = network.layers().map(|l| Watch::new(&l.name, &l.spec)).collect();
        drop(network);
        let targets = if classes { 1 } else { outputs };
        Ok(Pass { device: device.clone(), graph, plan, state, batch, targets, watches })
    }

    /// Takes weights; those of other names, such as optimizer state, are left out.
    pub fn set(&mut self, weights: &Weights) -> Result<(), SurveyError> {
        for (name, values) in weights {
            if let Some(id) = self.graph.find_parameter(name) {
                let fit = self.state.write(id, values);
                fit.map_err(|e| SurveyError::Run(format!("{name}: {e}")))?;
            }
        }
        Ok(())
    }

    /// Runs the rows; the mean loss of a row. The layers are watched on training rows
    /// alone, and of these whole batches are run.
    pub fn run(
        &mut self,
        sample: &Sample,
        teller: &mut Teller,
        watch: bool,
    ) -> Result<f64, SurveyError> {
        let (mut loss, mut rows) = (0.0, 0usize);
        let x = sample.x.chunks(self.batch * sample.columns.max(1));
        for (x, y) in x.zip(sample.y.chunks(self.batch * self.targets.max(1))) {
            let count = x.len() / sample.columns.max(1);
            if count < self.batch && watch {
                break;
            }
            // The last validation rows fill their batch with copies of their own.
            let (x, y) = (padded(x, count, self.batch), padded(y, count, self.batch));
            let feeds = [Feed::rows(&x, sample.columns), Feed { values: &y, stride: self.targets }];
            self.plan
                .run(&mut self.state, &feeds)
                .map_err(|stopped| SurveyError::Run(stopped.to_string()))?;
            let losses = self.plan.output(0).get(..count).unwrap_or_default();
            loss += losses.iter().map(|l| f64::from(*l)).sum::<f64>();
            teller.add(self.plan.output(1), &y, count);
            rows += count;
            if watch {
                self.watch(&x);
            }
        }
        Ok(loss / rows.max(1) as f64)
    }

    fn watch(&mut self, x: &[f32]) {
        for (index, watch) in self.watches.iter_mut().enumerate() {
            let at = |part: usize| self.plan.output(2 + index * EACH + part);
            let input = if index == 0 { x } else { self.plan.output(2 + (index - 1) * EACH + 1) };
            watch.add(
                &self.device,
                &Block {
                    rows: self.batch,
                    input,
                    preactivation: at(0),
                    activation: at(1),
                    gradient: at(2),
                    weight: at(3),
                    weight_gradient: at(4),
                },
            );
        }
    }

    pub fn finish(self) -> Vec<LayerSurvey> {
        let slope = |name: &str| {
            let id = self.graph.find_parameter(&format!("{name}.slope"))?;
            Some(self.state.read(id))
        };
        self.watches.iter().map(|w| w.finish(slope(&w.name))).collect()
    }
}

/// The values of all layers that are watched, [`EACH`] of each.
fn watched<'g>(
    graph: &'g Graph,
    network: &Network<'g>,
    loss: Value<'g>,
) -> Result<Vec<Value<'g>>, SurveyError> {
    let layers: Vec<_> = network.layers().collect();
    let by: Vec<Value<'g>> = layers.iter().flat_map(|l| [l.preactivation, l.weight]).collect();
    let gradients = graph.gradients(loss, &by)?;
    let mut nodes = Vec::new();
    for (layer, gradient) in layers.iter().zip(gradients.chunks_exact(2)) {
        nodes.extend([layer.preactivation, layer.activation, gradient[0]]);
        nodes.extend([layer.weight, gradient[1]]);
    }
    Ok(nodes)
}

/// `count` rows repeated until there are `batch`.
fn padded(values: &[f32], count: usize, batch: usize) -> Vec<f32> {
    let width = values.len() / count.max(1);
    values.iter().copied().cycle().take(batch * width).collect()
}
