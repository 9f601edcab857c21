//! Features in reverse order.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::numerics::{nothing, zero_log_det};
use crate::{Bijection, LogDet};

/// `zᵢ = x_{d−1−i}` along axis 1, `ln|det J| = 0`.
///
/// The mixing of the NICE code of Su Jianlin. It has nothing to save: the order follows from the
/// number of features. For a random order that travels with the weights see
/// [`Permutation`](crate::Permutation).
///
/// # Shapes
///
/// `[batch, features, ..]` to the same.
#[derive(Module, Debug, Default)]
pub struct Reverse<const D: usize = 2> {}

impl<C, const D: usize> Bijection<C> for Reverse<D> {
    type Data = Tensor<D>;
    type Latent = Tensor<D>;

    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        if let Some(nothing) = nothing(&x) {
            return nothing;
        }
        let log_det = zero_log_det(&x);
        (x.flip([1]), log_det)
    }

    fn inverse(&self, z: Tensor<D>, context: &C) -> (Tensor<D>, LogDet) {
        self.forward(z, context)
    }
}
