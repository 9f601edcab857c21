//! Means of values that come one after the other.

/// The weighted mean of values, and its standard error, in the memory of a few numbers: values are added one after the
/// other.
///
/// With weights `w`, `W = Σ w` and the mean `m = Σ w x / W`, the standard error is the root of
/// `n / (n − 1) Σ (w (x − m) / W)²`, where the rows are worth `n = W² / Σ w²`. The sums are compensated, so that millions of
/// values lose no digits.
///
/// A. Neumaier: *Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen*, 1974.
///
/// ```
/// use thalweg_metrics::RunningMean;
///
/// let mut mean = RunningMean::default();
/// [1.0, 2.0, 6.0].map(|x| mean.add(x, 1.0));
/// assert_eq!(mean.mean(), Some(3.0));
/// assert!((mean.standard_error().unwrap() - (7.0_f64 / 3.0).sqrt()).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Default)]
pub struct RunningMean {
    /// The first value, which all sums are relative to.
    shift: f64,
    /// The largest weight, the unit of all others: squares of weights neither overflow nor vanish.
    unit: f64,
    /// `Σ w`, `Σ w²`, `Σ w d`, `Σ w² d` and `Σ w² d²` with the distance `d` to the shift.
    sums: [Sum; 5],
}

/// The number of factors `w` in each sum.
const POWERS: [i32; 5] = [1, 2, 1, 2, 2];

impl RunningMean {
    /// Adds a value with its weight.
    ///
    /// # Panics
    ///
    /// If the value is not finite, or the weight is negative or not finite.
    pub fn add(&mut self, value: f64, weight: f64) {
        assert!(
            value.is_finite() && weight.is_finite() && weight >= 0.0,
            "a finite value with a finite weight from 0 on, got {value} with {weight}"
        );
        if weight == 0.0 {
            return;
        }
        if self.unit == 0.0 {
            self.shift = value;
        }
        if weight > self.unit {
            let factor = self.unit / weight;
            for (sum, power) in self.sums.iter_mut().zip(POWERS) {
                sum.scale(factor.powi(power));
            }
            self.unit = weight;
        }
        let (w, d) = (weight / self.unit, value - self.shift);
        let terms = [w, w * w, w * d, w * w * d, w * w * d * d];
        let sums = self.sums.iter_mut().zip(terms);
        sums.for_each(|(sum, term)| sum.add(term));
    }

    /// How many rows the weighted values are worth, `(Σ w)² / Σ w²`.
    ///
    /// ```
    /// use thalweg_metrics::RunningMean;
    ///
    /// let mut mean = RunningMean::default();
    /// for weight in [1.0, 1.0, 0.0] {
    ///     mean.add(5.0, weight);
    /// }
    /// assert_eq!(mean.effective(), 2.0);
    /// ```
    pub fn effective(&self) -> f64 {
        let [all, squares, ..] = self.totals();
        if squares > 0.0 {
            all * all / squares
        } else {
            0.0
        }
    }

    /// The mean; none without a value of weight above 0.
    pub fn mean(&self) -> Option<f64> {
        let [all, _, first, ..] = self.totals();
        (all > 0.0).then(|| self.shift + first / all)
    }

    /// The standard error of the mean; none where the values are worth no more than one.
    pub fn standard_error(&self) -> Option<f64> {
        let n = self.effective();
        if n <= 1.0 + 1e-9 {
            return None;
        }
        let [all, squares, first, second, third] = self.totals();
        let off = first / all;
        let spread = (third - 2.0 * off * second + off * off * squares).max(0.0);
        Some((spread * n / (n - 1.0)).sqrt() / all)
    }

    fn totals(&self) -> [f64; 5] {
        self.sums.clone().map(|sum| sum.value + sum.lost)
    }
}

/// A sum and what rounding took from it.
#[derive(Debug, Clone, Default)]
struct Sum {
    value: f64,
    lost: f64,
}

impl Sum {
    fn add(&mut self, term: f64) {
        let sum = self.value + term;
        self.lost += match self.value.abs() >= term.abs() {
            true => (self.value - sum) + term,
            false => (term - sum) + self.value,
        };
        self.value = sum;
    }

    fn scale(&mut self, factor: f64) {
        self.value *= factor;
        self.lost *= factor;
    }
}
