//! [`Distribution`]: how long something took, as the numbers that people compare, and as a histogram to draw.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// The histogram is made coarser until it has no more entries than this: enough for a drawing, little in a file.
const ENTRIES_MAX: usize = 500;

/// Of some times, all in µs. "p99" is the time that 99 % did not exceed, to three significant digits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// How many times there were.
    pub count: u64,
    /// The shortest.
    pub min: f64,
    /// The mean, for those who add up; it says nothing of what people wait for.
    pub mean: f64,
    /// The median.
    pub p50: f64,
    /// 90 %.
    pub p90: f64,
    /// 99 %.
    pub p99: f64,
    /// 99.9 %.
    pub p99_9: f64,
    /// 99.99 %.
    pub p99_99: f64,
    /// The longest.
    pub max: f64,
    /// Pairs of a time and a count, ascending: so many were no longer than this time, and longer than that of the pair
    /// before. Every count is above 0, and they sum up to `count`. Empty where only the numbers above matter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub histogram: Vec<(f64, u64)>,
}

impl Distribution {
    /// Of times in ns, with their histogram; `None` if there are none.
    #[must_use]
    pub fn of(times_ns: &Histogram<u64>) -> Option<Self> {
        Some(Self { histogram: compact(times_ns), ..Self::summary(times_ns)? })
    }

    /// The numbers alone.
    #[must_use]
    pub fn summary(times_ns: &Histogram<u64>) -> Option<Self> {
        let at = |quantile| micros(times_ns.value_at_quantile(quantile));
        (!times_ns.is_empty()).then(|| Self {
            count: times_ns.len(),
            min: micros(times_ns.min()),
            mean: times_ns.mean().round() / 1000.0,
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p99_9: at(0.999),
            p99_99: at(0.9999),
            max: micros(times_ns.max()),
            histogram: Vec::new(),
        })
    }
}

/// The finest form that has few enough entries. A step is a power of two of ns divided into `2^fineness` parts; three digits are
/// steps of fineness 10 to 11, so that no entry of theirs lies in two coarser steps, and every bound stays exact.
fn compact(times_ns: &Histogram<u64>) -> Vec<(f64, u64)> {
    let at_fineness = |fineness: u32| {
        let mut steps: BTreeMap<(u32, u64), (u64, u64)> = BTreeMap::new();
        for entry in times_ns.iter_recorded() {
            let (bound, count) = (entry.value_iterated_to(), entry.count_at_value());
            let magnitude = bound.max(1).ilog2();
            let step = steps.entry((magnitude, bound >> magnitude.saturating_sub(fineness))).or_default();
            *step = (bound, step.1 + count);
        }
        steps
    };
    let steps = (0..=10).rev().map(at_fineness).find(|steps| steps.len() <= ENTRIES_MAX);
    let steps = steps.expect("there are only 64 powers of two");
    steps.into_values().map(|(bound, count)| (micros(bound), count)).collect()
}

/// Nanoseconds in µs.
#[expect(clippy::cast_precision_loss, reason = "2^52 ns are 52 days")]
fn micros(ns: u64) -> f64 {
    ns as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use hdrhistogram::Histogram;
    use proptest::prelude::*;

    use super::*;

    fn histogram(times_ns: &[u64]) -> Histogram<u64> {
        let mut histogram = Histogram::new(3).expect("three digits");
        for time in times_ns {
            histogram.record(*time).expect("it grows");
        }
        histogram
    }

    #[test]
    fn nothing_has_no_distribution() {
        assert_eq!(Distribution::of(&histogram(&[])), None);
    }

    #[test]
    fn what_fits_is_kept_to_the_last_digit() {
        let distribution = Distribution::of(&histogram(&[1000, 1000, 2500, 900_000])).expect("not empty");
        assert_eq!(distribution.histogram, [(1.0, 2), (2.501, 1), (900.095, 1)]);
        assert_eq!((distribution.min, distribution.max), (1.0, 900.095));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// The histogram in the report tells the same percentiles as the full one, up to the width of a step.
        #[test]
        fn a_compact_histogram_loses_no_count_and_keeps_percentiles(
            times in prop::collection::vec((0_u32..37, any::<u64>()).prop_map(|(bits, time)| time % (1 << bits)), 1..1500),
        ) {
            let full = histogram(&times);
            let distribution = Distribution::of(&full).expect("not empty");
            let compact = &distribution.histogram;
            prop_assert!(compact.len() <= ENTRIES_MAX);
            prop_assert_eq!(compact.iter().map(|(_, count)| count).sum::<u64>(), full.len());
            prop_assert!(compact.is_sorted_by(|one, other| one.0 < other.0));
            for (bound, _) in compact {
                // Rounding to whole ns first: µs with three digits are not exact in binary.
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was an integer")]
                let bound_ns = (bound * 1000.0).round() as u64;
                let up_to: u64 = compact.iter().filter(|(other, _)| other <= bound).map(|(_, count)| count).sum();
                prop_assert_eq!(up_to, full.count_between(0, bound_ns), "up to {}", bound);
            }
            for quantile in [0.5, 0.9, 0.99, 0.999, 0.9999, 1.0] {
                let exact = micros(full.value_at_quantile(quantile));
                let found = at_quantile(compact, quantile);
                prop_assert!(found >= exact && found <= exact * 1.13, "{quantile}: {found} for {exact}");
            }
        }
    }

    /// As the page does it.
    #[expect(clippy::cast_precision_loss, reason = "few")]
    fn at_quantile(compact: &[(f64, u64)], quantile: f64) -> f64 {
        let all: u64 = compact.iter().map(|(_, count)| count).sum();
        let mut seen = 0;
        let entry = compact.iter().find(|(_, count)| {
            seen += count;
            seen as f64 >= quantile * all as f64
        });
        entry.expect("the last has seen all").0
    }
}
