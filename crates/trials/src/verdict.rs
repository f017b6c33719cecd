//! Which variants are better, which are worse, and which cannot be told apart.
//!
//! Every variant is compared with one reference over the same seeds or folds. If the
//! run file itself is among the variants, it is the reference, chosen before anything
//! ran, and the tests are as many as the other variants. Else it is the variant with
//! the best mean. That choice looks at the results, so the tests are then corrected for
//! all pairs of variants, among which it was made.

use crate::metric::Metric;
use crate::stats::{Difference, Sampling, holm, paired};
use serde::{Deserialize, Serialize};

/// A difference counts if, there being none, one as large were rarer than this.
pub const LEVEL: f64 = 0.05;

/// How a variant does beside the reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is the reference.
    Reference,
    /// Better by more than chance.
    Better,
    /// Worse by more than chance.
    Worse,
    /// The seeds carry no difference.
    NoDifference,
    /// Not enough runs to tell.
    #[default]
    Untested,
}

impl Verdict {
    /// The verdict in words.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Reference => "reference",
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::NoDifference => "no difference",
            Verdict::Untested => "untested",
        }
    }
}

/// A variant beside the reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The judgement.
    pub verdict: Verdict,
    /// This variant's metric minus the reference's; its p-value is of this test alone.
    pub difference: Option<Difference>,
    /// The p-value corrected for the number of tests, which the verdict rests on.
    pub p_corrected: Option<f64>,
}

/// The values of a variant, one for each seed or fold: `None` where it was not run, NaN
/// where the training diverged.
pub type Values = Vec<Option<f64>>;

/// The rules of the comparison.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// What is compared.
    pub metric: &'a Metric,
    /// How the values hang together.
    pub sampling: Sampling,
    /// The step of the metric; see [`paired`].
    pub resolution: f64,
}

/// Where the two stand in every seed or fold that both ran.
struct Pairs {
    /// Both numbers, where neither diverged.
    differences: Vec<f64>,
    /// How many both ran.
    all: usize,
    /// How many of them diverged, of each.
    lost: [usize; 2],
}

impl Pairs {
    fn of(a: &Values, b: &Values) -> Pairs {
        let mut pairs = Pairs { differences: Vec::new(), all: 0, lost: [0, 0] };
        for (a, b) in a.iter().zip(b).filter_map(|(a, b)| a.zip(*b)) {
            pairs.all += 1;
            pairs.lost[0] += usize::from(!a.is_finite());
            pairs.lost[1] += usize::from(!b.is_finite());
            if a.is_finite() && b.is_finite() {
                pairs.differences.push(a - b);
            }
        }
        pairs
    }
}

/// The variant with the best mean among those that diverged least; `None` if none has
/// a value. Of equal ones the first.
pub fn best(variants: &[Values], metric: &Metric) -> Option<usize> {
    let score = |values: &Values| {
        let run: Vec<f64> = values.iter().flatten().copied().collect();
        let finite: Vec<f64> = run.iter().copied().filter(|x| x.is_finite()).collect();
        let mean = finite.iter().sum::<f64>() / finite.len() as f64;
        (!finite.is_empty()).then_some((run.len() - finite.len(), mean))
    };
    let scored = variants.iter().enumerate().filter_map(|(i, v)| Some((i, score(v)?)));
    let first = scored.reduce(|a, b| {
        let (lost, mean) = (b.1.0.cmp(&a.1.0), metric.better(b.1.1, a.1.1));
        if lost.is_lt() || (lost.is_eq() && mean) { b } else { a }
    });
    first.map(|(index, _)| index)
}

/// Compares every variant with the reference: `base`, or the best one.
///
/// The reference, and one comparison for each variant.
pub fn judge(
    variants: &[Values],
    base: Option<usize>,
    rules: &Rules<'_>,
) -> (Option<usize>, Vec<Comparison>) {
    let reference = base.or_else(|| best(variants, rules.metric));
    let mut comparisons = vec![Comparison::default(); variants.len()];
    let Some(at) = reference.filter(|at| *at < variants.len()) else { return (None, comparisons) };
    let tested = |a: usize, b: usize| {
        let pairs = Pairs::of(&variants[a], &variants[b]);
        paired(&pairs.differences, rules.sampling, rules.resolution).map(|found| (a, b, found))
    };
    let others = (0..variants.len()).filter(|i| *i != at);
    let mut tests: Vec<_> = others.clone().filter_map(|i| tested(i, at)).collect();
    let own = tests.len();
    if base.is_none() {
        // The pairs without the reference count for the correction alone.
        let pairs = others.clone().flat_map(|a| others.clone().map(move |b| (a, b)));
        tests.extend(pairs.filter(|(a, b)| a < b).filter_map(|(a, b)| tested(a, b)));
    }
    let corrected = holm(&tests.iter().map(|(_, _, found)| found.p).collect::<Vec<_>>());
    for ((index, _, found), p) in tests.iter().zip(corrected).take(own) {
        comparisons[*index] = Comparison {
            verdict: by_test(found, p, rules.metric),
            difference: Some(*found),
            p_corrected: Some(p),
        };
    }
    for index in others {
        let pairs = Pairs::of(&variants[index], &variants[at]);
        if let Some(verdict) = by_divergence(&pairs, comparisons[index].verdict) {
            comparisons[index].verdict = verdict;
        }
    }
    comparisons[at].verdict = Verdict::Reference;
    (Some(at), comparisons)
}

