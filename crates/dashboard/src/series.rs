//! Many points as few: what lies between two dots of a screen is drawn as a band
//! from its least to its greatest value, so that no spike is lost.
//!
//! A bucket holds 1, 2, 4, … points, so that while a run grows the buckets already
//! drawn stay as they are, until all are halved at once.

use serde::Serialize;

/// Points in buckets, one vector for each thing that is told of them. Values that are
/// not finite are left out of a bucket; one without any finite value is null in JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Buckets {
    /// Points in a bucket.
    pub size: usize,
    /// The last step of each.
    pub step: Vec<u64>,
    /// The least value.
    pub low: Vec<f32>,
    /// The mean.
    pub mean: Vec<f32>,
    /// The greatest.
    pub high: Vec<f32>,
}

/// Puts points (step, value) into at most `most` buckets.
pub fn buckets(points: &[(u64, f64)], most: usize) -> Buckets {
    let size = points.len().div_ceil(most.max(1)).next_power_of_two().max(1);
    let mut buckets = Buckets { size, ..Buckets::default() };
    for chunk in points.chunks(size) {
        let finite = || chunk.iter().map(|(_, y)| *y).filter(|y| y.is_finite());
        let count = finite().count() as f64;
        let bound = |value: f64| if count > 0.0 { value as f32 } else { f32::NAN };
        buckets.step.push(chunk.last().map_or(0, |(step, _)| *step));
        buckets.low.push(bound(finite().fold(f64::INFINITY, f64::min)));
        buckets.mean.push(bound(finite().sum::<f64>() / count));
        buckets.high.push(bound(finite().fold(f64::NEG_INFINITY, f64::max)));
    }
    buckets
}

/// Places of at most `most` of `count` things, evenly, with the first and the last.
pub fn thinned(count: usize, most: usize) -> Vec<usize> {
    let most = most.max(2);
    if count <= most {
        return (0..count).collect();
    }
    (0..most).map(|i| i * (count - 1) / (most - 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spike_is_lost() {
        let mut points: Vec<(u64, f64)> = (1..=10_000).map(|i| (i, 1.0)).collect();
        points[7_000].1 = 9.0;
        points[7_001].1 = -3.0;
        points[7_002].1 = f64::NAN;
        let few = buckets(&points, 500);
        assert!(few.step.len() <= 500 && few.size == 32, "{}", few.size);
        assert_eq!(few.high.iter().copied().fold(0.0, f32::max), 9.0);
        assert_eq!(few.low.iter().copied().fold(0.0, f32::min), -3.0);
        assert_eq!((few.step[0], few.step.last()), (32, Some(&10_000)));
    }

    #[test]
    fn buckets_stay_while_points_are_added() {
        let points: Vec<(u64, f64)> = (0..1000).map(|i| (i, (i * i % 97) as f64)).collect();
        let (before, after) = (buckets(&points[..900], 256), buckets(&points, 256));
        assert_eq!(before.size, after.size);
        assert_eq!(before.mean[..200], after.mean[..200]);
    }

    #[test]
    fn nothing_and_nothing_finite() {
        assert!(buckets(&[], 10).step.is_empty());
        let one = buckets(&[(1, f64::INFINITY)], 0);
        assert!(one.mean[0].is_nan() && one.low[0].is_nan());
    }

    #[test]
    fn thinning_keeps_the_ends() {
        assert_eq!(thinned(3, 10), [0, 1, 2]);
        assert_eq!(thinned(101, 3), [0, 50, 100]);
        assert_eq!(thinned(5, 0), [0, 4]);
        assert!(thinned(0, 4).is_empty());
    }
}
