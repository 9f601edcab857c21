//! The networks of a VAE that a configuration chooses.

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};
use thalweg_flow::{
    Activation, FlowError, Mlp, MlpConfig, Network, Noise, WeightInit, layer_enum, linear,
};

use crate::pyramid::{Pyramid, PyramidConfig};
use crate::{ConfigError, ImageSize};

/// The architecture of encoder and decoder.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::vae::{VaeDecoder, VaeEncoder, VaeNetwork};
/// use thalweg_models::{ImageSize, VaeConfig};
///
/// let device = Device::default();
/// let network = VaeNetwork::Conv { channels: vec![8, 16], blocks: 1 };
/// let config = VaeConfig::bernoulli(ImageSize::new([1, 8, 8]), 3).with_network(network);
/// let vae = config.init(&device);
/// assert!(matches!(vae.autoencoder.encoder, VaeEncoder::Conv(_)));
/// assert!(matches!(vae.autoencoder.decoder, VaeDecoder::Conv(_)));
/// assert_eq!(vae.decode(Tensor::zeros([2, 3], &device), &()).dims(), [2, 64]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum VaeNetwork {
    /// Multilayer perceptrons.
    Mlp {
        /// Widths of the encoder's hidden layers; the decoder has them in reverse.
        hidden: Vec<usize>,
        /// After each hidden layer.
        activation: Activation,
    },
    /// Squeezes and residual convolutions, a linear layer to the latents and one from them.
    Conv {
        /// Channels of each stage, finest first; each stage halves the image.
        channels: Vec<usize>,
        /// Residual blocks of each stage.
        blocks: usize,
    },
}

impl VaeNetwork {
    /// Encoder and decoder of images, with `context` numbers beside the data and beside the latents,
    /// and the number of features of the encoder.
    pub(super) fn init(
        &self,
        image: ImageSize,
        latents: usize,
        context: usize,
        noise: &mut Noise,
        device: &Device,
    ) -> (VaeEncoder, usize, VaeDecoder) {
        match self {
            Self::Mlp { hidden, activation } => {
                let (last, first) = hidden
                    .split_last()
                    .expect("checked: a hidden layer or more");
                let encoder = MlpConfig::new(image.numbers() + context, first.to_vec(), *last)
                    .with_activation(*activation)
                    .with_output_activation(Some(*activation))
                    .init(noise, device);
                let reversed = hidden.iter().rev().copied().collect();
                let decoder = MlpConfig::new(latents + context, reversed, image.numbers())
                    .with_activation(*activation)
                    .init(noise, device);
                (VaeEncoder::Mlp(encoder), *last, VaeDecoder::Mlp(decoder))
            }
            Self::Conv { .. } => {
                let encoder = RowsToCode {
                    net: self.pyramid(image, context).encoder(noise, device),
                    image: image.shape(),
                };
                let pyramid = self.pyramid(image, 0);
                let code = pyramid.code();
                let features = code.iter().product();
                let decoder = RowsFromCode {
                    linear: linear(
                        [latents + context, features],
                        WeightInit::FanIn,
                        noise,
                        device,
                    ),
                    net: pyramid.decoder(noise, device),
                    code,
                };
                (
                    VaeEncoder::Conv(encoder),
                    features,
                    VaeDecoder::Conv(decoder),
                )
            }
        }
    }

    /// The convolutions, on images with `more` channels more.
    fn pyramid(&self, image: ImageSize, more: usize) -> PyramidConfig {
        let Self::Conv { channels, blocks } = self else {
            unreachable!("only a convolutional network has a pyramid")
        };
        let image = [image.channels + more, image.height, image.width];
        PyramidConfig::new(image, channels.clone(), *blocks)
    }

    pub(super) fn check(&self, model: &'static str, image: ImageSize) -> Result<(), ConfigError> {
        match self {
            Self::Mlp { hidden, .. } => {
                image.check(model, 0, 0)?;
                let widths = hidden.iter().map(|width| ("hidden", *width, 1));
                let layers = [("hidden layers", hidden.len(), 1)];
                ConfigError::at_least(model, layers.into_iter().chain(widths))
            }
            Self::Conv { channels, .. } => {
                self.pyramid(image, 0).check(model)?;
                image.check(model, channels.len(), channels.len())
            }
        }
    }

