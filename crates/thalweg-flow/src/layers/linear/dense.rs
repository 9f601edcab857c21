//! Small matrices on the host in f64, and a cache of inverses.

use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::{DType, Device, Tensor, TensorData};
use nalgebra::DMatrix;

use crate::Noise;
use crate::numerics::from_host;

pub(crate) fn to_host(matrix: &Tensor<2>) -> DMatrix<f64> {
    let [rows, columns] = matrix.dims();
    DMatrix::from_row_iterator(rows, columns, matrix.to_data().iter::<f64>())
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
pub(crate) fn invert(matrix: DMatrix<f64>) -> Option<(DMatrix<f64>, f64)> {
    let lu = matrix.lu();
    let log_det = lu.u().diagonal().iter().map(|d| d.abs().ln()).sum();
    lu.try_inverse().map(|inverse| (inverse, log_det))
}

/// `σ_max / σ_min`; infinite for a singular matrix.
pub(crate) fn condition_number(matrix: &DMatrix<f64>) -> f64 {
    let values = matrix.singular_values();
    values.max() / values.min()
}

/// The last matrix that was inverted, and its inverse.
///
/// The key is the matrix itself, so that a training step or a load invalidates the entry. Copies of a
/// layer share the cache, since a model is copied to leave the training device.
#[derive(Debug, Clone, Default)]
pub(super) struct InverseCache(Arc<Mutex<Option<Entry>>>);

#[derive(Debug)]
struct Entry {
    weight: TensorData,
    device: Device,
    inverse: Tensor<2>,
}

impl InverseCache {
    /// `W⁻¹`, differentiable where `W` is.
    pub(super) fn inverse(&self, weight: Tensor<2>) -> Tensor<2> {
        let tracked = weight.is_autodiff() && weight.is_tracked();
        let plain = if weight.is_autodiff() {
            weight.clone().inner()
        } else {
            weight.clone()
        };
        let inverse = self.of_plain(plain);
        if !tracked {
            return inverse;
        }
        // One step of Newton's iteration, V (2 I − W V), maps an inverse to itself, and its derivative
        // in W is that of the inverse, −V dW V.
        let eye = Tensor::<2>::eye(weight.dims()[0], &inverse.device());
        let twice = eye.cast(weight.dtype()) * 2.0;
        inverse.clone().matmul(twice - weight.matmul(inverse))
    }

    fn of_plain(&self, weight: Tensor<2>) -> Tensor<2> {
        let (device, dtype) = (weight.device(), weight.dtype());
        let key = weight.clone().into_data();
        let mut entry = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = entry
            .as_ref()
            .filter(|e| e.weight == key && e.device == device)
        {
            return known.inverse.clone();
        }
        let (inverse, _) = invert(to_host(&weight)).expect(
            "the matrix of an invertible linear map is singular; the PLU form cannot become so",
        );
        let inverse = to_tensor(&inverse, &device, dtype);
        *entry = Some(Entry {
            weight: key,
            device,
            inverse: inverse.clone(),
        });
        inverse
    }
}
