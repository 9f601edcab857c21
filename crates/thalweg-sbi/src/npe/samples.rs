//! Draws of parameters.

/// Draws of parameters, in rows.
///
/// ```
/// use thalweg_sbi::sampler::{HostDensity, ImportanceSamples};
/// use thalweg_sbi::{Normal, Samples};
///
/// let flat = HostDensity::new(2, |_| 0.0);
/// let prior = Normal::new(&[0.0, 1.0], &[1.0, 2.0])?;
/// let weighted = ImportanceSamples::of_prior(&prior, &flat, 20_000, 0)?;
/// let samples: &Samples = weighted.samples();
/// assert!(!samples.is_empty());
/// assert_eq!((samples.len(), samples.dims()), (20_000, 2));
/// // A row is a draw.
/// assert_eq!(samples.rows().len(), 20_000);
/// assert_eq!(samples.rows().next(), Some(&samples.values()[..2]));
/// assert!((samples.mean()[1] - 1.0).abs() < 0.1);
/// assert!((samples.covariance()[3] - 4.0).abs() < 0.2);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
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
