//! A mixture of Gaussians.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor, activation};

use super::HALF_LN_TAU;
use crate::numerics::{nothing, saturate};
use crate::shape::{assert_alike, assert_features};
use crate::{Base, Noise, Placement};

/// `p(z) = Σₖ wₖ N(z; μₖ, diag σₖ²)` with learned weights, means and deviations, on
/// `[batch, features]`.
///
/// Samples are not differentiable in the weights.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Base, base::GaussianMixture};
///
/// // Two bumps of equal weight, far from each other.
/// let device = Device::default();
/// let means = Tensor::from_floats([[-9.0], [9.0]], &device);
/// let base = GaussianMixture::from_parameters(
///     Tensor::zeros([2], &device), means, Tensor::zeros([2, 1], &device),
/// );
/// let nats = base.log_prob(Tensor::from_floats([[9.0]], &device), &()).into_scalar::<f32>();
/// let one = -0.5 * (2.0 * std::f32::consts::PI).ln();
/// assert!((nats - one - 0.5_f32.ln()).abs() < 1e-6);
/// ```
#[derive(Module, Debug)]
pub struct GaussianMixture {
    /// `[components]`, unnormalized log-weights.
    pub(crate) logits: Param<Tensor<1>>,
    /// `[components, features]`.
    pub(crate) means: Param<Tensor<2>>,
    /// `[components, features]`.
    pub(crate) log_deviations: Param<Tensor<2>>,
}

impl GaussianMixture {
    /// `components` of equal weight and unit deviation, with means from a standard normal density.
    pub fn new(components: usize, features: usize, noise: &mut Noise, device: &Device) -> Self {
        let shape = [components, features];
        Self::from_parameters(
            Tensor::zeros([components], device),
            noise.normal(shape, device, DType::F32),
            Tensor::zeros(shape, device),
        )
    }

    /// Given logits `[components]`, means and log-deviations `[components, features]`.
    ///
    /// # Panics
    ///
    /// When their shapes do not fit.
    pub fn from_parameters(logits: Tensor<1>, means: Tensor<2>, log_deviations: Tensor<2>) -> Self {
        let [components, deviations] = [means.dims(), log_deviations.dims()];
        assert_alike(
            "a mixture",
            ["means", "log-deviations"],
            [components, deviations],
        );
        assert!(
            logits.dims()[0] == components[0],
            "a mixture of {} logits got means of {} components",
            logits.dims()[0],
            components[0]
        );
        Self {
            logits: Param::from_tensor(logits),
            means: Param::from_tensor(means),
            log_deviations: Param::from_tensor(log_deviations),
        }
    }
}

impl<C> Base<C> for GaussianMixture {
    type Latent = Tensor<2>;

    fn log_prob(&self, z: Tensor<2>, _: &C) -> Tensor<1> {
        let [batch, features] = z.dims();
        assert_features("GaussianMixture", self.means.val().dims()[1], &z);
        if let Some((_, nothing)) = nothing(&z) {
            return nothing;
        }
        let log_deviations = self.log_deviations.val().unsqueeze::<3>();
        let centred = z.unsqueeze_dim::<3>(1) - self.means.val().unsqueeze::<3>();
        let standard = centred * log_deviations.clone().neg().exp();
        let cost = standard.square().mul_scalar(0.5) + log_deviations;
        let components = self.logits.val().dims()[0];
        let each: Tensor<2> = cost.sum_dim(2).neg().reshape([batch, components]);
        let weights = log_softmax(self.logits.val().reshape([1, components]));
        log_sum_exp(each + weights).sub_scalar(features as f64 * HALF_LN_TAU)
    }

    fn sample(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
        placement: &Placement,
        _: &C,
    ) -> Tensor<2> {
        let [components, features] = self.means.val().dims();
        let Placement { device, dtype } = placement;
        if n == 0 {
            return Tensor::empty([0, features], (device, *dtype));
        }
        // Gumbel-max: the arg max of logits + Gumbel noise is a draw from the softmax.
        let u = noise.open_uniform([n, components], device, *dtype);
        let gumbel = u.log().neg().log().neg();
        let logits = self.logits.val().reshape([1, components]);
        let component = (gumbel + logits).argmax(1).reshape([n]);
        let z = noise
            .normal([n, features], device, *dtype)
            .mul_scalar(temperature);
        let deviations = self.log_deviations.val().exp().select(0, component.clone());
        z * deviations + self.means.val().select(0, component)
    }
}

/// `ln Σ eˣ` over axis 1, shifted by the maximum against overflow; `−∞` where all `x` are.
fn log_sum_exp(x: Tensor<2>) -> Tensor<1> {
    let batch = x.dims()[0];
    let highest = saturate(x.clone().max_dim(1).detach());
    let sum = (x - highest.clone()).exp().sum_dim(1).log() + highest;
    sum.reshape([batch])
}

fn log_softmax(x: Tensor<2>) -> Tensor<2> {
    activation::log_softmax(x, 1)
}
