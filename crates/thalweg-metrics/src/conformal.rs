use crate::MetricError;
use crate::check::{at_least, bounded, numbers, same_length, weight_sum};
use crate::rank::ascending;

/// The scores of calibration rows, by which a new row's score becomes a p-value.
///
/// A score says how strange a row is: −ln p of a density, for example. The calibration rows must be rows of the ordinary
/// kind on which the model was *not* fitted. The conformal p-value of a new score s is
///
/// p = (1 + #{sᵢ ≥ s}) / (n + 1).
///
/// If the new row and the calibration rows are exchangeable (drawn alike, in any order), then P(p ≤ α) ≤ α for each α, for
/// each n, whatever the model; and P(p ≤ α) > α − 1 / (n + 1) where scores do not tie. That holds on average over draws of the
/// calibration rows; for one draw the false-alarm rate at α scatters by about √(α (1 − α) / n).
///
/// Weights count a calibration row as often as its weight says; the new row has the mean weight of the calibration rows. The
/// bound is then exact for equal weights and approximate for others.
///
/// Sources: Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005; Bates, Candès, Lei, Romano and Sesia,
/// "Testing for outliers with conformal p-values", 2023.
///
/// ```
/// use thalweg_metrics::Calibration;
///
/// let calibration = Calibration::new(&[0.3, 0.1, 0.2, 0.4])?;
/// assert_eq!(calibration.p_values(&[0.05, 0.25, 9.0])?, [1.0, 0.6, 0.2]);
/// let limit = calibration.threshold(0.4)?;
/// assert!(!(0.3 > limit) && 0.35 > limit);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// From the lowest to the highest.
    scores: Vec<f64>,
    /// The weight of the scores from each place on, and 0 at the end.
    from: Vec<f64>,
    /// The weight of a new row.
    new: f64,
}

impl Calibration {
    /// Calibration by the scores `[n]` of rows that count alike. Scores may be infinite.
    ///
    /// # Errors
    /// [`MetricError`] if there are no scores, or one is not a number.
    pub fn new(scores: &[f64]) -> Result<Self, MetricError> {
        Self::weighted(scores, &vec![1.0; scores.len()])
    }

    /// Calibration by the scores `[n]` of rows with weights `[n]`.
    ///
    /// ```
    /// use thalweg_metrics::Calibration;
    ///
    /// // A row of weight 0 does not count.
    /// let calibration = Calibration::weighted(&[1.0, 2.0, 3.0], &[1.0, 0.0, 1.0])?;
    /// assert_eq!(calibration.rows(), 2);
    /// # Ok::<(), thalweg_metrics::MetricError>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`new`](Self::new), and if a weight is negative or not finite, or all are zero.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn weighted(scores: &[f64], weights: &[f64]) -> Result<Self, MetricError> {
        same_length(("scores", scores.len()), ("weights", weights.len()));
        at_least("the calibration scores", scores.len(), 1)?;
        numbers("the calibration scores", scores)?;
        weight_sum("the calibration weights", weights)?;
        // Rows without weight do not count, also not in the mean.
        let mut order = ascending(scores);
        order.retain(|row| weights[*row] > 0.0);
        let mut from = vec![0.0; order.len() + 1];
        for (place, row) in order.iter().enumerate().rev() {
            from[place] = from[place + 1] + weights[*row];
        }
        Ok(Self {
            new: from[0] / order.len() as f64,
            scores: order.iter().map(|row| scores[*row]).collect(),
            from,
        })
    }

    /// The number of calibration rows with weight.
    pub fn rows(&self) -> usize {
        self.scores.len()
    }

    /// The p-value of each score, `[m]`: small for a strange row, at least 1 / (n + 1).
    ///
    /// # Errors
    /// [`MetricError`] if a score is not a number.
    pub fn p_values(&self, scores: &[f64]) -> Result<Vec<f64>, MetricError> {
        numbers("the scores", scores)?;
        let p_value = |score: &f64| (self.at_least(*score) + self.new) / self.total();
        Ok(scores.iter().map(p_value).collect())
    }

    /// The smoothed p-value of each score, which is uniform on 0 to 1 exactly for exchangeable rows, with ties or without,
    ///
    /// p = (#{sᵢ > s} + u (1 + #{sᵢ = s})) / (n + 1).
    ///
    /// `uniform` has a random number in 0 to 1 for each score. For tests of calibration; the result of one row is random, so
    /// alarms take [`p_values`](Self::p_values).
    ///
    /// # Errors
    /// [`MetricError`] if a score is not a number, or a random number is not in 0 to 1.
    ///
    /// # Panics
    /// If the lengths differ.
    ///
    /// ```
    /// let calibration = thalweg_metrics::Calibration::new(&[1.0, 2.0, 2.0])?;
    /// assert_eq!(calibration.smoothed_p_values(&[2.0], &[0.5])?, [1.5 / 4.0]);
    /// # Ok::<(), thalweg_metrics::MetricError>(())
    /// ```
    pub fn smoothed_p_values(
        &self,
        scores: &[f64],
        uniform: &[f64],
    ) -> Result<Vec<f64>, MetricError> {
        same_length(("scores", scores.len()), ("random numbers", uniform.len()));
        numbers("the scores", scores)?;
        numbers("the random numbers", uniform)?;
        bounded("the random numbers", uniform, "in 0 to 1", |u| {
            (0.0..=1.0).contains(&u)
        })?;
        let p_value = |(score, uniform): (&f64, &f64)| {
            let above = self.from[self.scores.partition_point(|own| own <= score)];
            let equal = self.at_least(*score) - above;
            (above + uniform * (equal + self.new)) / self.total()
        };
        Ok(scores.iter().zip(uniform).map(p_value).collect())
    }

    /// The score above which a row's p-value is at most `false_alarm_rate`: raise an alarm where `score > threshold`. It is
    /// the ⌊α (n + 1)⌋-th highest calibration score where rows count alike.
    ///
    /// # Errors
    /// [`MetricError`] if the rate is not above 0 and below 1, or there are too few calibration rows for it: 1 / α − 1 are
    /// needed.
    pub fn threshold(&self, false_alarm_rate: f64) -> Result<f64, MetricError> {
        bounded(
            "the false-alarm rate",
            &[false_alarm_rate],
            "above 0 and below 1",
            |rate| rate > 0.0 && rate < 1.0,
        )?;
        // Rounding must not lose a rate that a count meets exactly.
        let allowed = false_alarm_rate * (1.0 + 1e-12);
        let p_value = |from: f64| (from + self.new) / self.total();
        // A score above that at `place`, but not above the next, has all later ones at or above it.
        let places = 0..self.scores.len();
        let place = places
            .into_iter()
            .find(|place| p_value(self.from[place + 1]) <= allowed);
        place
            .map(|place| self.scores[place])
            .ok_or_else(|| MetricError::Calibration {
                rows: self.rows(),
                smallest: p_value(0.0),
                rate: false_alarm_rate,
            })
    }

    fn at_least(&self, score: f64) -> f64 {
        self.from[self.scores.partition_point(|own| *own < score)]
    }

    fn total(&self) -> f64 {
        self.from[0] + self.new
    }
}
