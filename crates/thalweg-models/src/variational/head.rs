//! From features to normal densities.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};
use thalweg_flow::parameter::with_value;
use thalweg_flow::{Noise, WeightInit, linear};

use super::Gaussian;

/// A linear layer whose outputs are the means and log-variances of a [`Gaussian`]: the one head of
/// VAE and VIB.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Noise, WeightInit};
/// use thalweg_models::variational::{GaussianHead, KlForm};
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let head = GaussianHead::new([8, 2], WeightInit::FanIn, &mut noise, &device);
/// let density = head.forward(Tensor::ones([5, 8], &device));
/// assert_eq!(density.draw(KlForm::Analytic, &mut noise).z.dims(), [5, 2]);
/// ```
///
/// # Shapes
///
/// `[batch, features]` to densities of `[batch, latents]`.
#[derive(Module, Debug)]
pub struct GaussianHead {
    linear: Linear,
}

impl GaussianHead {
    /// From `features` to `latents`, with initial weights from `noise`.
    pub fn new(
        [features, latents]: [usize; 2],
        init: WeightInit,
        noise: &mut Noise,
        device: &Device,
    ) -> Self {
        Self {
            linear: linear([features, 2 * latents], init, noise, device),
        }
    }

    /// Given layers for means and log-variances.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Noise, WeightInit, linear};
    /// use thalweg_models::variational::GaussianHead;
    ///
    /// let (device, mut noise) = (Device::default(), Noise::seeded(0));
    /// let mut layer = || linear([3, 2], WeightInit::FanIn, &mut noise, &device);
    /// let (mean, log_variance) = (layer(), layer());
    /// let head = GaussianHead::from_layers(mean.clone(), log_variance.clone());
    /// let x = Tensor::<2>::ones([1, 3], &device);
    /// let density = head.forward(x.clone());
    /// for (found, layer) in [(density.mean(), mean), (density.log_variance(), log_variance)] {
    ///     assert!((found - layer.forward(x.clone())).abs().max().into_scalar::<f32>() < 1e-5);
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// Unless both have the same shape and a bias.
    pub fn from_layers(mean: Linear, log_variance: Linear) -> Self {
        let biases = [&mean, &log_variance].map(|layer| {
            let bias = layer.bias.as_ref().expect("a layer with a bias");
            plain(bias.val())
        });
        let weights = [mean, log_variance].map(|layer| plain(layer.weight.val()));
        assert_eq!(
            weights[0].dims(),
            weights[1].dims(),
            "means and log-variances come from layers of one shape"
        );
        Self {
            linear: Linear {
                weight: Param::from_tensor(Tensor::cat(weights.into(), 1)),
                bias: Some(Param::from_tensor(Tensor::cat(biases.into(), 0))),
            },
        }
    }

    /// The same head with log-variances that start around `value`.
    ///
    /// At 0, noise as wide as the prior hides the features from a classifier; at −9 the head is nearly
    /// deterministic.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Noise, WeightInit};
    /// use thalweg_models::variational::GaussianHead;
    ///
    /// let device = Device::default();
    /// let head = GaussianHead::new([8, 2], WeightInit::Zero, &mut Noise::seeded(0), &device);
    /// let head = head.with_log_variance(-2.0);
    /// let density = head.forward(Tensor::ones([1, 8], &device));
    /// assert!((density.log_variance() + 2.0).abs().max().into_scalar::<f32>() < 0.1);
    /// ```
    pub fn with_log_variance(mut self, value: f64) -> Self {
        self.linear.bias = self.linear.bias.map(|bias| {
            with_value(bias, |old| {
                let half = old.dims()[0] / 2;
                let shifted = old.clone().narrow(0, half, half).add_scalar(value);
                Tensor::cat(vec![old.narrow(0, 0, half), shifted], 0)
            })
        });
        self
    }

    /// The dimension of the latents.
    pub fn latents(&self) -> usize {
        self.linear.weight.val().dims()[1] / 2
    }

    /// The density of each sample.
    pub fn forward(&self, features: Tensor<2>) -> Gaussian {
        Gaussian::from_parameters(self.linear.forward(features))
    }
}

/// The tensor outside any graph, so that it can become a parameter.
fn plain<const D: usize>(tensor: Tensor<D>) -> Tensor<D> {
    match tensor.is_autodiff() {
        // A new leaf on the same device.
        true => tensor.inner().autodiff(),
        false => tensor,
    }
}
