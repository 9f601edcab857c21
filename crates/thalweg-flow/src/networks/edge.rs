//! The edge of an image as an input of a network.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use super::Network;
use super::context::beside;
use crate::FlowError;

/// A network of `[x | 1]`: beside the channels of an image it sees a channel of ones.
///
/// A convolution that pads with zeros learns from that channel where the image ends. With the kernel `V` on it and
/// `W` on the others, it is any convolution whose padding is a constant `c`: `V = −c Σᵢ Wᵢ`, and the bias is larger by
/// the sum of `c W`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Network, SameConv, WithEdge};
///
/// let device = Device::default();
/// // A kernel of ones on one channel, and the same on the edge: the second counts the pixels inside.
/// let conv = SameConv::from_parameters(Tensor::ones([1, 2, 3, 3], &device), Tensor::zeros([1], &device));
/// let x = Tensor::<4>::zeros([1, 1, 3, 3], &device);
/// let counts = WithEdge::new(conv).apply(x, &());
/// let expected = [4., 6., 4., 6., 9., 6., 4., 6., 4.];
/// assert_eq!(counts.into_data().try_to_vec::<f32>().unwrap(), expected);
/// ```
///
/// # Shapes
///
/// `[batch, channels, height, width]`; the inner network takes one channel more.
///
/// # References
///
/// Kingma, Dhariwal: *Glow: Generative flow with invertible 1×1 convolutions*, 2018: the option "edge bias" of its
/// code, which puts the ones into the padding.
#[derive(Module, Debug)]
pub struct WithEdge<N: Module + ModuleDisplay> {
    pub(crate) network: N,
}

impl<N: Module + ModuleDisplay> WithEdge<N> {
    /// Shows the edge to `network`.
    pub fn new(network: N) -> Self {
        Self { network }
    }
}

fn with_ones(kept: Tensor<4>) -> Tensor<4> {
    let ones = Tensor::<2>::ones([1, 1], (&kept.device(), kept.dtype()));
    beside(kept, &ones)
}

impl<C, N: Network<C, 4>> Network<C, 4> for WithEdge<N> {
    fn apply(&self, kept: Tensor<4>, context: &C) -> Tensor<4> {
        self.network.apply(with_ones(kept), context)
    }

    fn inputs(&self) -> Option<usize> {
        self.network.inputs().map(|inputs| inputs.saturating_sub(1))
    }

    fn initialize(self, kept: Tensor<4>, context: &C) -> Result<Self, FlowError> {
        let network = self.network.initialize(with_ones(kept), context)?;
        Ok(Self { network })
    }
}
