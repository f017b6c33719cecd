//! What the rules about steps share.

use super::rule::Threshold;
use crate::curve::Curve;
use crate::run::Run;

/// From which [`late_roughness`] on a loss leaps about.
pub(super) const ROUGH: Threshold = Threshold {
    of: "mean change of the loss from epoch to epoch over the last half, relative to the loss, \
         of training or validation rows, whichever is less",
    value: 0.15,
    source: "runs that settle change by under 5 % an epoch",
};

/// The largest relative step of any layer early in the run: the second largest of the
/// first few measurements of each layer, so that one odd batch does not decide; where
/// units died of it, one is enough. The output layer is left out: it may start at zeros.
pub(super) fn early_ratio(run: &Run) -> Option<f64> {
    let hidden = run.measures.layers.split_last()?.1;
    let died = super::dead_units::died(run);
    let of = |layer: &String| {
        let ratios = run.measures.update_ratio(layer);
        let mut early: Vec<f64> = ratios.iter().take(5).map(|(_, r)| *r).collect();
        early.sort_by(|a, b| b.total_cmp(a));
        early.get(usize::from(!died)).or(early.first()).copied()
    };
    hidden.iter().filter_map(of).max_by(f64::total_cmp)
}

/// How far each layer has walked relative to its weights: its median relative step
/// times the steps. The layer that walked farthest counts.
pub(super) fn walked(run: &Run) -> Option<f64> {
    let steps = planned(run)?;
    let of = |layer: &String| {
        let ratios = run.measures.update_ratio(layer);
        crate::measures::median(&ratios).map(|r| r * steps)
    };
    run.measures.layers.iter().filter_map(of).max_by(f64::total_cmp)
}

/// Whether the last quarter of the epochs is clearly better than the one before: noise
/// is then no matter.
pub(super) fn still_falls(curve: &Curve) -> bool {
    let quarter = (curve.epochs.len() / 4).max(1);
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len().max(1) as f64;
    let mut parts = curve.epochs.rchunks(quarter);
    match (parts.next(), parts.next()) {
        (Some(last), Some(before)) => mean(last) < 0.85 * mean(before),
        _ => false,
    }
}

/// The steps of a run, or those that it would have had if it was stopped early to be
/// judged.
fn planned(run: &Run) -> Option<f64> {
    let done = run.steps.last()?.step;
    let start = run.start.as_ref().filter(|_| run.brief);
    Some(start.map_or(done, |s| done.max(s.epochs * s.steps_per_epoch)) as f64)
}

/// By how much the loss leaps from epoch to epoch over the last half, as a share of it: of
/// training and validation loss the smaller. Weights that are thrown about show on both;
/// dropout and few rows make only the one of them leap. `None` with fewer than eight epochs.
pub(super) fn late_roughness(curve: &Curve) -> Option<f64> {
    let known = roughness(&curve.epochs)?;
    let new = Some(&curve.validation).filter(|new| new.len() == curve.epochs.len());
    Some(new.and_then(|new| roughness(new)).map_or(known, |new| known.min(new)))
}

/// The mean change over the last half, relative to its mean.
fn roughness(losses: &[f64]) -> Option<f64> {
    let late = losses.get(losses.len() / 2..)?;
    if losses.len() < 8 {
        return None;
    }
    let mean = late.iter().sum::<f64>() / late.len() as f64;
    // What the loss fell by in all is no roughness.
    let trend = (late.first()? - late.last()?).abs();
    let path: f64 = late.windows(2).map(|w| (w[1] - w[0]).abs()).sum();
    let changes = late.len() as f64 - 1.0;
    (mean > 0.0).then(|| (path - trend).max(0.0) / changes / mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(epochs: &[f64], validation: &[f64]) -> Curve {
        Curve {
            first: 1.0,
            blocks: epochs.to_vec(),
            epochs: epochs.to_vec(),
            validation: validation.to_vec(),
            baseline: None,
            bound: None,
            steps: None,
            peak: 1.0,
            twice: 1.0,
            stayed: 1.0,
            noise: None,
        }
    }

    #[test]
    fn a_loss_leaps_if_it_does_on_new_rows_too() {
        let (calm, leaping) = ([0.5; 8], [0.5, 0.5, 0.5, 0.5, 0.4, 0.6, 0.4, 0.6]);
        let rough = |known: &[f64], new: &[f64]| late_roughness(&curve(known, new));
        assert!(rough(&leaping, &leaping) > Some(0.2));
        assert_eq!(rough(&leaping, &[]), rough(&leaping, &leaping));
        assert_eq!(rough(&leaping, &calm), Some(0.0));
        assert_eq!(rough(&calm, &leaping), Some(0.0));
        assert_eq!(rough(&leaping[..7], &[]), None);
    }
}
