//! What a linear-Gaussian density leaves to a flow.

use serde::{Deserialize, Serialize};
use thalweg_flow::linear::{Regression, Whitening};

/// The numbers `u` of a row without what is linear in its conditions: `r = L⁻¹ (u / s − a − B z)`, with their deviations
/// `s`.
///
/// A flow that learns the density of `r` given `z` begins at the linear-Gaussian density of `u`. `ln |dr/du|` is the same
/// for all rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Residual {
    scales: Vec<f64>,
    regression: Option<Regression>,
    whitening: Whitening,
}

impl Residual {
    /// Of rows of `width` numbers; `z` is empty where the conditions have no order that a regression could use.
    pub(crate) fn fit(u: &[f64], width: usize, z: &[f32]) -> Self {
        let rows = u.len() / width;
        let weights = vec![1.0; rows];
        let scales: Vec<f64> = (0..width).map(|k| deviation(u, width, k)).collect();
        let mut v: Vec<f64> = u.to_vec();
        for row in v.chunks_exact_mut(width) {
            row.iter_mut().zip(&scales).for_each(|(u, s)| *u /= s);
        }
        let regression = Regression::fit(&v, width, z, &weights);
        if let Some(regression) = &regression {
            let conditions = z.chunks_exact(z.len() / rows);
            for (row, z) in v.chunks_exact_mut(width).zip(conditions) {
                subtract(row, &regression.mean(z));
            }
        }
        Self {
            scales,
            regression,
            whitening: Whitening::fit(&v, width, &weights),
        }
    }

    /// Whether sizes fit and all numbers are sound.
    pub(crate) fn is_consistent(&self, conditions: usize, width: usize) -> bool {
        let regression = self.regression.as_ref();
        self.scales.len() == width
            && self.scales.iter().all(|s| s.is_finite() && *s > 0.0)
            && self.whitening.is_consistent(width)
            && regression.is_none_or(|regression| regression.is_consistent(conditions, width))
    }

    /// `a + B z`.
    pub(crate) fn mean(&self, z: &[f32]) -> Vec<f64> {
        match &self.regression {
            Some(regression) => regression.mean(z),
            None => vec![0.0; self.scales.len()],
        }
    }

    /// `ln |dr/du|`.
    pub(crate) fn log_slope(&self) -> f64 {
        self.whitening.log_det() - self.scales.iter().map(|s| s.ln()).sum::<f64>()
    }

    /// `r` of `u`, where `mean` is that of the row's conditions.
    pub(crate) fn forward(&self, u: &[f64], mean: &[f64]) -> Vec<f64> {
        let mut r: Vec<f64> = u.iter().zip(&self.scales).map(|(u, s)| u / s).collect();
        subtract(&mut r, mean);
        self.whitening.forward(&mut r);
        r
    }

    /// `u` of `r`: the inverse of [`forward`](Self::forward).
    pub(crate) fn inverse(&self, r: &[f64], mean: &[f64]) -> Vec<f64> {
        let mut v = r.to_vec();
        self.whitening.inverse(&mut v);
        let places = v.iter().zip(mean).zip(&self.scales);
        places.map(|((v, mean), s)| (v + mean) * s).collect()
    }
}

fn subtract(row: &mut [f64], mean: &[f64]) {
    row.iter_mut().zip(mean).for_each(|(v, mean)| *v -= mean);
}

/// The deviation of column `k`; 1 of a constant.
fn deviation(rows: &[f64], width: usize, k: usize) -> f64 {
    let column = || rows.iter().skip(k).step_by(width);
    let count = column().count() as f64;
    let mean = column().sum::<f64>() / count;
    let variance = column().map(|u| (u - mean).powi(2)).sum::<f64>() / count;
    if variance > 0.0 { variance.sqrt() } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_relation_leaves_standard_numbers() {
        let noise = |k: usize| ((k as f64 * 12.9898).sin() * 43_758.545).rem_euclid(1.0) - 0.5;
        let z: Vec<f32> = (0..500).map(|k| noise(3 * k) as f32).collect();
        let rows = z.iter().enumerate();
        let u: Vec<f64> = rows
            .flat_map(|(k, z)| {
                let z = f64::from(*z);
                let (a, b) = (noise(7 * k + 1), noise(5 * k + 2));
                [1e6 * (1.0 + z + 0.1 * a), 1e-6 * (0.1 * (a + b) - 2.0 * z)]
            })
            .collect();
        let residual = Residual::fit(&u, 2, &z);
        assert!(residual.is_consistent(1, 2) && !residual.is_consistent(2, 2));
        let mut products = [0.0; 4];
        for (u, z) in u.chunks_exact(2).zip(&z) {
            let mean = residual.mean(&[*z]);
            let r = residual.forward(u, &mean);
            let back = residual.inverse(&r, &mean);
            assert!(
                (0..2).all(|k| (back[k] / u[k] - 1.0).abs() < 1e-9),
                "{back:?}"
            );
            let each = [r[0] * r[0], r[1] * r[1], r[0] * r[1], r[0] * f64::from(*z)];
            products
                .iter_mut()
                .zip(each)
                .for_each(|(sum, p)| *sum += p / 500.0);
        }
        // The covariance is shrunk a little towards its mean variance.
        let expected = [1.0, 1.0, 0.0, 0.0];
        let far = products.iter().zip(expected).map(|(p, e)| (p - e).abs());
        assert!(far.fold(0.0, f64::max) < 0.05, "{products:?}");
    }
}
