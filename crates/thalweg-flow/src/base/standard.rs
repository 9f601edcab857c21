//! Standard densities without parameters: normal, logistic and uniform.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_kernels::{Density, log_density};

use crate::numerics::{nothing, sum_features};
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

/// `log p(z) = 0` on `[0, 1]ᵈ` and `−∞` outside, on `[batch, features]`.
#[derive(Module, Debug)]
pub struct UnitCube {
    features: usize,
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
        // The negation of inside, so that NaN is outside.
        let inside = z.clone().greater_equal_elem(0.0);
        let outside = inside.bool_and(z.clone().lower_equal_elem(1.0)).bool_not();
        // Zeros on the graph of z, so that their gradient is 0.
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
