//! The linear part of what numbers owe to their conditions.

use nalgebra::{DMatrix, DVector, SymmetricEigen};
use serde::{Deserialize, Serialize};

/// `E t ≈ a + B c` of rows `t` and their conditions `c`, by ridge regression.
///
/// The penalty of each number is the one of least error in generalized cross-validation, `n RSS / (n − tr H)²` with the
/// residual sum of squares RSS and the matrix `H` of the fit: many conditions of few rows are not fitted to their noise.
///
/// What is left of the numbers has less to do with the conditions, so that densities that do not see these serve under
/// all of them, and a flow begins at the linear regression.
///
/// ```
/// use thalweg_flow::linear::Regression;
///
/// // t = 1 + 2 c, of four rows.
/// let (t, c) = ([1.0, 3.0, 5.0, 7.0], [0.0, 1.0, 2.0, 3.0]);
/// let regression = Regression::fit(&t, 1, &c, &[1.0; 4]).expect("one condition");
/// assert!((regression.mean(&[1.5])[0] - 4.0).abs() < 1e-2);
/// assert!(regression.is_consistent(1, 1) && !regression.is_consistent(2, 1));
/// ```
///
/// G. Golub, M. Heath, G. Wahba: *Generalized cross-validation as a method for choosing a good ridge parameter*, 1979,
/// equation 1.4.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Regression {
    inputs: usize,
    /// `a` and the row of `B`, of each number.
    coefficients: Vec<f64>,
}

/// More conditions than this take longer to solve for than a flow to learn.
const MOST: usize = 600;
/// The penalties, in rows: a penalty of 1 counts as a row at the mean with a condition of 1.
const PENALTIES: [f64; 8] = [1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0, 1e3, 1e4];

impl Regression {
    /// Of rows of `width` numbers, their conditions and weights; `None` without conditions, and for more than 600.
    pub fn fit(t: &[f64], width: usize, inputs: &[f32], weights: &[f64]) -> Option<Self> {
        let rows = weights.len();
        let count = inputs.len() / rows.max(1);
        if count == 0 || count > MOST {
            return None;
        }
        let share = 1.0 / weights.iter().sum::<f64>();
        let mean = |value: &dyn Fn(usize) -> f64| -> f64 {
            (0..rows).map(|row| weights[row] * share * value(row)).sum()
        };
        let input_means: Vec<f64> = (0..count)
            .map(|k| mean(&|row| f64::from(inputs[row * count + k])))
            .collect();
        let means: Vec<f64> = (0..width)
            .map(|k| mean(&|row| t[row * width + k]))
            .collect();
        let root = |row: usize| (weights[row] * share * rows as f64).sqrt();
        let design = DMatrix::from_fn(rows, count, |row, k| {
            root(row) * (f64::from(inputs[row * count + k]) - input_means[k])
        });
        let targets = DMatrix::from_fn(rows, width, |row, k| {
            root(row) * (t[row * width + k] - means[k])
        });
        let SymmetricEigen {
            eigenvectors,
            eigenvalues,
        } = SymmetricEigen::new(design.tr_mul(&design));
        let rotated = eigenvectors.tr_mul(&design.tr_mul(&targets));
        let ridge = Ridge {
            rows: rows as f64,
            // Rounding makes eigenvalues of 0 negative.
            eigenvalues: eigenvalues.map(|value| value.max(0.0)),
            squares: targets.row_iter().fold(DVector::zeros(width), |sum, row| {
                sum + row.transpose().component_mul(&row.transpose())
            }),
            rotated,
        };
        let slopes = eigenvectors * ridge.coefficients();
        let mut coefficients = Vec::with_capacity(width * (count + 1));
        for (mean, slopes) in means.iter().zip(slopes.column_iter()) {
            let at_mean: f64 = slopes.iter().zip(&input_means).map(|(b, c)| b * c).sum();
            coefficients.push(mean - at_mean);
            coefficients.extend(slopes.iter());
        }
        Some(Self {
            inputs: count,
            coefficients,
        })
    }

    /// Whether it is a map of this many conditions to this many numbers, all finite.
    pub fn is_consistent(&self, inputs: usize, width: usize) -> bool {
        let size = (self.inputs.checked_add(1)).and_then(|each| each.checked_mul(width));
        self.inputs == inputs
            && size == Some(self.coefficients.len())
            && self.coefficients.iter().all(|value| value.is_finite())
    }

