//! Inverses that are computed once for each matrix.

use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::{Device, Tensor, TensorData};

use super::dense;

/// The last matrix that was inverted, and its inverse.
///
/// The key is the matrix itself, number by number, so the cache cannot go stale: after a training
/// step or a load the numbers differ. Copies of a layer share it, since models are copied to leave
/// the training device.
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
        // One step of Newton's iteration, V (2 I − W V): it leaves an inverse as it is, and its
        // derivative in W is that of the inverse, −V dW V.
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
        let (inverse, _) = dense::invert(dense::to_host(weight)).expect(
            "the matrix of an invertible linear map is singular; the PLU form cannot become so",
        );
        let inverse = dense::to_tensor(&inverse, &device, dtype);
        *entry = Some(Entry {
            weight: key,
            device,
            inverse: inverse.clone(),
        });
        inverse
    }
}
