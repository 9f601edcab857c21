//! The Kolmogorov–Smirnov tests.

use crate::MetricError;
use crate::check::{at_least, bounded, numbers, same_length, weight_sum};
use crate::kolmogorov_law::{one_sample_tail, two_sample_tail};
use crate::rank::{ascending, sorted};
use crate::special::kolmogorov_tail;
use crate::weights::effective_size;

/// The result of a test of significance.
///
/// See [`ks_one_sample_uniform`] for an example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Test {
    /// The distance between the distributions.
    pub statistic: f64,
    /// The probability of at least this distance where the distributions are equal.
    pub p_value: f64,
}

/// The largest difference between the empirical distribution of `values` and the uniform one on 0 to 1,
///
/// D = supₓ |Fₙ(x) − x|.
///
/// The p-value is exact for up to 100 values (to about 1e-13, by the matrix power of Marsaglia, Tsang and Wang) and
/// beyond is Kolmogorov's limit with Vrbik's correction for finite n (to about 1e-4). `values` has the shape `[n]`. To test
/// against another distribution, give its distribution function at the values.
///
/// # Errors
/// [`MetricError`] if there are no values, or one is not in 0 to 1.
///
/// Sources: Marsaglia, Tsang and Wang, "Evaluating Kolmogorov's distribution", 2003; Vrbik, "Small-sample corrections to
/// Kolmogorov–Smirnov test statistic", 2018.
///
/// ```
/// use thalweg_metrics::{Test, ks_one_sample_uniform};
///
/// let Test { statistic, p_value } = ks_one_sample_uniform(&[0.1, 0.3, 0.5, 0.9])?;
/// assert!((statistic - 0.25).abs() < 1e-12 && p_value > 0.9);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
pub fn ks_one_sample_uniform(values: &[f64]) -> Result<Test, MetricError> {
    const WHAT: &str = "the values";
    at_least(WHAT, values.len(), 1)?;
    numbers(WHAT, values)?;
    bounded(WHAT, values, "in 0 to 1", |v| (0.0..=1.0).contains(&v))?;
    let n = values.len() as f64;
    let largest = |largest: f64, (index, value): (usize, &f64)| {
        let (below, at) = (index as f64 / n, (index + 1) as f64 / n);
        largest.max(value - below).max(at - value)
    };
    let statistic = sorted(values).iter().enumerate().fold(0.0, largest);
    Ok(Test {
        statistic,
        p_value: one_sample_tail(statistic, values.len()),
    })
}

/// The largest difference between the empirical distributions of two samples,
///
/// D = supₓ |Fₙ(x) − Gₘ(x)|.
///
/// The p-value is exact where n m ≤ 4 000 000 (Hodges' count of lattice paths; with ties it errs to the safe side, which is
/// larger) and else is Kolmogorov's limit at the effective size n m / (n + m) with Vrbik's correction. The shapes are `[n]`
/// and `[m]`. Values may be infinite.
///
/// # Errors
/// [`MetricError`] if a sample is empty, or a value is not a number.
///
/// Sources: Hodges, "The significance probability of the Smirnov two-sample test", 1958; Vrbik, "Small-sample corrections to
/// Kolmogorov–Smirnov test statistic", 2018.
///
/// ```
/// let test = thalweg_metrics::ks_two_sample(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0])?;
/// assert_eq!(test.statistic, 1.0);
/// assert!((test.p_value - 0.1).abs() < 1e-12); // 2 of the 20 orders of six values
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
pub fn ks_two_sample(a: &[f64], b: &[f64]) -> Result<Test, MetricError> {
    let statistic = distance((a, &vec![1.0; a.len()]), (b, &vec![1.0; b.len()]))?;
    Ok(Test {
        statistic,
        p_value: two_sample_tail(statistic, a.len(), b.len()),
    })
}

/// [`ks_two_sample`] of samples with weights.
///
/// The p-value is Kolmogorov's limit at the effective sizes of Kish, which is approximate: weights are taken to be
/// importances, not counts of equal rows.
///
/// # Errors
/// Those of [`ks_two_sample`], and if a weight is negative or not finite, or all weights of a sample are zero.
///
/// # Panics
/// If a sample and its weights have two lengths.
///
/// ```
/// use thalweg_metrics::ks_two_sample_weighted;
///
/// let test = ks_two_sample_weighted((&[1.0, 2.0], &[1.0, 3.0]), (&[1.0, 2.0], &[1.0, 1.0]))?;
/// assert_eq!(test.statistic, 0.25);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
pub fn ks_two_sample_weighted(
    a: (&[f64], &[f64]),
    b: (&[f64], &[f64]),
) -> Result<Test, MetricError> {
    let statistic = distance(a, b)?;
    let (n, m) = (effective_size(a.1), effective_size(b.1));
    Ok(Test {
        statistic,
        p_value: kolmogorov_tail(statistic * (n * m / (n + m)).sqrt()),
    })
}

#[track_caller]
fn distance(a: (&[f64], &[f64]), b: (&[f64], &[f64])) -> Result<f64, MetricError> {
    let a = Steps::of(["the first sample", "weights of the first sample"], a)?;
    let b = Steps::of(["the second sample", "weights of the second sample"], b)?;
    let values = a.values.iter().chain(&b.values);
    Ok(values.fold(0.0, |largest, value| {
        (a.share(*value) - b.share(*value)).abs().max(largest)
    }))
}

/// An empirical distribution function.
struct Steps {
    values: Vec<f64>,
    /// The share of all weight up to each value.
    shares: Vec<f64>,
}

impl Steps {
    #[track_caller]
    fn of(
        [what, what_weights]: [&'static str; 2],
        (values, weights): (&[f64], &[f64]),
    ) -> Result<Self, MetricError> {
        same_length((what, values.len()), (what_weights, weights.len()));
        at_least(what, values.len(), 1)?;
        numbers(what, values)?;
        let sum = weight_sum(what_weights, weights)?;
        let order = ascending(values);
        let mut seen = 0.0;
        let shares = order.iter().map(|row| {
            seen += weights[*row];
            seen / sum
        });
        Ok(Self {
            shares: shares.collect(),
            values: order.iter().map(|row| values[*row]).collect(),
        })
    }

    fn share(&self, value: f64) -> f64 {
        match self.values.partition_point(|own| *own <= value) {
            0 => 0.0,
            count => self.shares[count - 1],
        }
    }
}
