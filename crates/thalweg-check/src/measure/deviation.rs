//! Differences of numbers that should be equal.

use burn::tensor::Tensor;
use serde::Serialize;

use super::host;

/// Differences of numbers that should be equal.
///
/// A number that is not finite is infinitely far; JSON writes that as `null`.
///
/// See [`RoundTrip`](crate::RoundTrip) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Deviation {
    /// The largest `|found − expected|`.
    pub largest: f64,
    /// The mean of `|found − expected|`.
    pub mean: f64,
    /// The largest `|found − expected| / max(|expected|, σ)`, with `σ` the deviation of the number's column: an error
    /// is compared with the number itself, and near zero with the spread of the column.
    pub relative: f64,
}

impl Deviation {
    /// Of rows.
    pub(super) fn of(expected: Tensor<2>, found: Tensor<2>) -> Self {
        let [rows, columns] = expected.dims();
        let (expected, found) = (host(expected), host(found));
        let units = spreads(&expected, rows, columns);
        let mut all = Self::default();
        let mut sum = 0.0;
        for (index, (expected, found)) in expected.iter().zip(&found).enumerate() {
            let error = distance(*expected, *found);
            let unit = expected.abs().max(units[index % columns]);
            sum += error;
            all.largest = all.largest.max(error);
            if error > 0.0 {
                all.relative = all.relative.max(error / unit);
            }
        }
        all.mean = sum / expected.len().max(1) as f64;
        all
    }
}

/// The distance; infinite where one is not finite and the other is not the same.
pub(super) fn distance(expected: f64, found: f64) -> f64 {
    if expected == found {
        return 0.0;
    }
    let distance = (found - expected).abs();
    if distance.is_finite() {
        distance
    } else {
        f64::INFINITY
    }
}

/// The deviation of each column. One that is constant has the mean of the others, or 1.
fn spreads(numbers: &[f64], rows: usize, columns: usize) -> Vec<f64> {
    let spread = |column: usize| {
        let values = (0..rows).map(|row| numbers[row * columns + column]);
        let mean = values.clone().sum::<f64>() / rows as f64;
        (values.map(|x| (x - mean).powi(2)).sum::<f64>() / rows as f64).sqrt()
    };
    let spreads: Vec<f64> = (0..columns).map(spread).collect();
    let usable = |spread: &&f64| spread.is_finite() && **spread > 0.0;
    let (sum, count) = spreads
        .iter()
        .filter(usable)
        .fold((0.0, 0), |(sum, count), spread| (sum + spread, count + 1));
    let stand_in = if count > 0 {
        sum / f64::from(count)
    } else {
        1.0
    };
    let or_stand_in = |spread: &f64| if usable(&spread) { *spread } else { stand_in };
    spreads.iter().map(or_stand_in).collect()
}

#[cfg(test)]
mod tests {
    use super::{distance, spreads};

    #[test]
    fn a_number_that_is_not_finite_is_infinitely_far() {
        assert_eq!(distance(1.0, f64::NAN), f64::INFINITY);
        assert_eq!(distance(f64::INFINITY, 1.0), f64::INFINITY);
        assert_eq!(distance(f64::NEG_INFINITY, f64::NEG_INFINITY), 0.0);
    }

    #[test]
    fn a_constant_column_has_the_spread_of_the_others() {
        assert_eq!(spreads(&[0.0, 5.0, 4.0, 5.0], 2, 2), [2.0, 2.0]);
        assert_eq!(spreads(&[5.0], 1, 1), [1.0]);
    }
}
