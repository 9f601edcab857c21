//! Sums of densities by their logarithms.

/// `ln Σ exp(l)` of numbers that come one by one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LogSum {
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
    pub(crate) fn add(&mut self, log: f64) {
        if log > self.largest {
            self.sum = self.sum * (self.largest - log).exp() + 1.0;
            self.largest = log;
        } else if log > f64::NEG_INFINITY {
            self.sum += (log - self.largest).exp();
        }
    }

    pub(crate) fn total(&self) -> f64 {
        match self.largest {
            f64::NEG_INFINITY => f64::NEG_INFINITY,
            largest => largest + self.sum.ln(),
        }
    }
}
