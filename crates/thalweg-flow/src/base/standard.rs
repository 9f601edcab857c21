//! Standard densities without parameters: normal, logistic and uniform.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_kernels::{Density, log_density};

use super::no_samples;
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
                let shape = [n, self.features];
                no_samples(shape, placement)
                    .unwrap_or_else(|| $sample(shape, temperature, noise, placement))
            }
        }
    };
}

density! {
    /// `log p(z) = −½ Σ z² − d/2 ln 2π`, on `[batch, features]`.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Base, base::StandardNormal};
    ///
    /// let z = Tensor::<2>::zeros([1, 3], &Device::default());
    /// let nats = StandardNormal::new(3).log_prob(z, &()).into_scalar::<f32>();
    /// assert!((nats + 1.5 * (2.0 * std::f32::consts::PI).ln()).abs() < 1e-6);
    /// ```
    StandardNormal,
    |z| log_density(z, Density::Normal),
    |shape, temperature, noise: &mut Noise, at: &Placement| {
        noise.normal(shape, &at.device, at.dtype).mul_scalar(temperature)
    }
}

density! {
    /// `log p(z) = −Σ ln(1 + eᶻ) + ln(1 + e⁻ᶻ)`, on `[batch, features]`; variance `π²/3` each.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Base, base::StandardLogistic};
    ///
    /// // The density at 0 is 1/4.
    /// let z = Tensor::<2>::zeros([1, 1], &Device::default());
    /// let nats = StandardLogistic::new(1).log_prob(z, &()).into_scalar::<f32>();
    /// assert!((nats - 0.25_f32.ln()).abs() < 1e-6);
    /// let variance = std::f64::consts::PI.powi(2) / 3.0;
    /// assert!((StandardLogistic::DEVIATION.powi(2) - variance).abs() < 1e-14);
    /// ```
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
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Base, base::UnitCube};
    ///
    /// let z = Tensor::<2>::from_floats([[0.2, 0.9], [0.2, 1.1]], &Device::default());
    /// let nats = UnitCube::new(2).log_prob(z, &()).into_data().try_to_vec::<f32>().unwrap();
    /// assert_eq!(nats, [0.0, f32::NEG_INFINITY]);
    /// ```
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
