//! Densities of data given a decoder's output.

use std::fmt;

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};
use thalweg_flow::base::HALF_LN_TAU;
use thalweg_flow::numerics::{log_sigmoid, saturate, sigmoid, sum_features};
use thalweg_kernels::{bernoulli, factor};

use super::Binarization;

/// The density of data given a decoder's output, and the preprocessing of their levels.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::variational::LikelihoodStyle;
///
/// let device = Device::default();
/// let likelihood = LikelihoodStyle::DiscretizedLogistic.init(256, &device);
/// let (x, output) = (Tensor::<2>::ones([4, 9], &device) * 0.4, Tensor::zeros([4, 9], &device));
/// assert_eq!(likelihood.log_prob(x, output).dims(), [4]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LikelihoodStyle {
    /// Black and white, with a probability of white for each number.
    Bernoulli(Binarization),
    /// Normal, with one learned deviation, on dequantized levels in the unit cube.
    Gaussian,
    /// The probability of each level under a logistic density, with one learned scale.
    DiscretizedLogistic,
}

impl fmt::Display for LikelihoodStyle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bernoulli(binarization) => write!(f, "Bernoulli, {binarization}"),
            Self::Gaussian => write!(f, "Gaussian, uniform dequantization"),
            Self::DiscretizedLogistic => write!(f, "discretized logistic"),
        }
    }
}

impl LikelihoodStyle {
    /// The untrained density of data with this many levels.
    pub fn init(self, levels: u32, device: &Device) -> Likelihood {
        let start = || Tensor::full([1], START.ln(), device);
        match self {
            Self::Bernoulli(_) => Likelihood::Bernoulli(Bernoulli {}),
            Self::Gaussian => Likelihood::Gaussian(FixedDeviation::from_log_deviation(start())),
            Self::DiscretizedLogistic => {
                Likelihood::DiscretizedLogistic(DiscretizedLogistic::new(levels, start()))
            }
        }
    }
}

/// The initial deviation of data in the unit cube around a decoder's output.
const START: f64 = 0.2;

/// One of the densities of [`LikelihoodStyle`].
///
/// See [`LikelihoodStyle`] for an example.
#[derive(Module, Debug)]
pub enum Likelihood {
    /// Black and white.
    Bernoulli(Bernoulli),
    /// Normal.
    Gaussian(FixedDeviation),
    /// Logistic, one probability a level.
    DiscretizedLogistic(DiscretizedLogistic),
}

impl Likelihood {
    /// `log p(x | output)` in nats, summed over everything but the batch: `[batch]`.
    ///
    /// # Shapes
    ///
    /// Both `[batch, ..]`, alike.
    pub fn log_prob<const D: usize>(&self, x: Tensor<D>, output: Tensor<D>) -> Tensor<1> {
        match self {
            Self::Bernoulli(density) => density.log_prob(x, output),
            Self::Gaussian(density) => density.log_prob(x, output),
            Self::DiscretizedLogistic(density) => density.log_prob(x, output),
        }
    }

    /// The mean of the data given a decoder's output.
    pub fn mean<const D: usize>(&self, output: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Bernoulli(_) => sigmoid(output),
            Self::Gaussian(_) | Self::DiscretizedLogistic(_) => output,
        }
    }
}

/// `log P(x) = Σ x l − ln(1 + eˡ)`, `x ∈ {0, 1}`, of logits `l`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::variational::{Binarization, LikelihoodStyle};
///
/// // A logit of 0 is a fair coin.
/// let device = Device::default();
/// let likelihood = LikelihoodStyle::Bernoulli(Binarization::Dynamic).init(2, &device);
/// let nats = likelihood.log_prob(Tensor::<2>::ones([1, 3], &device), Tensor::zeros([1, 3], &device));
/// assert!((nats.into_scalar::<f32>() - 3.0 * 0.5_f32.ln()).abs() < 1e-6);
/// ```
#[derive(Module, Debug)]
pub struct Bernoulli {}

impl Bernoulli {
    fn log_prob<const D: usize>(&self, x: Tensor<D>, logits: Tensor<D>) -> Tensor<1> {
        bernoulli(x, logits)
    }
}

/// `log p(x) = −Σ ½ ((x − m) / σ)² + ln σ + ½ ln 2π` with one learned `σ` for all numbers.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::variational::{FixedDeviation, Likelihood};
///
/// let device = Device::default();
/// let deviation = FixedDeviation::from_log_deviation(Tensor::zeros([1], &device));
/// assert_eq!(deviation.log_deviation().into_scalar::<f32>(), 0.0);
/// let x = Tensor::<2>::zeros([1, 2], &device);
/// let nats = Likelihood::Gaussian(deviation).log_prob(x.clone(), x).into_scalar::<f32>();
/// assert!((nats + (2.0 * std::f32::consts::PI).ln()).abs() < 1e-6);
/// ```
#[derive(Module, Debug)]
pub struct FixedDeviation {
    log_deviation: Param<Tensor<1>>,
}

