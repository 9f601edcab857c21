//! The host's operations.

use crate::host::matrix::Matrix;
use crate::host::product::multiply;

/// `y ← y + A B`, row by row.
pub(super) fn add_product(y: &mut [f32], [a, b]: [&[f32]; 2], [rows, terms, columns]: [usize; 3]) {
    let (a, b) = (Matrix::new(a, rows, terms), Matrix::new(b, terms, columns));
    multiply(y, true, a, b);
}
