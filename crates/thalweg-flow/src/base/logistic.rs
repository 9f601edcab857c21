//! The standard logistic density, NICE's prior.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_kernels::{Density, log_density};

use crate::shape::assert_features;
use crate::{Base, Noise, Placement};

/// `log p(z) = −Σ ln(1 + eᶻ) + ln(1 + e⁻ᶻ)`, on `[batch, features]`; variance `π²/3` each.
///
/// # References
///
/// Dinh, Krueger, Bengio: *NICE*, 2014, section 3.4.
#[derive(Module, Debug)]
pub struct StandardLogistic {
    pub(crate) features: usize,
}

impl StandardLogistic {
    /// The standard deviation of each dimension, `π/√3`.
    pub const DEVIATION: f64 = 1.813_799_364_234_217_8;

    /// Of `features` independent dimensions.
    pub fn new(features: usize) -> Self {
        Self { features }
    }
}

impl<C> Base<C> for StandardLogistic {
    type Latent = Tensor<2>;

    fn log_prob(&self, z: Tensor<2>, _: &C) -> Tensor<1> {
        assert_features("StandardLogistic", self.features, &z);
        log_density(z, Density::Logistic)
    }

    fn sample(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
        placement: &Placement,
        _: &C,
    ) -> Tensor<2> {
        let u = noise.open_uniform([n, self.features], &placement.device, placement.dtype);
        (u.clone().log() - u.neg().log1p()).mul_scalar(temperature)
    }
}