fn by_test(found: &Difference, p: f64, metric: &Metric) -> Verdict {
    match p <= LEVEL {
        false => Verdict::NoDifference,
        true if metric.better(found.mean, 0.0) => Verdict::Better,
        true => Verdict::Worse,
    }
}

/// A training that diverges has no value to test, but it is worse than one that does
/// not. `None`: the test's verdict stands.
fn by_divergence(pairs: &Pairs, verdict: Verdict) -> Option<Verdict> {
    let [own, reference] = pairs.lost;
    let often = |more: usize, less: usize| pairs.all >= 2 && 2 * more.abs_diff(less) >= pairs.all;
    match own.cmp(&reference) {
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater if often(own, reference) => Some(Verdict::Worse),
        std::cmp::Ordering::Less if often(own, reference) => Some(Verdict::Better),
        // Better numbers where it works do not outweigh that it works less often.
        std::cmp::Ordering::Greater if verdict == Verdict::Better => Some(Verdict::NoDifference),
        std::cmp::Ordering::Less if verdict == Verdict::Worse => Some(Verdict::NoDifference),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f64 = f64::NAN;

    fn values(values: &[f64]) -> Values {
        values.iter().copied().map(Some).collect()
    }

    fn verdicts(variants: &[&[f64]], base: Option<usize>, metric: &str) -> Vec<Verdict> {
        let variants: Vec<Values> = variants.iter().map(|v| values(v)).collect();
        let metric = Metric::new(metric);
        let rules = Rules { metric: &metric, sampling: Sampling::Seeds, resolution: 0.0 };
        judge(&variants, base, &rules).1.iter().map(|c| c.verdict).collect()
    }

    #[test]
    fn a_difference_in_every_seed_counts_and_one_within_the_spread_does_not() {
        let base = [0.90, 0.92, 0.91];
        let (same, lower) = ([0.91, 0.91, 0.92], [0.50, 0.55, 0.52]);
        use Verdict::{Better, NoDifference, Reference, Worse};
        let found = verdicts(&[&base, &same, &lower], Some(0), "accuracy");
        assert_eq!(found, [Reference, NoDifference, Worse]);
        let found = verdicts(&[&base, &same, &lower], Some(0), "rmse");
        assert_eq!(found, [Reference, NoDifference, Better]);
        assert_eq!(verdicts(&[&base, &base], Some(0), "accuracy"), [Reference, NoDifference]);
    }

    #[test]
    fn without_a_base_the_best_is_the_reference_and_all_pairs_count() {
        let variants = [values(&[0.5, 0.51]), values(&[0.9, 0.915]), values(&[0.7, 0.74])];
        let metric = Metric::new("accuracy");
        let rules = Rules { metric: &metric, sampling: Sampling::Seeds, resolution: 0.0 };
        let (reference, found) = judge(&variants, None, &rules);
        assert_eq!(reference, Some(1));
        let (_, with_base) = judge(&variants, Some(1), &rules);
        assert!(found[0].p_corrected > with_base[0].p_corrected);
        assert_eq!(found[0].difference, with_base[0].difference);
    }

    #[test]
    fn a_variant_that_diverges_is_worse_whatever_its_numbers() {
        use Verdict::{Better, NoDifference, Reference, Worse};
        let (base, lost, rarely) = ([0.5, 0.52, 0.51], [NAN; 3], [0.9, 0.92, NAN]);
        assert_eq!(verdicts(&[&base, &lost], Some(0), "accuracy"), [Reference, Worse]);
        assert_eq!(verdicts(&[&lost, &base], Some(0), "accuracy"), [Reference, Better]);
        assert_eq!(verdicts(&[&base, &rarely], Some(0), "accuracy"), [Reference, NoDifference]);
        assert_eq!(verdicts(&[&lost, &base], None, "accuracy"), [Worse, Reference]);
        assert_eq!(verdicts(&[&lost, &lost], Some(0), "loss"), [Reference, Verdict::Untested]);
    }

    #[test]
    fn one_run_each_tells_nothing() {
        let found = verdicts(&[&[0.5], &[0.9]], Some(0), "accuracy");
        assert_eq!(found, [Verdict::Reference, Verdict::Untested]);
        let missing: Vec<Values> = vec![vec![None; 3], vec![Some(1.0), None, None]];
        assert_eq!(best(&missing, &Metric::new("loss")), Some(1));
        assert_eq!(best(&[], &Metric::new("loss")), None);
    }
}
