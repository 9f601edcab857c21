//! What is left of many numbers.

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// The leading principal directions of standardized numbers, and the distance from their span.
///
/// `(v₁·z, …, vₖ·z, ln |z − Σ vᵢ (vᵢ·z)|)`: along the directions a flow sees where data lie, and the distance finds what
/// lies outside of all data, in any direction. The summaries of a posterior's embedding would not do: they forget what does
/// not tell about the parameters, which is where a wrong simulator shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Directions {
    rows: Vec<Vec<f32>>,
}

/// The largest number of directions.
const MOST: usize = 15;
/// Rows that they are fitted to.
const FITTED: usize = 256;
/// Directions with a smaller share of the largest variance are rounding errors.
const LEAST: f64 = 1e-9;
/// Distances for each number below which there is only rounding.
const ROUNDING: f64 = 1e-5;

impl Directions {
    /// Of rows of `width` standardized numbers.
    pub(super) fn fit(z: &[f64], width: usize) -> Self {
        let count = (z.len() / width).min(FITTED);
        let rows = DMatrix::from_row_slice(count, width, &z[..count * width]);
        // The eigenvectors of Zᵀ Z are Zᵀ a / √λ of those of Z Zᵀ, which is the smaller matrix.
        let eigen = (&rows * rows.transpose()).symmetric_eigen();
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
        let largest = order.first().map_or(0.0, |k| eigen.eigenvalues[*k]);
        let leading = order.into_iter().take(MOST);
        let leading = leading.filter(|k| eigen.eigenvalues[*k] > LEAST * largest);
        let direction = |k: usize| {
            let v = rows.tr_mul(&eigen.eigenvectors.column(k)) / eigen.eigenvalues[k].sqrt();
            v.iter().map(|v| *v as f32).collect()
        };
        Self {
            rows: leading.map(direction).collect(),
        }
    }

    /// The numbers that are left.
    pub(super) fn outputs(&self) -> usize {
        self.rows.len() + 1
    }

    /// Whether all are finite directions of `width` numbers.
    pub(super) fn is_consistent(&self, width: usize) -> bool {
        let is_finite = |row: &Vec<f32>| row.len() == width && row.iter().all(|v| v.is_finite());
        self.rows.len() <= MOST && self.rows.iter().all(is_finite)
    }

    pub(super) fn of(&self, z: &[f64]) -> Vec<f64> {
        let mut rest = z.to_vec();
        let mut along = vec![];
        for row in &self.rows {
            let direction = || row.iter().map(|v| f64::from(*v));
            let place: f64 = direction().zip(z).map(|(v, z)| v * z).sum();
            let parts = rest.iter_mut().zip(direction());
            parts.for_each(|(rest, v)| *rest -= place * v);
            along.push(place);
        }
        let square: f64 = rest.iter().map(|v| v * v).sum();
        let least = ROUNDING * (z.len() as f64).sqrt();
        along.push(square.sqrt().max(least).ln());
        along
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_is_found_and_what_lies_outside_is_far() {
        // Rows a (3, 4, 0) / 5 + b (0, 0, 1).
        let row = |a: f64, b: f64| [0.6 * a, 0.8 * a, b];
        let places = (0..50).map(|k| (f64::from(k).sin() * 3.0, (f64::from(k) * 1.7).cos()));
        let z: Vec<f64> = places.flat_map(|(a, b)| row(a, b)).collect();
        let directions = Directions::fit(&z, 3);
        assert!(directions.outputs() == 3 && directions.is_consistent(3));
        let inside = directions.of(&row(1.5, -0.5));
        assert!((inside[0].abs() - 1.5).abs() < 0.05, "{inside:?}");
        assert!((inside[0].hypot(inside[1]) - 1.5_f64.hypot(0.5)).abs() < 1e-5);
        assert!(inside[2] < -10.0, "{inside:?}");
        let outside = directions.of(&[0.8, -0.6, 0.0]);
        assert!(outside.iter().all(|v| v.abs() < 1e-5), "{outside:?}");
        assert!(!directions.is_consistent(4));
    }
}
