//! The map that changes nothing.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::numerics::zero_log_det;
use crate::{Bijection, LogDet};

/// `z = x`, `ln|det J| = 0`, for tensors of rank `D`.
#[derive(Module, Debug, Default)]
pub struct Identity<const D: usize = 2> {}

impl<C, const D: usize> Bijection<C> for Identity<D> {
    type Data = Tensor<D>;
    type Latent = Tensor<D>;

    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        let log_det = zero_log_det(&x);
        (x, log_det)
    }

    fn inverse(&self, z: Tensor<D>, context: &C) -> (Tensor<D>, LogDet) {
        self.forward(z, context)
    }
}
