//! The place of an observation among rows, by all numbers at once.

use thalweg_flow::linear::Whitening;
use thalweg_metrics::Calibration;

use crate::SbiError;

/// A covariance of more numbers takes too long to factorize.
const WIDEST: usize = 1000;

/// The share of rows, the observation included, that are as far from the mean of all as it is, or farther.
///
/// The distance is the same function of all rows for each of them, so that the p-value of an exchangeable observation is
/// uniform or larger.
///
/// # Errors
///
/// Numbers so large that a distance is none.
pub(super) fn p_value(rows: &[f64], x: &[f64]) -> Result<f64, SbiError> {
    let width = x.len();
    let all = standardized(&[rows, x].concat(), width);
    let weights = vec![1.0; all.len() / width];
    let whitening = (width <= WIDEST).then(|| Whitening::fit(&all, width, &weights));
    let distance = |row: &[f64]| {
        let mut row = row.to_vec();
        if let Some(whitening) = &whitening {
            whitening.forward(&mut row);
        }
        row.iter().map(|r| r * r).sum::<f64>()
    };
    let mut distances: Vec<f64> = all.chunks_exact(width).map(distance).collect();
    let observed = distances.pop().unwrap_or_default();
    Ok(Calibration::new(&distances)?.p_values(&[observed])?[0])
}

/// Columns of mean 0 and variance 1; zeros of a constant.
fn standardized(rows: &[f64], width: usize) -> Vec<f64> {
    let count = (rows.len() / width) as f64;
    let mut standard = rows.to_vec();
    for k in 0..width {
        let column = || rows.iter().skip(k).step_by(width);
        let mean = column().sum::<f64>() / count;
        let variance = column().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
        let is_constant = column().all(|v| *v == rows[k]);
        let scale = if is_constant {
            0.0
        } else {
            1.0 / variance.sqrt()
        };
        let places = standard.iter_mut().skip(k).step_by(width);
        places.for_each(|v| *v = (*v - mean) * scale);
    }
    standard
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_by_the_mahalanobis_distance() {
        // A ring of radius 1, seen through a map that makes it a long ellipse.
        let map = |a: f64, b: f64| [100.0 * (a + b), 7.0, 1e-3 * (a - b)];
        let ring = (0..99).map(|k| f64::from(k) * std::f64::consts::TAU / 99.0);
        let rows: Vec<f64> = ring.flat_map(|t| map(t.cos(), t.sin())).collect();
        let p_value = |x: [f64; 3]| p_value(&rows, &x).unwrap();
        assert_eq!(p_value(map(0.5, 0.0)), 1.0);
        for (a, b) in [(1.3, 0.0), (0.0, -1.3), (-0.95, 0.95)] {
            assert_eq!(p_value(map(a, b)), 0.01);
        }
        // A constant that differs.
        assert_eq!(p_value([0.0, 7.1, 0.0]), 0.01);
    }
}
