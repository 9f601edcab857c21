//! The convolution that keeps an image's size.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};
use thalweg_kernels::{Activate, Activation, Conv, convolutions};

use super::{Network, WeightInit};
use crate::{ActNorm, Bijection, FlowError, Noise};

/// Sizes and choices of a [`SameConv`].
///
/// See [`SameConv`] for an example.
#[derive(Config, Debug)]
pub struct SameConvConfig {
    /// Channels in.
    pub inputs: usize,
    /// Channels out.
    pub outputs: usize,
    /// Width and height of the kernel; odd.
    pub kernel: usize,
    /// Initial weights.
    #[config(default = "WeightInit::FanIn")]
    pub init: WeightInit,
    /// An actnorm in place of the bias.
    #[config(default = false)]
    pub actnorm: bool,
    /// A redundant bias before the actnorm, for models whose published number of parameters includes it.
    #[config(default = false)]
    pub bias_before_actnorm: bool,
    /// A learned gain `exp(3 g)` a channel on top of the bias; not together with an actnorm.
    #[config(default = false)]
    pub gain: bool,
}

/// `y = (W ∗ x + b) ⊙ exp(g)`: a convolution of stride 1 with zero padding, so that the image keeps its
/// size. As a conditioner it is the one-layer network of a split prior.
///
/// The bias and the gain are those of a plain convolution (`g = 0`), of an [`ActNorm`] after it, or of
/// the last layer of Glow's networks (`exp(3 g)`). Both are folded into the kernel.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Noise, SameConv, SameConvConfig, WeightInit};
///
/// // The sum over each pixel's neighbours; beyond the edge lie zeros.
/// let device = Device::default();
/// let kernel = Tensor::ones([1, 1, 3, 3], &device);
/// let layer = SameConv::from_parameters(kernel, Tensor::zeros([1], &device));
/// let y = layer.forward(Tensor::ones([1, 1, 3, 3], &device));
/// let y = y.into_data().try_to_vec::<f32>().unwrap();
/// assert_eq!(y, [4.0, 6.0, 4.0, 6.0, 9.0, 6.0, 4.0, 6.0, 4.0]);
///
/// // A last layer of a coupling's network: two channels of zeros at the start.
/// let config = SameConvConfig::new(1, 2, 3).with_init(WeightInit::Zero).with_gain(true);
/// let layer = config.init(&mut Noise::seeded(0), &device);
/// let y = layer.forward(Tensor::ones([1, 1, 3, 3], &device));
/// assert_eq!(y.to_data(), Tensor::<4>::zeros([1, 2, 3, 3], &device).to_data());
/// ```
///
/// # Shapes
///
/// `[batch, inputs, height, width]` to `[batch, outputs, height, width]`; the kernel is
/// `[outputs, inputs, k, k]`, as in PyTorch.
#[derive(Module, Debug)]
pub struct SameConv {
    weight: Param<Tensor<4>>,
    bias: Option<Param<Tensor<1>>>,
    actnorm: Option<ActNorm>,
    log_gain: Option<Param<Tensor<1>>>,
}

/// The factor of log-gains in the code of Glow.
const LOG_GAIN_FACTOR: f64 = 3.0;

impl SameConvConfig {
    /// The layer, its initial weights drawn from `noise`.
    ///
    /// # Panics
    ///
    /// When the kernel is even, or actnorm and gain are both asked for.
    pub fn init(&self, noise: &mut Noise, device: &Device) -> SameConv {
        assert!(
            !(self.actnorm && self.gain),
            "an actnorm has a gain of its own"
        );
        let k = self.kernel;
        let shape = [self.outputs, self.inputs, k, k];
        let fans = [self.inputs * k * k, self.outputs * k * k];
        let weight = self.init.weights(shape, fans, noise, device);
        let biased = !self.actnorm || self.bias_before_actnorm;
        let bias = biased.then(|| self.init.biases(self.outputs, fans, noise, device));
        let zeros = || Param::from_tensor(Tensor::zeros([self.outputs], device));
        SameConv {
            actnorm: self.actnorm.then(|| ActNorm::new(self.outputs, device)),
            log_gain: self.gain.then(zeros),
            ..SameConv::new(weight, bias)
        }
    }
}

