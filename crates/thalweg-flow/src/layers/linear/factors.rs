//! Triangular factors on the host in f64.

use nalgebra::{DMatrix, DVector};

use super::dense::random_rotation;
use crate::Noise;

/// The widest rotation that is drawn whole: its factors take `O(features³)`.
const WHOLE: usize = 128;

/// Features that are rotated together in a wider one.
const BLOCK: usize = 64;

/// `W = P L (U + diag(σ exp(s)))`, the triangles row by row and zero elsewhere.
#[derive(Debug)]
pub(super) struct HostFactors {
    pub(super) order: Vec<usize>,
    pub(super) lower: Vec<f64>,
    pub(super) upper: Vec<f64>,
    pub(super) log_diagonal: Vec<f64>,
    pub(super) sign: Vec<f64>,
}

impl HostFactors {
    /// The factors of a square matrix; `None` for a singular one.
    pub(super) fn of(matrix: DMatrix<f64>) -> Option<Self> {
        let mut factors = Self::empty(matrix.nrows());
        factors.place(0, matrix).then_some(factors)
    }

    /// The factors of a random orthogonal matrix: a rotation, or, of more features than 128, rotations of 64 neighbours
    /// each whose outputs are in a random order.
    pub(super) fn of_rotation(features: usize, noise: &mut Noise) -> Self {
        let mut factors = Self::empty(features);
        let block = if features <= WHOLE { features } else { BLOCK };
        for first in (0..features).step_by(block.max(1)) {
            let rotation = random_rotation(block.min(features - first), noise);
            assert!(factors.place(first, rotation), "a rotation is not singular");
        }
        if features > WHOLE {
            let order = noise.permutation(features);
            factors.order = order.iter().map(|row| factors.order[*row]).collect();
        }
        factors
    }

    fn empty(features: usize) -> Self {
        let zeros = |count| vec![0.0; count];
        Self {
            order: (0..features).collect(),
            lower: zeros(features * features),
            upper: zeros(features * features),
            log_diagonal: zeros(features),
            sign: zeros(features),
        }
    }

    /// Makes a matrix the block on the diagonal that begins at `first`; `false` for a singular one.
    fn place(&mut self, first: usize, matrix: DMatrix<f64>) -> bool {
        let (features, size) = (self.order.len(), matrix.nrows());
        let lu = matrix.lu();
        let mut rows = DVector::from_iterator(size, first..first + size);
        lu.p().permute_rows(&mut rows);
        // Row `rows[i]` of the matrix is row `i` of L U.
        for (from, to) in rows.iter().enumerate() {
            self.order[*to] = first + from;
        }
        let (lower, upper) = (lu.l(), lu.u());
        for row in 0..size {
            let start = (first + row) * features + first;
            for column in 0..row {
                self.lower[start + column] = lower[(row, column)];
            }
            for column in row + 1..size {
                self.upper[start + column] = upper[(row, column)];
            }
            let diagonal = upper[(row, row)];
            if diagonal == 0.0 || !diagonal.is_finite() {
                return false;
            }
            self.log_diagonal[first + row] = diagonal.abs().ln();
            self.sign[first + row] = diagonal.signum();
        }
        true
    }
}
