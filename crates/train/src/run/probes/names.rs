//! The names of a layer's measures, written out once for a run.

use super::{LayerProbes, MEASURED};
use gradwise_graph::ops::Moments;

/// Measures that are taken beside the moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Extra {
    Saturated,
    Dead,
    Rank,
    Spread,
    OneSigned,
    UpdateRatio,
    Satisfied,
    SlopeLeast,
    SlopeMean,
    SlopeMost,
    Idle,
}

/// All of them, in the order of their names.
const EXTRAS: [(Extra, &str); 11] = [
    (Extra::Saturated, "activation.saturated"),
    (Extra::Dead, "units.dead"),
    (Extra::Rank, "activation.rank"),
    (Extra::Spread, "activation.spread"),
    (Extra::OneSigned, "weight-gradient.one-signed"),
    (Extra::UpdateRatio, "update.ratio"),
    (Extra::Satisfied, "margin.satisfied"),
    (Extra::SlopeLeast, "slope.min"),
    (Extra::SlopeMean, "slope.mean"),
    (Extra::SlopeMost, "slope.max"),
    (Extra::Idle, "pieces.idle"),
];

/// The names of one layer's measures.
#[derive(Debug)]
pub(super) struct Names {
    moments: Vec<String>,
    extras: Vec<String>,
    pieces: Vec<String>,
}

impl Names {
    pub fn of(layer: &LayerProbes) -> Names {
        // The count of elements is no measure: it never changes.
        let statistics = || Moments::NAMES.into_iter().skip(1);
        let of =
            |value: &str| statistics().map(move |s| format!("{value}.{s}")).collect::<Vec<_>>();
        Names {
            moments: MEASURED.into_iter().flat_map(of).collect(),
            extras: EXTRAS.iter().map(|(_, name)| name.to_string()).collect(),
            pieces: (1..=layer.spec.activation.pieces())
                .map(|k| format!("piece{k}.wins"))
                .collect(),
        }
    }

    /// Those of the moments of value number `index` of [`MEASURED`].
    pub fn moments(&self, index: usize) -> &[String] {
        let each = Moments::NAMES.len() - 1;
        self.moments.get(index * each..(index + 1) * each).unwrap_or_default()
    }

    pub fn extra(&self, extra: Extra) -> &str {
        self.extras.get(extra as usize).map_or("", String::as_str)
    }

    /// Those of the shares that maxout's pieces win.
    pub fn pieces(&self) -> &[String] {
        &self.pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extras_stand_in_the_order_of_their_numbers() {
        assert!(EXTRAS.iter().enumerate().all(|(at, (extra, _))| *extra as usize == at));
    }
}
