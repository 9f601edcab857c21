//! Draws of parameters.

/// Draws of parameters, in rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    dims: usize,
    values: Vec<f64>,
}

impl Samples {
    /// # Panics
    ///
    /// For numbers that are no whole rows.
    pub(crate) fn new(dims: usize, values: Vec<f64>) -> Self {
        assert_eq!(
            values.len() % dims,
            0,
            "{} numbers, rows of {dims}",
            values.len()
        );
        Self { dims, values }
    }

    /// The number of draws.
    pub fn len(&self) -> usize {
        self.values.len() / self.dims
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The number of parameters.
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// The draws, row by row.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.values.chunks_exact(self.dims)
    }

    /// All numbers, row by row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The mean of each parameter; NaN without draws.
    pub fn mean(&self) -> Vec<f64> {
        let sum = |k: usize| self.rows().map(|row| row[k]).sum::<f64>();
        (0..self.dims).map(|k| sum(k) / self.len() as f64).collect()
    }

    /// The covariances of the parameters, row by row: `Σ (θ − θ̄)(θ − θ̄)ᵀ / (n − 1)`; NaN of fewer than two draws.
    pub fn covariance(&self) -> Vec<f64> {
        let (mean, count) = (self.mean(), self.len() as f64);
        let entry = |index: usize| {
            let (i, j) = (index / self.dims, index % self.dims);
            let products = self
                .rows()
                .map(|row| (row[i] - mean[i]) * (row[j] - mean[j]));
            products.sum::<f64>() / (count - 1.0)
        };
        (0..self.dims * self.dims).map(entry).collect()
    }
}
