use crate::MetricError;
use crate::check::{at_least, bounded, numbers};
use crate::special::chi_square_tail;

/// The histogram of probability integral transforms, F(y) of each held-out y under the model's distribution function F: flat
/// if the model is calibrated, a ∪ if its distributions are too narrow, a ∩ if they are too wide.
///
/// Where y is discrete, give F(y−) + u (F(y) − F(y−)) with a random u: F(y) alone is not uniform.
///
/// Source: Gneiting, Balabdaoui and Raftery, "Probabilistic forecasts, calibration and sharpness", 2007.
///
/// ```
/// let values: Vec<f64> = (0..1000).map(|i| (f64::from(i) + 0.5) / 1000.0).collect();
/// let histogram = thalweg_metrics::PitHistogram::of(&values, 10)?;
/// assert_eq!(histogram.counts(), [100; 10]);
/// assert!(histogram.deviation() < 1e-12 && histogram.p_value() > 0.999);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PitHistogram {
    counts: Vec<usize>,
}

impl PitHistogram {
    /// The histogram of values `[n]` in 0 to 1 in bins of equal width; a value at an edge counts to the bin above, 1 to the
    /// last.
    ///
    /// # Errors
    /// [`MetricError`] if there are no values, or one is not in 0 to 1.
    ///
    /// # Panics
    /// If there are fewer than 2 bins.
    pub fn of(values: &[f64], bins: usize) -> Result<Self, MetricError> {
        assert!(
            bins >= 2,
            "a PIT histogram needs at least 2 bins, got {bins}"
        );
        at_least("the PIT values", values.len(), 1)?;
        numbers("the PIT values", values)?;
        bounded("the PIT values", values, "in 0 to 1", |value| {
            (0.0..=1.0).contains(&value)
        })?;
        let mut counts = vec![0; bins];
        for value in values {
            counts[((value * bins as f64) as usize).min(bins - 1)] += 1;
        }
        Ok(Self { counts })
    }

    /// The number of values in each bin.
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// The largest difference, over all bins, of the share of values from 1 / bins.
    pub fn deviation(&self) -> f64 {
        let (n, expected) = (self.size(), 1.0 / self.counts.len() as f64);
        let parts = self.counts.iter().map(|count| *count as f64 / n - expected);
        parts.fold(0.0, |largest, part| part.abs().max(largest))
    }

    /// Pearson's χ² = Σₖ (nₖ − n / bins)² / (n / bins).
    ///
    /// ```
    /// use thalweg_metrics::PitHistogram;
    ///
    /// // Three of four values in the first of two bins: (3 − 2)²/2 twice.
    /// assert_eq!(PitHistogram::of(&[0.1, 0.2, 0.3, 0.9], 2)?.chi_square(), 1.0);
    /// # Ok::<(), thalweg_metrics::MetricError>(())
    /// ```
    pub fn chi_square(&self) -> f64 {
        let expected = self.size() / self.counts.len() as f64;
        let parts = self.counts.iter().map(|count| *count as f64 - expected);
        parts.map(|part| part * part / expected).sum()
    }

    /// The probability of at least this χ² for uniform values: the chi-square distribution with bins − 1 degrees of freedom,
    /// which holds well from about 5 values a bin on.
    pub fn p_value(&self) -> f64 {
        chi_square_tail(self.chi_square(), self.counts.len() - 1)
    }

    fn size(&self) -> f64 {
        self.counts.iter().sum::<usize>() as f64
    }
}
