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
/// See [`DiagonalGlow`](super::DiagonalGlow) for an example of the model.
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
