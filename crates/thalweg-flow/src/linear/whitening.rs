//! The linear map that removes the covariance of the training rows.

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

/// `z = L⁻¹ (t − μ)` with `L Lᵀ = (1 − ρ) S + ρ m I`: the covariance `S` of the training rows, shrunk towards its mean
/// variance `m` by the share `ρ` of least expected squared error. So it exists for fewer rows than columns too.
///
/// In f64 on the host, since the covariance of columns that nearly depend on each other is. With a standard normal
/// density of `z` it is the Gaussian with full covariance, where a flow on `z` begins.
///
/// ```
/// use thalweg_flow::linear::Whitening;
///
/// let rows = [0.0, 1.0, 2.0, 5.0, 4.0, 9.5, 6.0, 12.0];
/// let whitening = Whitening::fit(&rows, 2, &[1.0; 4]);
/// assert!(whitening.width() == 2 && whitening.is_consistent(2) && !whitening.is_consistent(3));
/// let mut row = [2.0, 5.0];
/// whitening.forward(&mut row);
/// whitening.inverse(&mut row);
/// assert!((row[0] - 2.0).abs() < 1e-12 && (row[1] - 5.0).abs() < 1e-12);
/// ```
///
/// O. Ledoit, M. Wolf: *A well-conditioned estimator for large-dimensional covariance matrices*, 2004.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Whitening {
    mean: Vec<f64>,
    /// `L`, its rows one after the other up to the diagonal.
    lower: Vec<f64>,
}

/// The covariance keeps this share of the mean variance at least.
const LEAST_SHRINKAGE: f64 = 1e-6;

impl Whitening {
    /// Of rows of `width` numbers with their weights.
    pub fn fit(rows: &[f64], width: usize, weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
        let effective = total * total / squares;
        let mut mean = DVector::<f64>::zeros(width);
        for (row, weight) in rows.chunks_exact(width).zip(weights) {
            mean.axpy(weight / total, &DVector::from_column_slice(row), 1.0);
        }
        let mut centred = DMatrix::from_row_slice(weights.len(), width, rows);
        let mut fourth = 0.0;
        for (mut row, weight) in centred.row_iter_mut().zip(weights) {
            row -= mean.transpose();
            fourth += weight / total * row.norm_squared().powi(2);
            row *= (weight / total).sqrt();
        }
        let mut covariance = centred.tr_mul(&centred);
        let variance = (covariance.trace() / width as f64).max(f64::MIN_POSITIVE);
        let spread = covariance.norm_squared() - width as f64 * variance * variance;
        let error = (fourth - covariance.norm_squared()) / effective;
        let share = match spread > 0.0 {
            true => (error / spread).clamp(LEAST_SHRINKAGE, 1.0),
            false => 1.0,
        };
        covariance *= 1.0 - share;
        for k in 0..width {
            covariance[(k, k)] += share * variance;
        }
        let lower = covariance.cholesky().map_or_else(
            || DMatrix::from_diagonal_element(width, width, variance.sqrt()),
            |factor| factor.l(),
        );
        Self {
            mean: mean.iter().copied().collect(),
            lower: (0..width)
                .flat_map(|row| (0..=row).map(move |column| (row, column)))
                .map(|place| lower[place])
                .collect(),
        }
    }

    /// The numbers of a row.
    pub fn width(&self) -> usize {
        self.mean.len()
    }

    /// Whether it is an invertible map of this many numbers.
    pub fn is_consistent(&self, width: usize) -> bool {
        let size = (width.checked_add(1)).and_then(|more| more.checked_mul(width));
        self.mean.len() == width
            && size.map(|double| double / 2) == Some(self.lower.len())
            && self
                .mean
                .iter()
                .chain(&self.lower)
                .all(|value| value.is_finite())
            && (0..width).all(|k| self.lower[k * (k + 3) / 2] > 0.0)
    }

    /// `ln |dz/dt|`.
    ///
    /// ```
    /// use thalweg_flow::linear::Whitening;
    ///
    /// // The map stretches both directions of the unit square by as much as it tells.
    /// let whitening = Whitening::fit(&[0.0, 0.0, 2.0, 0.0, 0.0, 4.0, 2.0, 4.0], 2, &[1.0; 4]);
    /// let corners = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]].map(|mut corner| {
    ///     whitening.forward(&mut corner);
    ///     corner
    /// });
    /// let [a, b] = [1, 2].map(|k| [0, 1].map(|i| corners[k][i] - corners[0][i]));
    /// let area = (a[0] * b[1] - a[1] * b[0]).abs();
    /// assert!((whitening.log_det() - area.ln()).abs() < 1e-9);
    /// ```
    pub fn log_det(&self) -> f64 {
        let diagonal = (0..self.width()).map(|k| self.lower[k * (k + 3) / 2]);
        -diagonal.map(f64::ln).sum::<f64>()
    }

    /// Replaces `t` by `z`, by forward substitution.
    pub fn forward(&self, t: &mut [f64]) {
        let mut row = self.lower.as_slice();
        for k in 0..t.len() {
            let (of_row, rest) = row.split_at(k + 1);
            let known: f64 = of_row[..k].iter().zip(&t[..k]).map(|(l, z)| l * z).sum();
            t[k] = (t[k] - self.mean[k] - known) / of_row[k];
            row = rest;
        }
    }

    /// Replaces `z` by `t`.
    pub fn inverse(&self, z: &mut [f64]) {
        for k in (0..z.len()).rev() {
            let row = &self.lower[k * (k + 1) / 2..][..=k];
            z[k] = self.mean[k] + row.iter().zip(&z[..=k]).map(|(l, z)| l * z).sum::<f64>();
        }
    }
}
