//! A bottleneck of information.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use thalweg_flow::points::no_rows;
use thalweg_flow::{Noise, WeightInit};

use crate::variational::{Draw, Gaussian, GaussianHead, KlForm};

/// Features through noise: a [`GaussianHead`], whose sample is the input of the rest of a network.
/// Its divergence from the standard normal density bounds the information in the sample.
///
/// It fits into any classifier: [`forward`](Self::forward) in training, [`mean`](Self::mean) at
/// evaluation, or the average of several predictions from `forward`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::vib::Bottleneck;
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let layer = Bottleneck::new([8, 2], -5.0, &mut noise, &device);
/// let features = Tensor::<2>::ones([5, 8], &device);
/// let through = layer.forward(features.clone(), &mut noise);
/// assert_eq!((through.z.dims(), through.rate.dims()), ([5, 2], [5]));
/// let density = layer.density(features.clone());
/// assert_eq!(layer.mean(features).to_data(), density.mean().to_data());
/// let kl = density.kl().sum_dim(1).reshape([5]);
/// assert!((through.rate - kl).abs().max().into_scalar::<f32>() < 1e-5);
/// ```
///
/// # Shapes
///
/// `[batch, features]` to `[batch, width]`.
///
/// # References
///
/// Alemi, Fischer, Dillon, Murphy: *Deep variational information bottleneck*, 2017. Su Jianlin:
/// kexue.fm/archives/6181, 2018, whose layer has no noise at evaluation.
#[derive(Module, Debug)]
pub struct Bottleneck {
    /// From features to densities.
    pub head: GaussianHead,
}

/// The output of a [`Bottleneck`].
///
/// See [`Bottleneck`] for an example.
#[derive(Debug, Clone)]
pub struct Through {
    /// The sample, `[batch, width]`.
    pub z: Tensor<2>,
    /// `KL(p(z|x) ‖ q(z))`, `[batch]`, in nats.
    pub rate: Tensor<1>,
    /// `log p(z|x) − log q(z)` of the sample, `[batch]`: the same in expectation.
    pub log_ratio: Tensor<1>,
}

impl Through {
    /// The same of a batch without rows.
    pub(super) fn of_no_rows(self) -> Self {
        Self {
            z: no_rows(self.z),
            rate: no_rows(self.rate),
            log_ratio: no_rows(self.log_ratio),
        }
    }
}

impl Bottleneck {
    /// From `features` to `width`, with log-variances that start around the number given.
    pub fn new(
        [features, width]: [usize; 2],
        log_variance: f64,
        noise: &mut Noise,
        device: &Device,
    ) -> Self {
        let head = GaussianHead::new([features, width], WeightInit::Glorot, noise, device);
        Self {
            head: head.with_log_variance(log_variance),
        }
    }

    /// A sample, and its divergences.
    pub fn forward(&self, features: Tensor<2>, noise: &mut Noise) -> Through {
        let density = self.head.forward(features);
        let Draw { z, kl } = density.draw(KlForm::MonteCarlo, noise);
        Through {
            z,
            rate: sum(density.kl()),
            log_ratio: sum(kl),
        }
    }

    /// The mean of each density: the output with the noise off.
    pub fn mean(&self, features: Tensor<2>) -> Tensor<2> {
        self.density(features).mean()
    }

    /// The density of each row.
    pub fn density(&self, features: Tensor<2>) -> Gaussian {
        self.head.forward(features)
    }
}

fn sum(terms: Tensor<2>) -> Tensor<1> {
    thalweg_flow::numerics::sum_features(terms)
}
