//! The uniform density on the unit cube.

use burn::module::Module;
use burn::tensor::Tensor;

use super::Base;
use crate::numerics::{nothing, sum_features};
use crate::shape::assert_features;
use crate::{Noise, Placement};

/// `log p(z) = 0` on `[0, 1]ᵈ` and `−∞` outside, on `[batch, features]`.
#[derive(Module, Debug)]
pub struct UnitCube {
    pub(crate) features: usize,
}

impl UnitCube {
    /// Of `features` independent dimensions.
    pub fn new(features: usize) -> Self {
        Self { features }
    }
}

impl<C> Base<C> for UnitCube {
    type Latent = Tensor<2>;

    fn log_prob(&self, z: Tensor<2>, _: &C) -> Tensor<1> {
        assert_features("UnitCube", self.features, &z);
        if let Some((_, nothing)) = nothing(&z) {
            return nothing;
        }
        // By what is inside, so that NaN is outside.
        let inside = z.clone().greater_equal_elem(0.0);
        let outside = inside.bool_and(z.clone().lower_equal_elem(1.0)).bool_not();
        // Zeros that depend on z, so that a loss of them has a gradient, which is 0.
        let zeros = z.mul_scalar(0.0);
        sum_features(zeros.mask_fill(outside, f64::NEG_INFINITY))
    }

    fn sample(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
        placement: &Placement,
        _: &C,
    ) -> Tensor<2> {
        let u = noise.uniform([n, self.features], &placement.device, placement.dtype);
        u.sub_scalar(0.5).mul_scalar(temperature).add_scalar(0.5)
    }
}