    /// `a + B c`.
    pub fn mean(&self, inputs: &[f32]) -> Vec<f64> {
        let rows = self.coefficients.chunks_exact(self.inputs + 1);
        let of = |row: &[f64]| {
            let pairs = row[1..].iter().zip(inputs);
            row[0] + pairs.map(|(b, c)| b * f64::from(*c)).sum::<f64>()
        };
        rows.map(of).collect()
    }
}

/// A ridge regression in the eigenvectors of its conditions' Gram matrix.
struct Ridge {
    rows: f64,
    eigenvalues: DVector<f64>,
    /// `Vᵀ Cᵀ T`: conditions × numbers.
    rotated: DMatrix<f64>,
    /// `Σ t²` of each number.
    squares: DVector<f64>,
}

impl Ridge {
    /// With the best penalty for each number: conditions × numbers.
    fn coefficients(&self) -> DMatrix<f64> {
        let columns: Vec<DVector<f64>> = (0..self.squares.len())
            .map(|number| self.column(number, self.penalty(number)))
            .collect();
        DMatrix::from_columns(&columns)
    }

    fn column(&self, number: usize, penalty: f64) -> DVector<f64> {
        let rotated = self.rotated.column(number);
        rotated.zip_map(&self.eigenvalues, |r, value| r / (value + penalty))
    }

    /// `RSS / (n − tr H)²`.
    fn error(&self, number: usize, penalty: f64) -> f64 {
        let (found, rotated) = (self.column(number, penalty), self.rotated.column(number));
        let terms = found.iter().zip(rotated.iter()).zip(&self.eigenvalues);
        let explained: f64 = terms
            .map(|((b, r), value)| 2.0 * b * r - b * b * value)
            .sum();
        let fitted = self.eigenvalues.iter().map(|v| v / (v + penalty));
        // The mean is fitted too.
        let freedom = self.rows - 1.0 - fitted.sum::<f64>();
        match freedom > 0.0 {
            true => (self.squares[number] - explained) / freedom.powi(2),
            false => f64::INFINITY,
        }
    }

    fn penalty(&self, number: usize) -> f64 {
        let judged = PENALTIES.map(|penalty| (self.error(number, penalty), penalty));
        let least = judged.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
        least.map_or(1.0, |(_, penalty)| penalty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random.
    fn noise(k: usize) -> f64 {
        ((k as f64 * 12.9898).sin() * 43_758.545).rem_euclid(1.0) - 0.5
    }

    #[test]
    fn a_line_is_found_with_its_offset() {
        let c: Vec<f32> = (0..400).map(|k| 3.0 * noise(k) as f32 + 7.0).collect();
        let rows = c.chunks_exact(2);
        let t: Vec<f64> = rows
            .flat_map(|c| [2.0 * f64::from(c[0]) - f64::from(c[1]) + 5.0, -3.0])
            .collect();
        let found = Regression::fit(&t, 2, &c, &[1.0; 200]).expect("two conditions");
        assert!(found.is_consistent(2, 2) && !found.is_consistent(1, 2));
        let mean = found.mean(&[8.0, 6.0]);
        assert!(
            (mean[0] - 15.0).abs() < 1e-3 && (mean[1] + 3.0).abs() < 1e-9,
            "{mean:?}"
        );
    }

    #[test]
    fn noise_is_not_fitted() {
        // 60 conditions that say nothing, of 80 rows: without a penalty three quarters of the noise would be fitted.
        let c: Vec<f32> = (0..4800).map(|k| noise(k) as f32).collect();
        let t: Vec<f64> = (0..80).map(|k| noise(10_000 + 7 * k)).collect();
        let found = Regression::fit(&t, 1, &c, &[1.0; 80]).expect("60 conditions");
        let spread = |values: Vec<f64>| values.iter().map(|v| v * v).sum::<f64>();
        let fitted = spread(c.chunks_exact(60).map(|c| found.mean(c)[0]).collect());
        assert!(fitted < 0.3 * spread(t.clone()), "{fitted}");
    }

    #[test]
    fn rows_of_weight_0_do_not_count() {
        let (c, t) = ([0.0, 1.0, 2.0, 5.0], [1.0, 3.0, 5.0, -100.0]);
        let found = Regression::fit(&t, 1, &c, &[1.0, 1.0, 1.0, 0.0]).expect("one condition");
        assert!((found.mean(&[3.0])[0] - 7.0).abs() < 1e-2);
    }
}
