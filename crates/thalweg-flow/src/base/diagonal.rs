//! A normal density with learned means and deviations.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use super::HALF_LN_TAU;
use crate::numerics::{along_features, nothing, sum_features};
use crate::shape::{assert_alike, assert_features};
use crate::{Base, Noise, Placement};

/// `log p(z) = −Σ ½ ((z − μ) e^−s)² + s + ½ ln 2π`, `μ` and `s = ln σ` learned, on
/// `[batch, features]`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Base, base::DiagonalNormal};
///
/// let device = Device::default();
/// let mean = Tensor::from_floats([1.0, -1.0], &device);
/// let base = DiagonalNormal::from_parameters(mean.clone(), Tensor::zeros([2], &device));
/// let nats = base.log_prob(mean.unsqueeze::<2>(), &()).into_scalar::<f32>();
/// assert!((nats + (2.0 * std::f32::consts::PI).ln()).abs() < 1e-6);
/// ```
#[derive(Module, Debug)]
pub struct DiagonalNormal {
    pub(crate) mean: Param<Tensor<1>>,
    pub(crate) log_deviation: Param<Tensor<1>>,
}

impl DiagonalNormal {
    /// Starts as the standard normal density of `features` dimensions.
    pub fn new(features: usize, device: &Device) -> Self {
        Self::from_parameters(
            Tensor::zeros([features], device),
            Tensor::zeros([features], device),
        )
    }

    /// Given means and log-deviations, each `[features]`.
    ///
    /// # Panics
    ///
    /// When their lengths differ.
    pub fn from_parameters(mean: Tensor<1>, log_deviation: Tensor<1>) -> Self {
        assert_alike(
            "a diagonal normal density",
            ["means", "log-deviations"],
            [mean.dims(), log_deviation.dims()],
        );
        Self {
            mean: Param::from_tensor(mean),
            log_deviation: Param::from_tensor(log_deviation),
        }
    }
}

impl<C> Base<C> for DiagonalNormal {
    type Latent = Tensor<2>;

    fn log_prob(&self, z: Tensor<2>, _: &C) -> Tensor<1> {
        assert_features("DiagonalNormal", self.mean.val().dims()[0], &z);
        if let Some((_, nothing)) = nothing(&z) {
            return nothing;
        }
        let log_deviation = along_features::<2>(self.log_deviation.val());
        let mean = along_features::<2>(self.mean.val());
        let standard = (z - mean) * log_deviation.clone().neg().exp();
        let cost = standard.square().mul_scalar(0.5) + log_deviation;
        sum_features(cost.add_scalar(HALF_LN_TAU)).neg()
    }

    fn sample(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
        placement: &Placement,
        _: &C,
    ) -> Tensor<2> {
        let features = self.mean.val().dims()[0];
        let z = noise.normal([n, features], &placement.device, placement.dtype);
        let width = along_features::<2>(self.log_deviation.val().exp().mul_scalar(temperature));
        z * width + along_features::<2>(self.mean.val())
    }
}