impl SameConv {
    /// Given a kernel `[outputs, inputs, k, k]` and a bias `[outputs]`.
    ///
    /// # Panics
    ///
    /// When the kernel is not square and odd.
    pub fn from_parameters(weight: Tensor<4>, bias: Tensor<1>) -> Self {
        Self::new(weight, Some(bias))
    }

    fn new(weight: Tensor<4>, bias: Option<Tensor<1>>) -> Self {
        let [_, _, height, width] = weight.dims();
        assert!(
            height == width && width % 2 == 1,
            "a convolution that keeps an image's size has an odd, square kernel, got {height} × \
             {width}"
        );
        Self {
            weight: Param::from_tensor(weight),
            bias: bias.map(Param::from_tensor),
            actnorm: None,
            log_gain: None,
        }
    }

    /// The convolution of a batch of images.
    ///
    /// # Panics
    ///
    /// When the images have another number of channels than the kernel takes.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        convolutions(x, vec![self.layer()], Activate::Between(Activation::Relu))
    }

    /// With one more output: ones.
    ///
    /// # Panics
    ///
    /// For a layer without a plain bias.
    pub(super) fn with_ones(self) -> Self {
        assert!(
            self.actnorm.is_none() && self.log_gain.is_none(),
            "an output of ones has no actnorm and no gain behind it"
        );
        let weight = self.weight.val();
        let [_, inputs, height, width] = weight.dims();
        let zeros = Tensor::zeros(
            [1, inputs, height, width],
            (&weight.device(), weight.dtype()),
        );
        let one = Tensor::ones([1], (&weight.device(), weight.dtype()));
        let bias = self.bias.map(|bias| Tensor::cat(vec![bias.val(), one], 0));
        Self::new(
            Tensor::cat(vec![weight, zeros], 0).detach(),
            bias.map(Tensor::detach),
        )
    }

    /// Kernel and bias, with the gain in them.
    pub(crate) fn layer(&self) -> Conv {
        let (mut bias, log_gain) = self.bias_and_log_gain();
        let mut weight = self.weight.val();
        if let Some(log_gain) = log_gain {
            let gain = log_gain.exp();
            let shape = weight.dims();
            // As a matrix: `ndarray` multiplies axes of one number, as those of 1×1 kernels, one by one.
            let rows = weight.reshape([shape[0], shape[1] * shape[2] * shape[3]]);
            weight = (rows * gain.clone().reshape([-1, 1])).reshape(shape);
            bias = bias.map(|bias| bias * gain);
        }
        Conv { weight, bias }
    }

    /// Channels in.
    pub(super) fn channels(&self) -> usize {
        self.weight.val().dims()[1]
    }

    fn bias_and_log_gain(&self) -> (Option<Tensor<1>>, Option<Tensor<1>>) {
        if let Some(actnorm) = &self.actnorm {
            let shift = actnorm.mean().neg();
            let shift = match &self.bias {
                Some(bias) => bias.val() + shift,
                None => shift,
            };
            return (Some(shift), Some(actnorm.log_scale()));
        }
        let gain = self.log_gain.as_ref();
        (
            self.bias.as_ref().map(Param::val),
            gain.map(|log_gain| log_gain.val().mul_scalar(LOG_GAIN_FACTOR)),
        )
    }

    /// Fits the actnorm, if there is one, to a batch. Returns the layer and its output.
    pub(super) fn fit(mut self, x: Tensor<4>) -> Result<(Self, Tensor<4>), FlowError> {
        let plain = self.valid();
        if let Some(actnorm) = self.actnorm {
            let in_front = Conv {
                weight: plain.weight.val(),
                bias: plain.bias.as_ref().map(Param::val),
            };
            let one = Activate::Between(Activation::Relu);
            let y = convolutions(x.clone(), vec![in_front], one);
            let channels = y.dims()[1] as i32;
            let rows: Tensor<2> = y.permute([0, 2, 3, 1]).reshape([-1, channels]);
            self.actnorm = Some(actnorm.initialize(rows, &())?.0);
        }
        let y = self.valid().forward(x);
        Ok((self, y))
    }
}

impl<C> Network<C, 4> for SameConv {
    fn apply(&self, kept: Tensor<4>, _: &C) -> Tensor<4> {
        self.forward(kept)
    }

    fn inputs(&self) -> Option<usize> {
        Some(self.channels())
    }

    fn initialize(self, kept: Tensor<4>, _: &C) -> Result<Self, FlowError> {
        Ok(self.fit(kept)?.0)
    }
}
