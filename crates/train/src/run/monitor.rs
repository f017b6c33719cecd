//! Which epoch is the best so far, and how long ago it was.

use crate::folder::checkpoint::{Best, Position};
use crate::folder::event::Measures;
use crate::runfile::checked::{Monitor, Train};

/// Takes note of the measures of the epoch that `position` has just finished;
/// whether it is the best so far.
pub fn observe(position: &mut Position, train: &Train, measures: &Measures) -> bool {
    let get = |name: &str| measures.get(name).map(|n| n.0);
    let loss = get("loss").unwrap_or(f64::NAN);
    let accuracy = get("accuracy").unwrap_or(f64::NEG_INFINITY);
    let mut plateau = gradwise_nn::Plateau {
        best: position.plateau.best.0,
        waited: position.plateau.waited,
        factor: position.plateau.factor,
    };
    plateau.observe(train.schedule.decay, loss);
    position.plateau.best = plateau.best.into();
    position.plateau.waited = plateau.waited;
    position.plateau.factor = plateau.factor;
    let Best { loss: least, accuracy: highest, epoch } = position.best;
    let better = match train.monitor {
        Monitor::Accuracy if accuracy != highest.0 => accuracy > highest.0,
        _ => loss < least.0 || (least.0.is_nan() && !loss.is_nan()),
    };
    // The first epoch is the best so far even if its loss is no number.
    if better || epoch == 0 {
        let (loss, accuracy) = (loss.into(), accuracy.into());
        position.best = Best { epoch: position.epoch, loss, accuracy };
        position.waited = 0;
        return true;
    }
    position.waited += 1;
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn train(monitor: Monitor) -> Train {
        let text = "[data]\nsource = \"digits\"\n";
        let mut checked = crate::runfile::parse(text, "run.toml".as_ref(), &[]).unwrap();
        checked.train.monitor = monitor;
        checked.train
    }

    fn best_of(monitor: Monitor, epochs: &[(f64, f64)]) -> (u64, u64) {
        let (train, mut position) = (train(monitor), Position::default());
        for (loss, accuracy) in epochs {
            position.epoch += 1;
            let measures =
                [("loss".into(), (*loss).into()), ("accuracy".into(), (*accuracy).into())];
            observe(&mut position, &train, &measures.into());
        }
        (position.best.epoch, position.waited)
    }

    #[test]
    fn the_best_is_by_loss_or_by_accuracy_with_ties_by_loss() {
        let epochs = [(0.5, 0.8), (0.4, 0.9), (0.3, 0.9), (0.35, 0.9), (0.2, 0.85)];
        assert_eq!(best_of(Monitor::Loss, &epochs), (5, 0));
        assert_eq!(best_of(Monitor::Accuracy, &epochs), (3, 2));
    }

    #[test]
    fn a_loss_that_is_no_number_is_never_better() {
        assert_eq!(best_of(Monitor::Loss, &[(f64::NAN, 0.1), (0.5, 0.1), (f64::NAN, 0.9)]), (2, 1));
    }
}
