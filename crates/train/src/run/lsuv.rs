//! Layer-sequential unit variance: inits that the data scale, before the first step.

use super::error::TrainError;
use super::program::{Program, parameter_of};
use crate::runfile::{Checked, Resolved};
use gradwise_cpu::{Device, Feed, Plan, Request, State};
use gradwise_data::Data;
use gradwise_nn::{Init, Layer, Mode};

/// Rows that the variances are measured on.
const ROWS: usize = 1024;

/// Scales the weights of the layers whose init is LSUV; see [`gradwise_nn::lsuv`].
pub(super) fn scale(
    checked: &Checked,
    resolved: &Resolved,
    data: &Data,
    device: &Device,
    program: &Program,
    state: &mut State,
) -> Result<(), TrainError> {
    if resolved.network.named_layers().all(|(_, layer)| layer.init != Init::Lsuv) {
        return Ok(());
    }
    let order = gradwise_data::order(data.train.rows() as u32, checked.seed, 0);
    let rows = order.get(..ROWS).unwrap_or(&order);
    let stride = gradwise_cpu::stride(data.train.columns());
    let mut x = vec![0.0; rows.len() * stride];
    data.train.gather(rows, &mut x, stride)?;
    let network = resolved.network.build(&program.graph, checked.seed, Mode::Evaluation)?;
    gradwise_nn::lsuv(network.layers(), |layer: &Layer<'_>, factor| {
        if let Some(id) = parameter_of(layer.weight) {
            let scaled: Vec<f32> =
                state.read(id).iter().map(|w| (f64::from(*w) * factor) as f32).collect();
            state.write(id, &scaled)?;
        }
        let request = Request {
            batch: rows.len(),
            inputs: vec!["x".into()],
            outputs: vec![layer.preactivation.moments().id()],
            ..Request::default()
        };
        let mut plan = Plan::new(device, &program.graph, &request)?;
        plan.run(state, &[Feed { values: &x, stride }])?;
        let deviation = plan.output(0).get(2).copied().map_or(f64::NAN, f64::from);
        Ok::<f64, TrainError>(deviation * deviation)
    })
}
