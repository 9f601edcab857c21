//! The network of series.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, module::conv1d};
use thalweg_flow::{Activation, Noise, WeightInit, linear};

use super::weights;

/// Sizes of a [`SeriesNet`].
pub(super) struct SeriesConfig {
    /// All numbers of a row.
    pub(super) inputs: usize,
    pub(super) channels: usize,
    pub(super) filters: Vec<usize>,
    pub(super) kernel: usize,
    pub(super) outputs: usize,
}

/// The steps between two places of a kernel.
const STRIDE: usize = 2;

impl SeriesConfig {
    /// Inputs and outputs of each convolution's linear map, and those of the last layer.
    fn layers(&self) -> (Vec<[usize; 2]>, [usize; 2]) {
        let mut steps = self.inputs / self.channels.max(1);
        let mut channels = self.channels;
        let convolutions = self.filters.iter().map(|filters| {
            let sizes = [channels.saturating_mul(self.kernel), *filters];
            steps = steps.div_ceil(STRIDE);
            channels = *filters;
            sizes
        });
        let convolutions = convolutions.collect();
        (convolutions, [channels.saturating_mul(steps), self.outputs])
    }

    pub(super) fn count(&self) -> u128 {
        let (convolutions, last) = self.layers();
        let all = convolutions.iter().chain([&last]);
        all.map(|sizes| weights(sizes))
            .fold(0, u128::saturating_add)
    }

    pub(super) fn init(&self, noise: &mut Noise, device: &Device) -> SeriesNet {
        let (convolutions, last) = self.layers();
        let mut layer = |sizes| linear(sizes, WeightInit::Glorot, noise, device);
        SeriesNet {
            convolutions: convolutions.into_iter().map(&mut layer).collect(),
            last: layer(last),
            channels: self.channels,
            kernel: self.kernel,
        }
    }
}

/// Convolutions with a stride of 2, and a linear map of what is left.
#[derive(Module, Debug)]
pub(in crate::estimator) struct SeriesNet {
    /// `[channels × kernel, filters]` each.
    convolutions: Vec<Linear>,
    last: Linear,
    channels: usize,
    kernel: usize,
}

impl SeriesNet {
    /// `[batch, channels × steps] → [batch, outputs]`.
    pub(super) fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let [batch, numbers] = x.dims();
        let mut x = x.reshape([batch, self.channels, numbers / self.channels]);
        for layer in &self.convolutions {
            let channels = x.dims()[1];
            let filters = layer.weight.val().dims()[1];
            let weight = layer.weight.val().transpose();
            let weight = weight.reshape([filters, channels, self.kernel]);
            let options = ConvOptions::new([STRIDE], [self.kernel / 2], [1], 1);
            let y = conv1d(x, weight, layer.bias.as_ref().map(Param::val), options);
            x = Activation::Silu.apply(y);
        }
        let [_, filters, steps] = x.dims();
        self.last.forward(x.reshape([batch, filters * steps]))
    }
}
