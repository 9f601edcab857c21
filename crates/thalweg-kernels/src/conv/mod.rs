//! Networks of convolutions that keep an image's size.

mod columns;
mod packed;

use burn::tensor::Tensor;

#[cfg(not(feature = "host"))]
use crate::chain::without_host;
#[cfg(feature = "host")]
use crate::layers::{Activations, LayerSize, run_layers};
use crate::{Activation, network_input};
use columns::{Columns, convolve};
pub use packed::PackedConvolutions;

/// A convolution of stride 1 over an image padded with zeros, so that its size stays: a kernel
/// `[outputs, inputs, k, k]`, `k` odd, and a bias `[outputs]`.
#[derive(Debug, Clone)]
pub struct Conv {
    /// The kernel.
    pub weight: Tensor<4>,
    /// One number an output.
    pub bias: Option<Tensor<1>>,
}

/// The place of the activation in [`convolutions`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Activate {
    /// Between two layers.
    Between(Activation),
    /// In front of each layer, the first one too: the branch of a residual block.
    Before(Activation),
}

impl Activate {
    fn before(self, layer: usize) -> Option<Activation> {
        match self {
            Self::Between(activation) => (layer > 0).then_some(activation),
            Self::Before(activation) => Some(activation),
        }
    }
}

/// Layers one after the other:
/// `[batch, inputs, height, width] → [batch, outputs, height, width]`.
///
/// The first layer sees `x` within ±[`NETWORK_LIMIT`](crate::NETWORK_LIMIT).
///
/// Each is a product of matrices: of the kernel and im2col copies of the image; or of the kernel and the
/// image, summed by col2im, where that is fewer numbers. Burn's own convolution on the CPU takes up to
/// twice as long. On the host, images go through all layers in pieces that fit a cache, one piece a
/// thread at a time; elsewhere these are operations of tensors.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::{Activate, Activation, Conv, convolutions};
///
/// let device = Device::default();
/// let layer = |shape| Conv {
///     weight: Tensor::ones(shape, &device),
///     bias: None,
/// };
/// let layers = vec![layer([8, 3, 3, 3]), layer([2, 8, 1, 1])];
/// let between = Activate::Between(Activation::Relu);
/// let y = convolutions(Tensor::ones([5, 3, 4, 6], &device), layers, between);
/// assert_eq!(y.dims(), [5, 2, 4, 6]);
/// ```
///
/// # Panics
///
/// When a layer takes another number of channels than it is given, or a kernel is not odd and square.
pub fn convolutions(x: Tensor<4>, layers: Vec<Conv>, activate: Activate) -> Tensor<4> {
    let [images, channels, height, width] = x.dims();
    let outputs = check(channels, &layers);
    if images == 0 {
        return x.reshape([0, outputs, height, width]);
    }
    #[cfg(feature = "host")]
    if let Some(y) = on_host(&x, &layers, activate) {
        return y;
    }
    #[cfg(not(feature = "host"))]
    without_host();
    plain(x, layers, activate)
}

#[cfg(feature = "host")]
fn on_host(x: &Tensor<4>, layers: &[Conv], activate: Activate) -> Option<Tensor<4>> {
    let layers = layers.iter().map(|layer| {
        let Conv { weight, bias } = layer;
        (
            layer_size(layer),
            weight.into(),
            bias.as_ref().map(Into::into),
        )
    });
    run_layers(x, layers, activations(activate))
}

#[cfg(feature = "host")]
pub(crate) fn activations(activate: Activate) -> Activations {
    let (Activate::Between(activation) | Activate::Before(activation)) = activate;
    Activations {
        first: matches!(activate, Activate::Before(_)).then_some(activation),
        between: Some(activation),
        last: None,
    }
}

#[cfg(feature = "host")]
pub(crate) fn layer_size(Conv { weight, bias }: &Conv) -> LayerSize {
    let [outputs, inputs, side, _] = weight.dims();
    LayerSize {
        inputs,
        outputs,
        side,
        biased: bias.is_some(),
        of_rows: false,
    }
}

/// The same in operations of tensors.
#[doc(hidden)]
pub fn plain(x: Tensor<4>, layers: Vec<Conv>, activate: Activate) -> Tensor<4> {
    let layers = layers.into_iter().enumerate();
    layers
        .fold(
            Columns::from_images(x),
            |x, (index, Conv { weight, bias })| {
                let x = match activate.before(index) {
                    Some(activation) => x.map(|x| activation.apply(x)),
                    None => x,
                };
                let x = if index == 0 { x.map(network_input) } else { x };
                let y = convolve(weight, x);
                match bias {
                    Some(bias) => y.map(|y| y + bias.reshape([-1, 1])),
                    None => y,
                }
            },
        )
        .into_images()
}

/// The channels of the output.
///
/// # Panics
///
/// When one takes another number of channels than it is given, or its kernel is not odd and square.
pub(crate) fn check(mut channels: usize, layers: &[Conv]) -> usize {
    for (index, Conv { weight, .. }) in layers.iter().enumerate() {
        let [outputs, inputs, height, width] = weight.dims();
        assert!(
            height == width && width % 2 == 1,
            "a convolution that keeps an image's size has an odd, square kernel, got {height} × \
             {width}"
        );
        assert!(
            channels == inputs,
            "convolution {index} takes {inputs} channels, it is given {channels}"
        );
        channels = outputs;
    }
    channels
}
