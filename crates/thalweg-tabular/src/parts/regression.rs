//! The linear part of what numbers owe to categories, angles and conditions.

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

/// `E t ≈ a + B c` for the inputs `c` that networks see, by least squares with a ridge of one row's weight.
///
/// What is left of the numbers has less to do with the inputs, so that the Gaussian and the kernels, which do not
/// see them, serve under every condition; and the flow begins at the linear regression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Regression {
    inputs: usize,
    /// `a` and the row of `B`, of each number.
    coefficients: Vec<f64>,
}

/// More inputs than this take longer to solve for than a flow to learn.
const MOST: usize = 600;

impl Regression {
    /// Of rows of `width` numbers, their inputs and weights; `None` without inputs.
    pub(crate) fn fit(t: &[f64], width: usize, inputs: &[f32], weights: &[f64]) -> Option<Self> {
        let rows = weights.len();
        let count = inputs.len() / rows.max(1);
        if count == 0 || count > MOST {
            return None;
        }
        let scale = rows as f64 / weights.iter().sum::<f64>();
        let root = |row: usize| (weights[row] * scale).sqrt();
        let design = DMatrix::from_fn(rows, count + 1, |row, column| match column {
            0 => root(row),
            _ => root(row) * f64::from(inputs[row * count + column - 1]),
        });
        let targets = DMatrix::from_fn(rows, width, |row, column| {
            root(row) * t[row * width + column]
        });
        let mut normal = design.tr_mul(&design);
        for k in 1..=count {
            normal[(k, k)] += 1.0;
        }
        let solution = normal.cholesky()?.solve(&design.tr_mul(&targets));
        Some(Self {
            inputs: count,
            coefficients: solution.iter().copied().collect(),
        })
    }

    /// Whether it is a map of this many inputs to this many numbers.
    pub(crate) fn is_consistent(&self, inputs: usize, width: usize) -> bool {
        self.inputs == inputs && self.coefficients.len() == width * (inputs + 1)
    }

    /// `a + B c`.
    pub(crate) fn mean(&self, inputs: &[f32]) -> DVector<f64> {
        let rows = self.coefficients.chunks_exact(self.inputs + 1);
        let of = |row: &[f64]| {
            let pairs = row[1..].iter().zip(inputs);
            row[0] + pairs.map(|(b, c)| b * f64::from(*c)).sum::<f64>()
        };
        DVector::from_iterator(rows.len(), rows.map(of))
    }
}
