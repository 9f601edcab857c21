//! The standard normal density.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_kernels::{Density, log_density};

use crate::shape::assert_features;
use crate::{Base, Noise, Placement};

/// `log p(z) = −½ Σ z² − d/2 ln 2π`, on `[batch, features]`.
#[derive(Module, Debug)]
pub struct StandardNormal {
    pub(crate) features: usize,
}

impl StandardNormal {
    /// Of `features` independent dimensions.
    pub fn new(features: usize) -> Self {
        Self { features }
    }
}

impl<C> Base<C> for StandardNormal {
    type Latent = Tensor<2>;

    fn log_prob(&self, z: Tensor<2>, _: &C) -> Tensor<1> {
        assert_features("StandardNormal", self.features, &z);
        log_density(z, Density::Normal)
    }

    fn sample(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
        placement: &Placement,
        _: &C,
    ) -> Tensor<2> {
        let z = noise.normal([n, self.features], &placement.device, placement.dtype);
        z.mul_scalar(temperature)
    }
}
