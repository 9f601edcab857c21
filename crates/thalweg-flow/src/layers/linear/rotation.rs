//! A fixed rotation.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor};

use super::{LinearForm, dense};
use crate::Noise;
use crate::layers::fixed;

/// A random rotation that does not train, saved with the weights: `ln|det W| = 0`, `W⁻¹ = Wᵀ`.
///
/// It mixes all features at no cost in the loss, where a permutation only reorders them.
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
