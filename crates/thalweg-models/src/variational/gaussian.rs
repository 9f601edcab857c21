//! Normal densities with independent dimensions, one a sample.

use burn::module::Module;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use thalweg_flow::numerics::{nothing, saturate, sum_features};
use thalweg_flow::{Bijection, LogDet, Noise};

/// The formula of the divergence from the standard normal prior.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::variational::{Gaussian, KlForm};
///
/// let device = Device::default();
/// let density = Gaussian::new(Tensor::<2>::ones([1, 1], &device), Tensor::zeros([1, 1], &device));
/// let kl = |form, u| {
///     let draw = density.draw_at(form, Tensor::full([1, 1], u, &device));
///     draw.kl.into_scalar::<f32>()
/// };
/// assert_eq!(kl(KlForm::Analytic, 0.3), 0.5);
/// // The mean of the sample at u and at −u.
/// let mean = (kl(KlForm::MonteCarlo, 0.3) + kl(KlForm::MonteCarlo, -0.3)) / 2.0;
/// assert!((mean - 0.5).abs() < 1e-6);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KlForm {
    /// `½ (μ² + σ² − 1) − ln σ`.
    Analytic,
    /// `½ z² − ½ u² − ln σ` of the sample `z = μ + σ u`: the same in expectation, and the only form for
    /// a prior that is not normal.
    MonteCarlo,
}

/// `N(μ, diag σ²)`, one density a sample, with the log-variance softly bounded.
///
/// A log-variance `s` in `[−10, 10]` is unchanged; outside, it tends to `±14` with a continuous
/// derivative. The bound is here, so that samples and divergences have the same number: a bound in one
/// of them leaves an overflow in the other.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::variational::{Draw, Gaussian, KlForm};
///
/// let device = Device::default();
/// let parameters = Tensor::<2>::zeros([3, 4], &device); // two means, two log-variances
/// let Draw { z, kl } =
///     Gaussian::from_parameters(parameters).draw(KlForm::Analytic, &mut Noise::seeded(0));
/// assert_eq!((z.dims(), kl.dims()), ([3, 2], [3, 2]));
/// ```
///
/// # References
///
/// Kingma, Welling: *Auto-encoding variational Bayes*, 2014, section 2.4 and appendix B.
#[derive(Debug, Clone)]
pub struct Gaussian<const D: usize = 2> {
    mean: Tensor<D>,
    log_variance: Tensor<D>,
}

/// A sample, and the divergence of its density from the prior, dimension by dimension, in nats.
///
/// See [`Gaussian`] for an example.
#[derive(Debug, Clone)]
pub struct Draw<const D: usize = 2> {
    /// `μ + σ u`.
    pub z: Tensor<D>,
    /// The divergence from the standard normal density, of the same shape.
    pub kl: Tensor<D>,
}

/// Log-variances up to this bound are unchanged.
const LINEAR: f64 = 10.0;
/// The largest excess; a power of two, so that a division by it is exact.
const MARGIN: f64 = 4.0;

impl<const D: usize> Gaussian<D> {
    /// Means and log-variances of one shape; the latter are bounded.
    ///
    /// # Panics
    ///
    /// When their shapes differ.
    pub fn new(mean: Tensor<D>, log_variance: Tensor<D>) -> Self {
        assert_eq!(
            mean.dims(),
            log_variance.dims(),
            "a normal density needs as many means as log-variances"
        );
        let inner = log_variance.clone().clamp(-LINEAR, LINEAR);
        let excess = (log_variance - inner.clone()).mul_scalar(MARGIN.recip());
        Self {
            mean,
            log_variance: inner + excess.tanh().mul_scalar(MARGIN),
        }
    }

    /// The first half of axis 1 as means, the second as log-variances.
    ///
    /// # Panics
    ///
    /// When axis 1 has an odd length.
    pub fn from_parameters(parameters: Tensor<D>) -> Self {
        let features = parameters.dims()[1];
        assert!(
            features.is_multiple_of(2),
            "{features} numbers are no means and log-variances"
        );
        let half = features / 2;
        Self::new(
            parameters.clone().narrow(1, 0, half),
            parameters.narrow(1, half, half),
        )
    }

    /// # Panics
    ///
    /// Unless these are numbers of densities of this shape.
    fn assert_shape(&self, numbers: &Tensor<D>) {
        let (expected, found) = (self.mean.dims(), numbers.dims());
        assert!(
            found == expected,
            "normal densities of the shape {expected:?} got numbers of the shape {found:?}"
        );
    }

