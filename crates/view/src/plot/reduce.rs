//! Long curves made short and calm enough to look at.

/// An exponential moving mean over about `window` points, without the pull of its
/// start (as in Adam's bias correction). Points that are not finite stay as they
/// are and do not count.
pub(crate) fn smooth(points: &[(f64, f64)], window: f64) -> Vec<(f64, f64)> {
    let keep = 1.0 - 1.0 / window.max(1.0);
    let (mut sum, mut weight) = (0.0, 0.0);
    let mut out = Vec::with_capacity(points.len());
    for &(x, y) in points {
        if !y.is_finite() {
            out.push((x, y));
            continue;
        }
        sum = keep * sum + (1.0 - keep) * y;
        weight = keep * weight + (1.0 - keep);
        out.push((x, sum / weight));
    }
    out
}

/// At most about `most` points that look the same: of each stretch its lowest and
/// its highest, in order. A gap stays a gap.
pub(crate) fn thin(points: &[(f64, f64)], most: usize) -> Vec<(f64, f64)> {
    if points.len() <= most.max(4) {
        return points.to_vec();
    }
    let stretch = (2 * points.len()).div_ceil(most.max(4));
    let mut out = Vec::with_capacity(most + 2);
    for part in points.chunks(stretch) {
        let finite = part.iter().enumerate().filter(|(_, p)| p.1.is_finite());
        let by_height =
            |a: &(usize, &(f64, f64)), b: &(usize, &(f64, f64))| a.1.1.total_cmp(&b.1.1);
        let (low, high) = (finite.clone().min_by(by_height), finite.max_by(by_height));
        match low.zip(high) {
            Some((low, high)) if low.0 == high.0 => out.push(*low.1),
            Some((low, high)) if low.0 < high.0 => out.extend([*low.1, *high.1]),
            Some((low, high)) => out.extend([*high.1, *low.1]),
            None => out.extend(part.first()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_is_its_own_mean_from_the_start() {
        let points: Vec<_> = (0..10).map(|i| (f64::from(i), 2.0)).collect();
        assert!(smooth(&points, 5.0).iter().all(|p| (p.1 - 2.0).abs() < 1e-12));
    }

    #[test]
    fn thinning_keeps_extremes_and_order() {
        let mut points: Vec<_> = (0..1000).map(|i| (f64::from(i), 0.0)).collect();
        points[501].1 = 9.0;
        points[777].1 = -9.0;
        points[778].1 = f64::NAN;
        let thin = thin(&points, 100);
        assert!(thin.len() <= 110);
        assert!(thin.contains(&(501.0, 9.0)) && thin.contains(&(777.0, -9.0)));
        assert!(thin.windows(2).all(|w| w[0].0 < w[1].0));
    }
}
