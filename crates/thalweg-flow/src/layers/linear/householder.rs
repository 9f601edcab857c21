//! Products of reflections.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor};

use super::LinearForm;
use crate::Noise;

/// `W = Π (I − 2 vᵢ vᵢᵀ / ‖vᵢ‖²)` with learned `vᵢ`: orthogonal, `ln|det W| = 0`, `W⁻¹ = Wᵀ`.
///
/// As many reflections as features reach every orthogonal matrix up to a sign; fewer are cheaper.
///
/// # References
///
/// Tomczak, Welling: *Improving variational auto-encoders using Householder flow*, 2016, eq. 9.
#[derive(Module, Debug)]
pub struct Householder {
    /// `[reflections, features]`.
    vectors: Param<Tensor<2>>,
}

impl Householder {
    /// Random reflections.
    pub fn new(reflections: usize, features: usize, noise: &mut Noise, device: &Device) -> Self {
        Self::from_vectors(noise.normal([reflections, features], device, DType::F32))
    }

    /// Given vectors, `[reflections, features]`.
    pub fn from_vectors(vectors: Tensor<2>) -> Self {
        Self {
            vectors: Param::from_tensor(vectors),
        }
    }
}

impl LinearForm for Householder {
    fn weight(&self) -> (Tensor<2>, Tensor<1>) {
        let vectors = self.vectors.val();
        let [reflections, features] = vectors.dims();
        let (device, dtype) = (vectors.device().without_autodiff(), vectors.dtype());
        let eye = Tensor::<2>::eye(features, &device).cast(dtype);
        let weight = (0..reflections).fold(eye, |weight, k| {
            let v = vectors.clone().narrow(0, k, 1);
            // A vector of zeros reflects nothing.
            let norm = v.clone().square().sum_dim(1).add_scalar(1e-30);
            let twice_over_norm = norm.recip().mul_scalar(2.0);
            let image = weight.clone().matmul(v.clone().transpose());
            weight - image.matmul(v * twice_over_norm)
        });
        (weight, Tensor::zeros([1], (&device, dtype)))
    }

    fn is_orthogonal(&self) -> bool {
        true
    }
}
