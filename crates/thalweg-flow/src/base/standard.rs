//! Standard densities without parameters: normal, logistic and uniform.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_kernels::{Density, log_density};

use crate::numerics::{nothing, sum_features};
use crate::shape::assert_features;
use crate::{Base, Noise, Placement};

/// A density of independent dimensions, by its `log p` and by its samples of a shape, multiplied by a
/// temperature.
macro_rules! density {
    ($(#[$doc:meta])* $name:ident, $log_prob:expr, $sample:expr) => {
        $(#[$doc])*
        #[derive(Module, Debug)]
        pub struct $name {
            pub(crate) features: usize,
        }

        impl $name {
            /// A density of `features` independent dimensions.
            pub fn new(features: usize) -> Self {
                Self { features }
            }
        }

        impl<C> Base<C> for $name {
            type Latent = Tensor<2>;

            fn log_prob(&self, z: Tensor<2>, _: &C) -> Tensor<1> {
                assert_features(stringify!($name), self.features, &z);
                $log_prob(z)
            }

            fn sample(
                &self,
                n: usize,
                temperature: f64,
                noise: &mut Noise,
                placement: &Placement,
                _: &C,
            ) -> Tensor<2> {
                $sample([n, self.features], temperature, noise, placement)
            }
        }
    };
}

density! {
    /// `log p(z) = −½ Σ z² − d/2 ln 2π`, on `[batch, features]`.
    StandardNormal,
    |z| log_density(z, Density::Normal),
    |shape, temperature, noise: &mut Noise, at: &Placement| {
        noise.normal(shape, &at.device, at.dtype).mul_scalar(temperature)
    }
}

density! {
    /// `log p(z) = −Σ ln(1 + eᶻ) + ln(1 + e⁻ᶻ)`, on `[batch, features]`; variance `π²/3` each.
    ///
    /// # References
    ///
    /// Dinh, Krueger, Bengio: *NICE*, 2014, section 3.4.
    StandardLogistic,
    |z| log_density(z, Density::Logistic),
    |shape, temperature, noise: &mut Noise, at: &Placement| {
        let u = noise.open_uniform(shape, &at.device, at.dtype);
        (u.clone().log() - u.neg().log1p()).mul_scalar(temperature)
    }
}

impl StandardLogistic {
    /// The standard deviation of each dimension, `π/√3`.
    pub const DEVIATION: f64 = 1.813_799_364_234_217_8;
}

density! {
    /// `log p(z) = 0` on `[0, 1]ᵈ` and `−∞` outside, on `[batch, features]`.
    UnitCube,
    log_uniform,
    |shape, temperature, noise: &mut Noise, at: &Placement| {
        let u = noise.uniform(shape, &at.device, at.dtype);
        u.sub_scalar(0.5).mul_scalar(temperature).add_scalar(0.5)
    }
}

fn log_uniform(z: Tensor<2>) -> Tensor<1> {
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
