//! The parameters as they were before a step, made again from the last checkpoint.
//!
//! An update overwrites parameters where they stand. Since the same steps give the
//! same bits, what a broken update overwrote is found again by going the way from
//! the last checkpoint (or the start) once more, with the recorded learning rates.

use super::error::TrainError;
use super::loader::Loader;
use super::lsuv;
use super::program::Program;
use super::session::{Session, restore};
use crate::folder::event::Event;
use crate::folder::{checkpoint, reader};
use gradwise_cpu::{Feed, State};
use gradwise_graph::Role;
use std::collections::HashMap;

/// The parameters before the step `step` (counted from 1), which is under way.
pub(super) fn before(session: &mut Session<'_>, step: u64) -> Result<State, TrainError> {
    session.writer.sync()?;
    let rates = rates(session)?;
    let newest = checkpoint::read_newest(&session.folder)?.unwrap_or_default();
    let (mut position, tensors) = (newest.position, newest.tensors);
    let Session { checked, resolved, data, program, device, .. } = session;
    let mut state = State::new(&program.graph)?;
    if tensors.arrays.is_empty() {
        lsuv::scale(checked, resolved, data, device, program, &mut state)?;
    } else {
        restore(program, &mut state, &tensors.arrays, Role::Fixed)?;
    }
    let order = session.order_from(&position);
    let (batch, stride) = (order.batch, order.stride);
    let mut loader = Loader::start(session.data.train.clone(), order)?;
    let mut full = session.training_plan(batch, false)?;
    let rest = session.data.train.rows() % batch;
    let mut last = (rest > 0).then(|| session.training_plan(rest, false)).transpose()?;
    let Program { sizes, .. } = &session.program;
    while position.step + 1 < step {
        let Some(rows) = loader.next()? else { break };
        position.step += 1;
        let rate = rates.get(&position.step).copied().unwrap_or(0.0);
        let scalars = [rate as f32, position.step as f32];
        let plan = match &mut last {
            Some(last) if rows.rows != batch => last,
            _ => &mut full,
        };
        plan.run(
            &mut state,
            &[
                Feed { values: rows.x, stride },
                Feed { values: rows.y, stride: sizes.targets },
                Feed::row(&scalars[..1]),
                Feed::row(&scalars[1..]),
            ],
        )?;
    }
    Ok(state)
}

/// The learning rates of the steps so far.
fn rates(session: &Session<'_>) -> Result<HashMap<u64, f64>, TrainError> {
    let mut rates = HashMap::new();
    reader::each(&session.folder, |event| {
        if let Event::Step(step) = event {
            rates.insert(step.step, step.lr);
        }
    })?;
    Ok(rates)
}