    /// A lower bound on the number of values in both networks.
    pub(super) fn count(&self, image: ImageSize, latents: usize) -> u128 {
        let (numbers, latents) = (image.numbers() as u128, latents as u128);
        match self {
            Self::Mlp { hidden, .. } => {
                let inner = hidden.iter().map(|width| *width as u128);
                let widths: Vec<u128> = [numbers].into_iter().chain(inner).collect();
                let first = widths.windows(2).map(|pair| pair[0] * pair[1]);
                let each = first.fold(0, u128::saturating_add);
                (2 * each).saturating_add(3 * latents * widths[widths.len() - 1])
            }
            Self::Conv { .. } => {
                let pyramid = self.pyramid(image, 0);
                let features: u128 = pyramid.code().iter().map(|size| *size as u128).product();
                (2 * pyramid.count()).saturating_add(3 * latents * features)
            }
        }
    }
}

layer_enum! {
    /// From data beside a context, if any, to features.
    ///
    /// See [`VaeNetwork`] for an example.
    pub enum VaeEncoder {
        /// A multilayer perceptron.
        Mlp(Mlp),
        /// Convolutions.
        Conv(RowsToCode),
    }
    impl<C> Network<C, 2>;
}

layer_enum! {
    /// From latents beside a context, if any, to the likelihood's parameters.
    ///
    /// See [`VaeNetwork`] for an example.
    pub enum VaeDecoder {
        /// A multilayer perceptron.
        Mlp(Mlp),
        /// Convolutions.
        Conv(RowsFromCode),
    }
    impl<C> Network<C, 2>;
}

/// Convolutions on images that come as rows, each followed by its context, and leave as rows.
///
/// See [`VaeNetwork`] for an example.
#[derive(Module, Debug)]
pub struct RowsToCode {
    net: Pyramid,
    #[module(skip)]
    image: [usize; 3],
}

/// A linear layer, then convolutions to images that leave as rows.
///
/// See [`VaeNetwork`] for an example.
#[derive(Module, Debug)]
pub struct RowsFromCode {
    linear: Linear,
    net: Pyramid,
    #[module(skip)]
    code: [usize; 3],
}

impl RowsToCode {
    /// Images, with the context of each as channels of one value.
    fn planes(&self, rows: Tensor<2>) -> Tensor<4> {
        let [channels, height, width] = self.image;
        let [batch, length] = rows.dims();
        let numbers = channels * height * width;
        let image = rows.clone().narrow(1, 0, numbers);
        let image = image.reshape([batch, channels, height, width]);
        if length == numbers {
            return image;
        }
        let more = length - numbers;
        let context = rows.narrow(1, numbers, more).reshape([batch, more, 1, 1]);
        let context = context.expand([batch, more, height, width]);
        Tensor::cat(vec![image, context], 1)
    }
}

impl RowsFromCode {
    fn planes(&self, rows: Tensor<2>) -> Tensor<4> {
        let [channels, height, width] = self.code;
        let batch = rows.dims()[0];
        self.linear
            .forward(rows)
            .reshape([batch, channels, height, width])
    }
}

/// Convolutions behind a map from rows to planes.
macro_rules! on_planes {
    ($network:ty) => {
        impl<C> Network<C> for $network {
            fn apply(&self, rows: Tensor<2>, _: &C) -> Tensor<2> {
                self.net.forward(self.planes(rows)).flatten(1, 3)
            }

            fn initialize(mut self, rows: Tensor<2>, context: &C) -> Result<Self, FlowError> {
                let planes = self.valid().planes(rows);
                self.net = self.net.initialize(planes, context)?;
                Ok(self)
            }
        }
    };
}

on_planes!(RowsToCode);
on_planes!(RowsFromCode);
