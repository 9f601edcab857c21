//! The linear part of a conditional density.

use nalgebra::{Cholesky, DMatrix, DVector, SymmetricEigen};
use serde::{Deserialize, Serialize};

/// Residuals of a linear regression, in units of their deviations: `r = L⁻¹ (u − A z − m)` with the covariance `L Lᵀ` of
/// `u − A z`.
///
/// A flow that learns the density of `r` given `z` starts from the best linear-Gaussian density of `u`, and its networks
/// have the rest to learn. `ln |dr/du| = −ln det L` is the same for all rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Regression {
    conditions: usize,
    /// `m`.
    means: Vec<f64>,
    /// `A`, a row for each target.
    weights: Vec<f64>,
    /// `L`, row by row; what is above the diagonal is 0.
    factor: Vec<f64>,
}

/// The penalties of a ridge regression that are tried, in rows: a penalty counts as as many rows of zeros.
const PENALTIES: [f64; 8] = [1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0, 1e3, 1e4];

/// Sums over rows.
struct Sums {
    count: f64,
    z_mean: DVector<f64>,
    u_mean: DVector<f64>,
    /// `Σ z zᵀ`, `Σ z uᵀ` and `Σ u uᵀ` of centred rows.
    zz: DMatrix<f64>,
    zu: DMatrix<f64>,
    uu: DMatrix<f64>,
}

impl Sums {
    fn of(u: &[f64], targets: usize, z: &[f32], conditions: usize) -> Self {
        let rows = || u.chunks_exact(targets).zip(z.chunks_exact(conditions));
        let count = (u.len() / targets) as f64;
        let (mut u_mean, mut z_mean) = (DVector::zeros(targets), DVector::zeros(conditions));
        for (u, z) in rows() {
            u_mean += DVector::from_column_slice(u);
            z_mean += wide(z);
        }
        u_mean /= count;
        z_mean /= count;
        let mut sums = Self {
            count,
            zz: DMatrix::zeros(conditions, conditions),
            zu: DMatrix::zeros(conditions, targets),
            uu: DMatrix::zeros(targets, targets),
            u_mean,
            z_mean,
        };
        for (u, z) in rows() {
            let u = DVector::from_column_slice(u) - &sums.u_mean;
            let z = wide(z) - &sums.z_mean;
            sums.zz.ger(1.0, &z, &z, 1.0);
            sums.zu.ger(1.0, &z, &u, 1.0);
            sums.uu.ger(1.0, &u, &u, 1.0);
        }
        sums
    }

    /// The ridge regression with the least error of generalized cross-validation, `n RSS / (n − tr H)²`, summed over the
    /// targets in units of their variances: conditions × targets.
    ///
    /// G. Golub, M. Heath, G. Wahba: *Generalized cross-validation as a method for choosing a good ridge parameter*, 1979.
    fn weights(&self) -> DMatrix<f64> {
        let SymmetricEigen {
            eigenvectors,
            eigenvalues,
        } = SymmetricEigen::new(self.zz.clone());
        let rotated = eigenvectors.transpose() * &self.zu;
        let of = |penalty: f64| {
            let mut weights = rotated.clone();
            for (k, mut row) in weights.row_iter_mut().enumerate() {
                row /= eigenvalues[k].max(0.0) + penalty;
            }
            weights
        };
        let error = |penalty: f64| {
            let weights = of(penalty);
            let kept = eigenvalues
                .iter()
                .map(|v| v.max(0.0) / (v.max(0.0) + penalty));
            let freedom = self.count - 1.0 - kept.sum::<f64>();
            let sum = |target: usize| {
                let explained: f64 = (0..eigenvalues.len())
                    .map(|k| {
                        let a = weights[(k, target)];
                        2.0 * a * rotated[(k, target)] - a * a * eigenvalues[k]
                    })
                    .sum();
                let all = self.uu[(target, target)];
                if all > 0.0 {
                    1.0 - explained / all
                } else {
                    0.0
                }
            };
            let residual: f64 = (0..self.uu.ncols()).map(sum).sum();
            if freedom > 0.0 {
                residual / freedom.powi(2)
            } else {
                f64::INFINITY
            }
        };
        let judged = PENALTIES.map(|penalty| (error(penalty), penalty));
        let least = judged.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
        &eigenvectors * of(least.map_or(1.0, |(_, penalty)| penalty))
    }
}

