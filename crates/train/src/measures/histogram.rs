//! How values are distributed.

/// Bins of a histogram.
const BINS: usize = 64;
/// Values that are counted, about: with so many a bin of an even share has 32, right to a
/// fifth; what lies beside it tells the rest.
const SAMPLE: usize = 2048;

/// How a sample of values is distributed.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// The lower end of the first bin.
    pub low: f32,
    /// The upper end of the last bin.
    pub high: f32,
    /// How many values fell into each of 64 equally wide bins.
    pub counts: Vec<u64>,
}

/// Counts values in 64 equally wide bins between two ends (`None`: their least and
/// most). Of many values about 2048 are counted: short runs, evenly spaced. Values that
/// are not finite are left out; those beyond the ends count to the last bins.
pub fn histogram(values: &[f32], ends: Option<(f32, f32)>) -> Counted {
    // Spaced by an odd number, runs do not fall on the same columns of each row.
    let every = (values.len() / SAMPLE).max(1) | 1;
    let runs = || values.chunks(LANES).step_by(every);
    let (low, high) = ends.unwrap_or_else(|| extremes(runs()));
    let width = (high - low) / BINS as f32;
    let scale = if width > 0.0 { width.recip() } else { 0.0 };
    // Numbers that are not finite have a bin of their own, which is dropped. Of equal
    // numbers in a row each waits for the count before it: they are counted apart.
    let mut counts = [[0u32; BINS + 1]; APART];
    for chunk in runs() {
        let mut bins = [0; LANES];
        for (bin, x) in bins.iter_mut().zip(chunk) {
            let within = (((x - low) * scale) as i32).clamp(0, BINS as i32 - 1);
            *bin = if x.is_finite() { within } else { BINS as i32 };
        }
        let filled = bins.get(..chunk.len()).unwrap_or(&bins);
        for together in filled.chunks(APART) {
            for (counts, bin) in counts.iter_mut().zip(together) {
                counts[*bin as usize] += 1;
            }
        }
    }
    let count = |bin| counts.iter().map(|counts| u64::from(counts[bin])).sum();
    Counted { low, high, counts: (0..BINS).map(count).collect() }
}

/// Numbers that are counted side by side.
const APART: usize = 4;
/// Numbers whose bins are found side by side.
const LANES: usize = 16;

/// The least and the most of the finite values; 0 without any.
fn extremes<'a>(runs: impl Iterator<Item = &'a [f32]>) -> (f32, f32) {
    let (mut low, mut high) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
    for chunk in runs {
        for ((low, high), x) in low.iter_mut().zip(&mut high).zip(chunk) {
            let (least, most) = if x.is_finite() { (*x, *x) } else { (*low, *high) };
            (*low, *high) = (low.min(least), high.max(most));
        }
    }
    let low = low.into_iter().fold(f32::INFINITY, f32::min);
    let high = high.into_iter().fold(f32::NEG_INFINITY, f32::max);
    if low <= high { (low, high) } else { (0.0, 0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_its_bin() {
        let values: Vec<f32> = (0..640).map(|i| i as f32 / 10.0).collect();
        let counts = |values: &[f32], ends| histogram(values, ends).counts;
        assert_eq!(counts(&values, Some((0.0, 64.0))), [10; BINS]);
        let found = counts(&[-5.0, f32::NAN, 0.0, 99.0, 1.0], Some((0.0, 1.0)));
        assert_eq!((found[0], found[BINS - 1]), (2, 2));
        assert_eq!(counts(&[2.0; 3], None)[0], 3);
        let found = histogram(&[f32::INFINITY, 1.0, 3.0], None);
        assert_eq!((found.low, found.high, found.counts[BINS - 1]), (1.0, 3.0, 1));
    }

    #[test]
    fn a_large_array_is_sampled_evenly() {
        let values: Vec<f32> = (0..1_000_000).map(|i| (i / 1000) as f32).collect();
        let counts = histogram(&values, Some((0.0, 1000.0))).counts;
        let all: u64 = counts.iter().sum();
        assert!((SAMPLE / 2..2 * SAMPLE).contains(&(all as usize)), "{all}");
        let most = counts.iter().max().copied().unwrap();
        assert!(most < 3 * all / BINS as u64, "{counts:?}");
    }
}
