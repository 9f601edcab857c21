//! From the configuration, or from layers, to the map.

use burn::tensor::Device;
use thalweg_flow::{
    ActNorm, ConvNet, ConvNetConfig, Coupling, Invert, Invertible1x1, Level, MultiScale, Noise,
    Plu, PositionAffine, Split, WeightInit,
};

use super::{DiagonalGlowConfig, DiagonalGlowScales, DiagonalTop};
use crate::edge_glow::{EdgeCoupling, EdgeStep, EdgeSteps};

impl DiagonalGlowConfig {
    /// The coupling of a network: from the first half of the channels to the shifts and, if it is not additive, to the
    /// raw scales of the second half, from latents to data.
    ///
    /// See [`diagonal_scales`] for an example.
    pub fn coupling(&self, network: ConvNet) -> EdgeCoupling {
        let transformer = self.transformer().transformer();
        Coupling::new(Split::half(), transformer, network).inverted()
    }

    /// The untrained map: the couplings move nothing but by their scale of 0, and the priors are standard normal.
    pub(super) fn untrained(&self, device: &Device) -> DiagonalGlowScales {
        let noise = &mut Noise::seeded(self.seed);
        let scales = self.scale_shapes().into_iter().map(|shape| {
            let steps = (0..self.depth).map(|_| self.step(shape[0], noise, device));
            (steps.collect(), PositionAffine::identity(shape, device))
        });
        diagonal_scales(scales.collect())
    }

    fn step(&self, channels: usize, noise: &mut Noise, device: &Device) -> EdgeStep {
        let (kept, transformed) = Split::half().sizes(channels);
        let outputs = self.transformer().parameters() * transformed;
        let network = ConvNetConfig::new(kept, self.hidden, outputs)
            .with_activation(self.activation)
            .with_init(WeightInit::Glow)
            .init(noise, device);
        EdgeStep::new(
            ActNorm::new(channels, device),
            Invertible1x1::new(Plu::rotation(channels, noise, device)),
            self.coupling(network),
        )
    }
}

/// The scales of steps and of the priors behind them, finest first.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{ActNorm, Bijection, ConvNetConfig, Invertible1x1, Noise, Plu, PositionAffine};
/// use thalweg_models::diagonal_glow::{DiagonalGlowScales, DiagonalTop, diagonal_scales};
/// use thalweg_models::edge_glow::EdgeStep;
/// use thalweg_models::{DiagonalGlow, DiagonalGlowConfig, ImageSize};
///
/// let (device, noise) = (Device::default(), &mut Noise::seeded(0));
/// let config = DiagonalGlowConfig::new(ImageSize::new([1, 4, 4]));
/// let config = config.with_scales(1).with_depth(1).with_hidden(8);
/// // From two channels to the shifts and the raw scales of the two others.
/// let network = ConvNetConfig::new(2, 8, 2 * config.transformer().parameters());
/// let step = EdgeStep::new(
///     ActNorm::identity(4, &device),
///     Invertible1x1::new(Plu::rotation(4, noise, &device)),
///     config.coupling(network.init(noise, &device)),
/// );
/// let prior = PositionAffine::identity([4, 2, 2], &device);
/// let scales: DiagonalGlowScales = diagonal_scales(vec![(vec![step], prior)]);
///
/// let y = Tensor::<4>::full([1, 1, 4, 4], 0.5, &device);
/// let top: &DiagonalTop = &scales.last;
/// let (z, _) = top.forward(y.clone(), &());
/// assert_eq!(z.dims(), [1, 4, 2, 2]);
/// let glow = DiagonalGlow::from_scales(&config, scales)?;
/// let back = glow.decode(glow.encode(y.clone()));
/// assert!((back - y).abs().max().into_scalar::<f32>() < 1e-5);
/// # Ok::<(), thalweg_models::ConfigError>(())
/// ```
///
/// # Panics
///
/// Without a scale.
pub fn diagonal_scales(mut scales: Vec<(Vec<EdgeStep>, PositionAffine)>) -> DiagonalGlowScales {
    let (steps, prior) = scales.pop().expect("a Glow has a scale or more");
    let last = DiagonalTop {
        steps: EdgeSteps::new(steps),
        prior,
    };
    let levels = scales.into_iter();
    let levels =
        levels.map(|(steps, prior)| Level::new(EdgeSteps::new(steps), prior, Split::half()));
    MultiScale::new(levels.collect(), last)
}
