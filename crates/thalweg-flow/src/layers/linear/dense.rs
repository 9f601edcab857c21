//! Small matrices on the host, in f64.

use burn::tensor::{DType, Device, Tensor};
use nalgebra::DMatrix;

use crate::Noise;
use crate::numerics::from_host;

pub(super) fn to_host(matrix: Tensor<2>) -> DMatrix<f64> {
    let [rows, columns] = matrix.dims();
    DMatrix::from_row_iterator(rows, columns, matrix.into_data().iter::<f64>())
}

pub(super) fn to_tensor(matrix: &DMatrix<f64>, device: &Device, dtype: DType) -> Tensor<2> {
    // nalgebra stores columns one after the other.
    let values = matrix.transpose().as_slice().to_vec();
    from_host(values, [matrix.nrows(), matrix.ncols()], device, dtype)
}

/// A rotation drawn uniformly: the Q of a normal matrix, with the signs that make it uniform.
///
/// Mezzadri: *How to generate random matrices from the classical compact groups*, 2007, section 5.
pub(super) fn random_rotation(features: usize, noise: &mut Noise) -> DMatrix<f64> {
    let normal = DMatrix::from_vec(features, features, noise.host_normals(features * features));
    let qr = normal.qr();
    let (mut q, r) = (qr.q(), qr.r());
    for (mut column, sign) in q.column_iter_mut().zip(r.diagonal().iter()) {
        column *= sign.signum();
    }
    q
}

/// `W⁻¹` and `ln|det W|`; `None` for a singular matrix.
pub(super) fn invert(matrix: DMatrix<f64>) -> Option<(DMatrix<f64>, f64)> {
    let lu = matrix.lu();
    let log_det = lu.u().diagonal().iter().map(|d| d.abs().ln()).sum();
    lu.try_inverse().map(|inverse| (inverse, log_det))
}

pub(super) fn condition_number(matrix: &DMatrix<f64>) -> f64 {
    let values = matrix.singular_values();
    values.max() / values.min()
}
