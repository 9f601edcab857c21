//! From the configuration, or from layers, to the map.

use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::{
    ActNorm, Affine, ConvNet, ConvNetConfig, Coupling, Invert, Invertible1x1, KnownScale, Level,
    LogScale, MultiScale, Noise, Plu, SameConv, SameConvConfig, Split, Standardize, WeightInit,
    WithEdge,
};

use super::{
    EdgeCoupling, EdgeGlowBijection, EdgeGlowConfig, EdgePrior, EdgeScales, EdgeStep, EdgeSteps,
    EdgeTop,
};

impl EdgeGlowConfig {
    /// The channels of each scale, behind its squeeze.
    ///
    /// ```
    /// use thalweg_models::{EdgeGlowConfig, ImageSize};
    ///
    /// let config = EdgeGlowConfig::new(ImageSize::new([3, 8, 8]), false).with_scales(2);
    /// // A squeeze makes four of each channel, and half of them leave.
    /// assert_eq!(config.channels(), [12, 24]);
    /// ```
    pub fn channels(&self) -> Vec<usize> {
        let shapes = self.plain().scale_shapes();
        shapes.iter().map(|shape| shape[0]).collect()
    }

    /// The coupling of a network: from the first half of the channels to the shifts and, if it is not additive, to the
    /// raw scales of the second half, from latents to data.
    ///
    /// See [`edge_scales`] for an example.
    pub fn coupling(&self, network: ConvNet) -> EdgeCoupling {
        let transformer = self.transformer().transformer();
        Coupling::new(Split::half(), transformer, network).inverted()
    }

    pub(super) fn centred(&self, scales: EdgeScales, place: (&Device, DType)) -> EdgeGlowBijection {
        let channels = [self.image.channels];
        let half = Tensor::full(channels, 0.5, place);
        let centre = Standardize::from_statistics(half, Tensor::zeros(channels, place));
        EdgeGlowBijection { centre, scales }
    }

    /// The untrained map: the couplings and the priors start as those of the published code.
    pub(super) fn untrained(&self, device: &Device) -> EdgeGlowBijection {
        let noise = &mut Noise::seeded(self.seed);
        let mut scales = vec![];
        for channels in self.channels() {
            let steps = (0..self.depth).map(|_| self.step(channels, noise, device));
            scales.push((channels, steps.collect::<Vec<_>>()));
        }
        let (coarsest, last) = scales.pop().unwrap_or_default(); // `check` found a scale or more
        let prior = |channels, noise: &mut Noise| {
            let (stays, leaves) = Split::half().sizes(channels);
            let net = SameConvConfig::new(stays + 1, 2 * leaves, 3).with_init(WeightInit::Zero);
            net.init(noise, device)
        };
        let levels = scales.into_iter();
        let levels = levels.map(|(channels, steps)| (steps, prior(channels, noise)));
        let levels = levels.collect();
        let top = [prior(coarsest, noise), prior(coarsest, noise)];
        let scales = edge_scales(levels, last, top);
        self.centred(scales, (device, DType::F32))
    }

    fn step(&self, channels: usize, noise: &mut Noise, device: &Device) -> EdgeStep {
        let (kept, transformed) = Split::half().sizes(channels);
        let outputs = self.transformer().parameters() * transformed;
        let network = ConvNetConfig::new(kept, self.hidden, outputs)
            .with_init(WeightInit::Glow)
            .with_edge(true)
            .init(noise, device);
        EdgeStep::new(
            ActNorm::new(channels, device),
            Invertible1x1::new(Plu::rotation(channels, noise, device)),
            self.coupling(network),
        )
    }
}

/// The scales of steps and of the networks of the priors.
///
/// A network of a prior takes the channels that stay, and the edge, to means and log-deviations of those that leave.
/// The networks of the last prior are of the second half of the channels, then of the first.
///
/// ```
/// use burn::tensor::{DType, Device, Tensor};
/// use thalweg_flow::{ActNorm, Bijection, ConvNetConfig, Invertible1x1, Noise, Plu, SameConvConfig};
/// use thalweg_models::edge_glow::{EdgeCoupling, EdgeScales, EdgeStep, EdgeSteps, EdgeTop, edge_scales};
/// use thalweg_models::{EdgeGlow, EdgeGlowConfig, ImageSize};
///
/// let (device, noise) = (Device::default(), &mut Noise::seeded(0));
/// let config = EdgeGlowConfig::new(ImageSize::new([1, 4, 4]), false);
/// let config = config.with_scales(1).with_depth(1).with_hidden(8);
/// // From two channels to the shifts and the raw scales of the two others.
/// let network = ConvNetConfig::new(2, 8, 2 * config.transformer().parameters()).with_edge(true);
/// let coupling: EdgeCoupling = config.coupling(network.init(noise, &device));
/// let mix = Invertible1x1::new(Plu::rotation(4, noise, &device));
/// let step = EdgeStep::new(ActNorm::identity(4, &device), mix, coupling);
/// let y = Tensor::<4>::full([1, 1, 4, 4], 0.5, &device);
/// let (h, _) = EdgeSteps::new(vec![step.clone()]).forward(y.clone(), &());
/// assert_eq!(h.dims(), [1, 4, 2, 2]);
///
/// // From two channels and the edge to the means and log-deviations of the two others.
/// let prior = SameConvConfig::new(2 + 1, 2 * 2, 3);
/// let top = [0, 1].map(|_| prior.init(noise, &device));
/// let scales: EdgeScales = edge_scales(vec![], vec![step], top);
/// let top: &EdgeTop = &scales.last;
/// assert_eq!(top.forward(y.clone(), &()).0.dims(), [1, 4, 2, 2]);
/// let glow = EdgeGlow::from_scales(&config, scales, (&device, DType::F32))?;
/// let back = glow.decode(glow.encode(y.clone()));
/// assert!((back - y).abs().max().into_scalar::<f32>() < 1e-5);
/// # Ok::<(), thalweg_models::ConfigError>(())
/// ```
pub fn edge_scales(
    levels: Vec<(Vec<EdgeStep>, SameConv)>,
    last: Vec<EdgeStep>,
    [second, first]: [SameConv; 2],
) -> EdgeScales {
    let levels = levels.into_iter().map(|(of_level, network)| {
        let split = Split::half();
        Level::new(EdgeSteps::new(of_level), prior(network, split), split)
    });
    let levels = levels.collect();
    let last = EdgeTop {
        steps: EdgeSteps::new(last),
        second: prior(second, Split::half()),
        first: prior(first, Split::half().swapped()),
    };
    MultiScale::new(levels, last)
}

fn prior(network: SameConv, split: Split) -> EdgePrior {
    let deviations = Affine::with_scale_map(KnownScale::new(LogScale::Plain));
    Coupling::new(split, deviations, WithEdge::new(network)).inverted()
}
