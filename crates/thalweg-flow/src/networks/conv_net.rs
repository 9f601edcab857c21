//! Glow's convolutional network.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use thalweg_kernels::{Activate, Conv, convolutions};

use super::{Activation, Network, SameConv, SameConvConfig, WeightInit};
use crate::{FlowError, Noise};

/// Sizes and choices of a [`ConvNet`].
///
/// See [`ConvNet`] for an example.
#[derive(Config, Debug)]
pub struct ConvNetConfig {
    /// Channels in.
    pub inputs: usize,
    /// Channels of both hidden layers.
    pub hidden: usize,
    /// Channels out.
    pub outputs: usize,
    /// After each hidden layer.
    #[config(default = "Activation::Relu")]
    pub activation: Activation,
    /// Initial weights of the hidden layers.
    #[config(default = "WeightInit::FanIn")]
    pub init: WeightInit,
    /// Initial weights of the last layer.
    #[config(default = "WeightInit::Zero")]
    pub output_init: WeightInit,
    /// An actnorm behind each hidden layer, in place of its bias.
    #[config(default = false)]
    pub actnorm: bool,
    /// A learned gain `exp(3 g)` on each output.
    #[config(default = false)]
    pub gain: bool,
    /// One more channel in front of the last layer, which starts as ones: it shows that layer the edge of the image, as
    /// [`WithEdge`](crate::WithEdge) does. Not together with an actnorm.
    #[config(default = false)]
    pub edge: bool,
}

/// A 3×3, a 1×1 and a 3×3 convolution:
/// `[batch, inputs, height, width] → [batch, outputs, height, width]`.
///
/// The last layer starts at zero, so a coupling with this network starts as the identity.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Affine, Bijection, ConvNet, ConvNetConfig, Coupling, Noise, Split};
///
/// let device = Device::default();
/// let net: ConvNet = ConvNetConfig::new(1, 16, 4).init(&mut Noise::seeded(0), &device);
/// // Three channels: one is kept, two are scaled and shifted.
/// let coupling: Coupling<_, _, 4> = Coupling::new(Split::half(), Affine::new(), net);
/// let (z, log_det) = coupling.forward(Tensor::<4>::ones([2, 3, 8, 8], &device), &());
/// assert_eq!((z.dims(), log_det.dims()), ([2, 3, 8, 8], [2]));
/// ```
///
/// # Panics
///
/// When the images have another number of channels than the first layer takes.
///
/// # References
///
/// Kingma, Dhariwal: *Glow: Generative flow with invertible 1×1 convolutions*, 2018, section 3.3
/// and its code; without the "edge" channel that the code adds to the padding.
#[derive(Module, Debug)]
pub struct ConvNet {
    first: SameConv,
    middle: SameConv,
    last: SameConv,
    #[module(skip)]
    activation: Activation,
}

impl ConvNetConfig {
    /// The network, its initial weights drawn from `noise`.
    ///
    /// # Panics
    ///
    /// When an edge and actnorms are both asked for.
    pub fn init(&self, noise: &mut Noise, device: &Device) -> ConvNet {
        let hidden = |inputs, kernel| {
            SameConvConfig::new(inputs, self.hidden, kernel)
                .with_init(self.init)
                .with_actnorm(self.actnorm)
        };
        let seen = self.hidden + usize::from(self.edge);
        let last = SameConvConfig::new(seen, self.outputs, 3)
            .with_init(self.output_init)
            .with_gain(self.gain);
        let first = hidden(self.inputs, 3).init(noise, device);
        let middle = hidden(self.hidden, 1).init(noise, device);
        ConvNet::from_layers(
            first,
            match self.edge {
                true => middle.with_ones(),
                false => middle,
            },
            last.init(noise, device),
            self.activation,
        )
    }
}

impl ConvNet {
    /// A network of given layers.
    pub fn from_layers(
        first: SameConv,
        middle: SameConv,
        last: SameConv,
        activation: Activation,
    ) -> Self {
        Self {
            first,
            middle,
            last,
            activation,
        }
    }

    /// Applies the network.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let (layers, between) = self.layers();
        convolutions(x, layers, between)
    }

    /// The convolutions, and the activation between them.
    pub(crate) fn layers(&self) -> (Vec<Conv>, Activate) {
        let layers = [&self.first, &self.middle, &self.last].map(SameConv::layer);
        (layers.into(), Activate::Between(self.activation))
    }
}

impl<C> Network<C, 4> for ConvNet {
    fn apply(&self, kept: Tensor<4>, _: &C) -> Tensor<4> {
        self.forward(kept)
    }

    fn inputs(&self) -> Option<usize> {
        Some(self.first.channels())
    }

    fn initialize(self, kept: Tensor<4>, _: &C) -> Result<Self, FlowError> {
        let activation = self.activation;
        let (first, h) = self.first.fit(kept)?;
        let (middle, h) = self.middle.fit(activation.apply(h))?;
        let (last, _) = self.last.fit(activation.apply(h))?;
        Ok(Self::from_layers(first, middle, last, activation))
    }
}