fn wide(z: &[f32]) -> DVector<f64> {
    DVector::from_iterator(z.len(), z.iter().map(|z| f64::from(*z)))
}

impl Regression {
    /// Of rows of `targets` numbers on rows of `conditions` numbers.
    pub(crate) fn fit(u: &[f64], targets: usize, z: &[f32], conditions: usize) -> Self {
        let sums = Sums::of(u, targets, z, conditions);
        let weights = sums.weights();
        let explained = weights.transpose() * &sums.zu;
        let spread = weights.transpose() * &sums.zz * &weights;
        let residual = (&sums.uu - &explained - explained.transpose() + spread) / sums.count;
        let means = &sums.u_mean - weights.transpose() * &sums.z_mean;
        let factor = factor(residual);
        Self {
            conditions,
            means: means.iter().copied().collect(),
            // Columns of the stored matrix are rows of `A`.
            weights: weights.iter().copied().collect(),
            factor: factor.transpose().iter().copied().collect(),
        }
    }

    /// Without a linear part: the covariance of the targets alone.
    pub(crate) fn without_conditions(u: &[f64], targets: usize) -> Self {
        Self::fit(u, targets, &[], 0)
    }

    fn targets(&self) -> usize {
        self.means.len()
    }

    /// Whether sizes fit and all numbers are finite.
    pub(crate) fn is_sound(&self, targets: usize, conditions: usize) -> bool {
        let sizes = self.means.len() == targets
            && (self.conditions == conditions || self.conditions == 0)
            && targets.checked_mul(self.conditions) == Some(self.weights.len())
            && targets.checked_mul(targets) == Some(self.factor.len());
        let numbers = [&self.means, &self.weights, &self.factor];
        sizes
            && numbers.into_iter().flatten().all(|value| value.is_finite())
            && (0..targets).all(|k| self.factor[k * targets + k] > 0.0)
    }

    /// `ln |dr/du|`.
    pub(crate) fn log_slope(&self) -> f64 {
        let diagonal = self.factor.iter().step_by(self.targets() + 1);
        -diagonal.map(|l| l.ln()).sum::<f64>()
    }

    /// `A z + m`.
    pub(crate) fn mean(&self, z: &[f32]) -> Vec<f64> {
        let weights = |k: usize| &self.weights[k * self.conditions..][..self.conditions];
        let product = |k: usize| {
            weights(k)
                .iter()
                .zip(z)
                .map(|(a, z)| a * f64::from(*z))
                .sum::<f64>()
        };
        (0..self.targets())
            .map(|k| self.means[k] + product(k))
            .collect()
    }

    /// `r` of `u`, by substitution, where `mean` is that of the row's conditions.
    pub(crate) fn residual(&self, u: &[f64], mean: &[f64]) -> Vec<f64> {
        let mut r: Vec<f64> = Vec::with_capacity(u.len());
        for k in 0..u.len() {
            let row = &self.factor[k * u.len()..][..=k];
            let before: f64 = row.iter().zip(&r).map(|(l, r)| l * r).sum();
            r.push((u[k] - mean[k] - before) / row[k]);
        }
        r
    }

    /// `u` of `r`: the inverse of [`residual`](Self::residual).
    pub(crate) fn restore(&self, r: &[f64], mean: &[f64]) -> Vec<f64> {
        let row = |k: usize| &self.factor[k * r.len()..][..=k];
        let sum = |k: usize| row(k).iter().zip(r).map(|(l, r)| l * r).sum::<f64>();
        (0..r.len()).map(|k| mean[k] + sum(k)).collect()
    }
}

/// The lower triangular factor of a covariance. Of parameters that determine each other, the covariance is widened by a
/// little of its diagonal until it has one.
fn factor(covariance: DMatrix<f64>) -> DMatrix<f64> {
    let size = covariance.nrows();
    let scales = covariance.map_diagonal(|v| if v > 0.0 { v } else { 1.0 });
    let mut share = 0.0;
    loop {
        let widened = &covariance + DMatrix::from_diagonal(&(&scales * share));
        if let Some(factor) = Cholesky::new(widened) {
            return factor.l();
        }
        if share >= 1.0 {
            // Not reached with finite numbers.
            return DMatrix::identity(size, size);
        }
        share = if share == 0.0 { 1e-12 } else { share * 100.0 };
    }
}
