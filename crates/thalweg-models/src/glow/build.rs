//! From the configuration to the map.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Device, Tensor};
use thalweg_flow::{
    ActNorm, Affine, ConvNet, ConvNetConfig, Coupling, Level, MultiScale, Noise, SameConv,
    SameConvConfig, Split, Squeeze, Standardize, Transformer, WeightInit,
};

use super::config::{ActNormInit, GlowConfig};
use super::{GlowBijection, GlowStep, GlowSteps, GlowTop, Mix};

impl GlowConfig {
    /// The map. The networks take `context` channels more than without a condition; `couple` and
    /// `split` wrap them, and `top` makes the prior of a number of channels.
    pub(super) fn map<N, P, T>(
        &self,
        context: usize,
        couple: impl Fn(ConvNet) -> N,
        split: impl Fn(SameConv) -> P,
        top: impl FnOnce(usize, &mut Noise) -> T,
        device: &Device,
    ) -> GlowBijection<N, P, T>
    where
        N: Module + ModuleDisplay,
        P: Module + ModuleDisplay,
        T: Module + ModuleDisplay,
    {
        let noise = &mut Noise::seeded(self.seed);
        let steps = |channels: usize, noise: &mut Noise| GlowSteps {
            squeeze: Squeeze::with(2, self.squeeze),
            steps: (0..self.depth)
                .map(|_| {
                    let net = self.network(channels, context, noise, device);
                    self.step(channels, couple(net), noise, device)
                })
                .collect(),
        };
        let mut channels: Vec<usize> = self.scale_shapes().iter().map(|shape| shape[0]).collect();
        let coarsest = channels.pop().unwrap_or(0); // `check` found a scale or more
        let levels = channels.into_iter().map(|channels| {
            let steps = steps(channels, noise);
            let (stays, leaves) = Split::half().sizes(channels);
            let net = SameConvConfig::new(stays + context, 2 * leaves, 3)
                .with_init(WeightInit::Zero)
                .with_gain(self.normalized_networks)
                .init(noise, device);
            let prior = Coupling::new(Split::half(), Affine::new(), split(net));
            Level::new(steps, prior, Split::half())
        });
        let levels = levels.collect();
        let last = GlowTop {
            steps: steps(coarsest, noise),
            prior: top(coarsest, noise),
        };
        GlowBijection {
            centre: self.centre(device),
            scales: MultiScale::new(levels, last),
        }
    }

    /// Steps on images of `channels` channels.
    pub(crate) fn steps(
        &self,
        channels: usize,
        count: usize,
        noise: &mut Noise,
        device: &Device,
    ) -> Vec<GlowStep> {
        let step = |_| {
            let net = self.network(channels, 0, noise, device);
            self.step(channels, net, noise, device)
        };
        (0..count).map(step).collect()
    }

    fn network(
        &self,
        channels: usize,
        context: usize,
        noise: &mut Noise,
        device: &Device,
    ) -> ConvNet {
        let (kept, transformed) = Split::half().sizes(channels);
        let outputs = self.coupling.transformer().parameters_per_feature() * transformed;
        let init = match self.normalized_networks {
            true => WeightInit::Glow,
            false => WeightInit::Glorot,
        };
        ConvNetConfig::new(kept + context, self.hidden, outputs)
            .with_init(init)
            .with_actnorm(self.normalized_networks)
            .with_gain(self.normalized_networks)
            .init(noise, device)
    }

    fn step<N: Module + ModuleDisplay>(
        &self,
        channels: usize,
        network: N,
        noise: &mut Noise,
        device: &Device,
    ) -> GlowStep<N> {
        GlowStep {
            actnorm: match self.actnorm {
                ActNormInit::Data => ActNorm::new(channels, device),
                ActNormInit::Zero => ActNorm::identity(channels, device),
            },
            mix: Mix::new(self.mixing, channels, noise, device),
            coupling: Coupling::new(Split::half(), self.coupling.transformer(), network),
        }
    }

    fn centre(&self, device: &Device) -> Standardize<4> {
        let channels = [self.image.channels];
        Standardize::from_statistics(
            Tensor::full(channels, 0.5, device),
            Tensor::full(channels, -self.data_width.ln(), device),
        )
    }
}
