//! NICE's transformer.

use burn::module::Module;
use burn::tensor::Tensor;

use super::Transformer;
use crate::LogDet;
use crate::numerics::zero_log_det;

/// `y = x + t` (or `x − t`), `ln|det J| = 0`.
///
/// # References
///
/// Dinh, Krueger, Bengio: *NICE*, 2014, section 3.2.
#[derive(Module, Debug, Default)]
pub struct Additive {
    pub(crate) subtracts: bool,
}

impl Additive {
    /// `forward` adds the shift, as in the paper.
    pub fn new() -> Self {
        Self { subtracts: false }
    }

    /// `forward` subtracts the shift, so that generating adds it.
    ///
    /// With a conditioner that ends in a ReLU the generator then only adds non-negative amounts,
    /// which suits pixels: the choice of Su Jianlin's code.
    pub fn subtracting() -> Self {
        Self { subtracts: true }
    }
}

impl Transformer for Additive {
    fn parameters_per_feature(&self) -> usize {
        1
    }

    fn forward<const D: usize>(&self, x: Tensor<D>, shift: Tensor<D>) -> (Tensor<D>, LogDet) {
        let log_det = zero_log_det(&x);
        (if self.subtracts { x - shift } else { x + shift }, log_det)
    }

    fn inverse<const D: usize>(&self, y: Tensor<D>, shift: Tensor<D>) -> (Tensor<D>, LogDet) {
        let log_det = zero_log_det(&y);
        (if self.subtracts { y + shift } else { y - shift }, log_det)
    }
}
