//! A learned scale and shift for each feature.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use crate::numerics::{centre_and_scale, scale_and_shift};
use crate::shape::assert_alike;
use crate::{Bijection, LogDet, probe};

/// `z = exp(s) ⊙ x + t`, `ln|det J| = Σ s · positions`, one `s` and `t` a feature (axis 1).
///
/// # Shapes
///
/// `[batch, features, ..]` to the same; `positions` is 1 for vectors and `height · width` for
/// images.
#[derive(Module, Debug)]
pub struct ElementwiseAffine<const D: usize = 2> {
    pub(crate) log_scale: Param<Tensor<1>>,
    pub(crate) shift: Param<Tensor<1>>,
}

impl<const D: usize> ElementwiseAffine<D> {
    /// The identity.
    pub fn new(features: usize, device: &Device) -> Self {
        Self::from_parameters(
            Tensor::zeros([features], device),
            Tensor::zeros([features], device),
        )
    }

    /// Given log-scales and shifts, each `[features]`.
    ///
    /// # Panics
    ///
    /// When their lengths differ.
    pub fn from_parameters(log_scale: Tensor<1>, shift: Tensor<1>) -> Self {
        assert_alike(
            "an elementwise affine map",
            ["log-scales", "shifts"],
            [log_scale.dims(), shift.dims()],
        );
        Self {
            log_scale: Param::from_tensor(log_scale),
            shift: Param::from_tensor(shift),
        }
    }
}

impl<C, const D: usize> Bijection<C> for ElementwiseAffine<D> {
    type Data = Tensor<D>;
    type Latent = Tensor<D>;

    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        probe::layer(
            "ElementwiseAffine",
            scale_and_shift(x, self.log_scale.val(), self.shift.val()),
        )
    }

    fn inverse(&self, z: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        probe::layer(
            "ElementwiseAffine",
            centre_and_scale(z, self.shift.val(), self.log_scale.val().neg()),
        )
    }
}
