//! Sums of densities by their logarithms.

/// `ln Σ exp(l)` of numbers that come one by one, in units of the largest.
///
/// ```
/// use thalweg_kernels::LogSum;
///
/// let mut sum = LogSum::default();
/// [-1000.0, -1000.0].into_iter().for_each(|log| sum.add(log));
/// assert!((sum.total() - (2.0_f64.ln() - 1000.0)).abs() < 1e-12);
/// assert_eq!(LogSum::default().total(), f64::NEG_INFINITY);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct LogSum {
    largest: f64,
    sum: f64,
}

impl Default for LogSum {
    fn default() -> Self {
        Self {
            largest: f64::NEG_INFINITY,
            sum: 0.0,
        }
    }
}

impl LogSum {
    /// Adds `exp(log)`.
    pub fn add(&mut self, log: f64) {
        if log > self.largest {
            self.sum = self.sum * (self.largest - log).exp() + 1.0;
            self.largest = log;
        } else if log > f64::NEG_INFINITY {
            self.sum += (log - self.largest).exp();
        }
    }

    /// The logarithm of the sum; −∞ of nothing.
    pub fn total(&self) -> f64 {
        match self.largest {
            f64::NEG_INFINITY => f64::NEG_INFINITY,
            largest => largest + self.sum.ln(),
        }
    }
}