    /// `μ`.
    pub fn mean(&self) -> Tensor<D> {
        self.mean.clone()
    }

    /// `ln σ²`, bounded.
    pub fn log_variance(&self) -> Tensor<D> {
        self.log_variance.clone()
    }

    /// `σ`.
    pub fn deviation(&self) -> Tensor<D> {
        self.log_variance.clone().mul_scalar(0.5).exp()
    }

    /// `μ` and `ln σ²`, bounded.
    pub(crate) fn into_parts(self) -> (Tensor<D>, Tensor<D>) {
        (self.mean, self.log_variance)
    }

    /// The inverse of [`into_parts`](Self::into_parts).
    pub(crate) fn from_parts((mean, log_variance): (Tensor<D>, Tensor<D>)) -> Self {
        Self { mean, log_variance }
    }

    /// The densities of the whole batch, repeated `times` times.
    pub(crate) fn repeat_rows(&self, times: usize) -> Self {
        Self {
            mean: self.mean.clone().repeat_dim(0, times),
            log_variance: self.log_variance.clone().repeat_dim(0, times),
        }
    }

    /// A sample and its divergence.
    pub fn draw(&self, form: KlForm, noise: &mut Noise) -> Draw<D> {
        let u = noise.normal(self.mean.dims(), &self.mean.device(), self.mean.dtype());
        self.draw_at(form, u)
    }

    /// The sample of given standard normal numbers `u`, and its divergence.
    pub fn draw_at(&self, form: KlForm, u: Tensor<D>) -> Draw<D> {
        let z = self.mean() + self.deviation() * u.clone();
        let kl = match form {
            KlForm::Analytic => self.kl(),
            KlForm::MonteCarlo => {
                (z.clone().square() - u.square() - self.log_variance()).mul_scalar(0.5)
            }
        };
        Draw { z, kl }
    }

    /// The divergence from the standard normal density, dimension by dimension.
    pub fn kl(&self) -> Tensor<D> {
        let second_moment = self.mean().square() + self.log_variance().exp();
        (second_moment - self.log_variance())
            .sub_scalar(1.0)
            .mul_scalar(0.5)
    }
}

/// `z = μ + σ ⊙ u`, `ln|det J| = Σ ln σ`: the map from noise to the sample of a [`Gaussian`], which
/// is its context.
///
/// As the conditional flow of an [f-VAE](crate::fvae) it gives the VAE.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Bijection;
/// use thalweg_models::variational::{Gaussian, Reparametrize};
///
/// let device = Device::default();
/// let of = |x| Tensor::<2>::full([1, 1], x, &device);
/// // N(3, 2²)
/// let density = Gaussian::new(of(3.0), of(4.0_f64.ln()));
/// let (z, log_det) = Reparametrize {}.forward(of(1.0), &density);
/// assert!((z.into_scalar::<f32>() - 5.0).abs() < 1e-5);
/// assert!((log_det.into_scalar::<f32>() - 2.0_f32.ln()).abs() < 1e-6);
/// ```
///
/// # Shapes
///
/// Those of the density to the same; others panic.
#[derive(Module, Debug, Default)]
pub struct Reparametrize<const D: usize = 2> {}

impl<const D: usize> Bijection<Gaussian<D>> for Reparametrize<D> {
    type Data = Tensor<D>;
    type Latent = Tensor<D>;

    fn forward(&self, u: Tensor<D>, density: &Gaussian<D>) -> (Tensor<D>, LogDet) {
        density.assert_shape(&u);
        if let Some(nothing) = nothing(&u) {
            return nothing;
        }
        let log_det = sum_features(density.log_variance()).mul_scalar(0.5);
        (saturate(density.mean() + density.deviation() * u), log_det)
    }

    fn inverse(&self, z: Tensor<D>, density: &Gaussian<D>) -> (Tensor<D>, LogDet) {
        density.assert_shape(&z);
        if let Some(nothing) = nothing(&z) {
            return nothing;
        }
        let log_det = sum_features(density.log_variance()).mul_scalar(-0.5);
        let inverse_deviation = density.log_variance().mul_scalar(-0.5).exp();
        (saturate((z - density.mean()) * inverse_deviation), log_det)
    }
}
