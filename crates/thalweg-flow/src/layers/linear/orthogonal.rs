//! Orthogonal matrices: products of reflections, and fixed rotations.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor};

use super::{LinearForm, dense};
use crate::Noise;
use crate::layers::fixed;

/// `W = Π (I − 2 vᵢ vᵢᵀ / ‖vᵢ‖²)` with learned `vᵢ`: orthogonal, `ln|det W| = 0`, `W⁻¹ = Wᵀ`.
///
/// As many reflections as features reach every orthogonal matrix up to a sign; fewer are cheaper.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Householder, LinearForm};
///
/// // A mirror across the diagonal exchanges the two features.
/// let vectors = Tensor::from_floats([[1.0, -1.0]], &Device::default());
/// let (weight, log_det) = Householder::from_vectors(vectors).weight();
/// let swap = Tensor::<2>::from_floats([[0.0, 1.0], [1.0, 0.0]], &weight.device());
/// assert!((weight - swap).abs().max().into_scalar::<f32>() < 1e-6);
/// assert_eq!(log_det.into_scalar::<f32>(), 0.0);
/// ```
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

/// A fixed random rotation, saved with the weights: `ln|det W| = 0`, `W⁻¹ = Wᵀ`.
///
/// See [`LinearForm`](super::LinearForm) for an example.
#[derive(Module, Debug)]
pub struct Rotation {
    weight: Param<Tensor<2>>,
}

impl Rotation {
    /// Drawn uniformly from all rotations and reflections.
    pub fn new(features: usize, noise: &mut Noise, device: &Device) -> Self {
        let rotation = dense::random_rotation(features, noise);
        Self {
            weight: fixed(dense::to_tensor(&rotation, device, DType::F32)),
        }
    }
}

impl LinearForm for Rotation {
    fn weight(&self) -> (Tensor<2>, Tensor<1>) {
        let stored = self.weight.val();
        // Numbers stored in f32 are orthogonal to its rounding only. One step of Newton's
        // iteration for the nearest orthogonal matrix, W (3 I − Wᵀ W) / 2, squares that error.
        let thrice =
            Tensor::<2>::eye(stored.dims()[0], &stored.device()).cast(stored.dtype()) * 3.0;
        let product = stored.clone().transpose().matmul(stored.clone());
        let weight = stored.matmul(thrice - product) * 0.5;
        let log_det = Tensor::zeros([1], (&weight.device(), weight.dtype()));
        (weight, log_det)
    }

    fn is_orthogonal(&self) -> bool {
        true
    }
}