impl FixedDeviation {
    /// Given `ln σ`, `[1]`.
    pub fn from_log_deviation(log_deviation: Tensor<1>) -> Self {
        Self {
            log_deviation: Param::from_tensor(log_deviation),
        }
    }

    /// `ln σ`, `[1]`.
    pub fn log_deviation(&self) -> Tensor<1> {
        self.log_deviation.val()
    }

    /// `log p(x)` of data around `mean`: `[batch]`.
    pub fn log_prob<const D: usize>(&self, x: Tensor<D>, mean: Tensor<D>) -> Tensor<1> {
        let numbers: usize = x.dims()[1..].iter().product();
        let log_deviation = self.log_deviation.val();
        // Before the square: a precision overflows at half the log-deviation.
        let inverse = factor(log_deviation.clone().neg()).reshape([1; D]);
        let squares = sum_features(((x - mean) * inverse).square());
        let constant = log_deviation
            .add_scalar(HALF_LN_TAU)
            .mul_scalar(numbers as f64);
        squares.mul_scalar(-0.5) - constant
    }
}

/// `log P(x) = Σ ln(F((b − m)/s) − F((a − m)/s))`: the mass of a logistic density in the bin
/// `[a, b]` of a level, with one learned `s`; the lowest bin begins at −∞ and the highest ends at ∞.
///
/// The form `F(b) − F(a) = F(b) F(−a) (1 − e^(a − b))` avoids small differences of large numbers.
/// Data are the middles of their bins in the unit interval, `(level + ½) / levels`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::variational::{DiscretizedLogistic, Likelihood};
///
/// let device = Device::default();
/// let density = DiscretizedLogistic::new(4, Tensor::zeros([1], &device));
/// let likelihood = Likelihood::DiscretizedLogistic(density);
/// // The probabilities of the four levels, at the middles of their bins, sum to 1.
/// let x = Tensor::<2>::from_floats([[0.125], [0.375], [0.625], [0.875]], &device);
/// let nats = likelihood.log_prob(x, Tensor::zeros([4, 1], &device));
/// assert!((nats.exp().sum().into_scalar::<f32>() - 1.0).abs() < 1e-5);
/// ```
///
/// # References
///
/// Kingma and others: *Improved variational inference with inverse autoregressive flow*, 2016,
/// section 4.2 and its code.
#[derive(Module, Debug)]
pub struct DiscretizedLogistic {
    log_scale: Param<Tensor<1>>,
    levels: u32,
}

impl DiscretizedLogistic {
    /// For data of `levels` levels, given `ln s`, `[1]`.
    ///
    /// # Panics
    ///
    /// With fewer than 2 levels.
    pub fn new(levels: u32, log_scale: Tensor<1>) -> Self {
        assert!(
            levels >= 2,
            "a logistic density of {levels} levels has no bins"
        );
        Self {
            log_scale: Param::from_tensor(log_scale),
            levels,
        }
    }

    fn log_prob<const D: usize>(&self, x: Tensor<D>, mean: Tensor<D>) -> Tensor<1> {
        let half = 0.5 / f64::from(self.levels);
        let inverse = factor(self.log_scale.val().neg());
        // Finite, since masked terms are multiplied by 0.
        let scaled = |x: Tensor<D>| saturate(x * inverse.clone().reshape([1; D]));
        let [below, above] = [-half, half].map(|edge| x.clone().add_scalar(edge) - mean.clone());
        // 1 where the bin has this end, 0 where it is unbounded.
        let begins = x.clone().greater_elem(2.0 * half).float().cast(x.dtype());
        let ends = x
            .clone()
            .lower_elem(1.0 - 2.0 * half)
            .float()
            .cast(x.dtype());
        let from_below = log_sigmoid(scaled(below).neg()) * begins.clone();
        let from_above = log_sigmoid(scaled(above)) * ends.clone();
        let between = ln_one_minus_exp(inverse.mul_scalar(2.0 * half));
        sum_features(from_below + from_above + begins * ends * between.reshape([1; D]))
    }
}

/// `ln(1 − e^−t)` of `t ≥ 0`, as `ln(2 sinh(t/2)) − t/2`: no cancellation for a small `t`.
fn ln_one_minus_exp(t: Tensor<1>) -> Tensor<1> {
    // Beyond 100 it is 0 in f64; from 1e-30 on the gradient, a reciprocal, is finite in f32.
    let half = t.clamp(1e-30, 100.0).mul_scalar(0.5);
    half.clone().sinh().mul_scalar(2.0).log() - half
}
