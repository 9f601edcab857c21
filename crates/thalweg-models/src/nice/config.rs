//! Sizes and style of a NICE.

use burn::config::Config;
use burn::tensor::{DType, Device};
use serde::{Deserialize, Serialize};
use thalweg_flow::base::{StandardLogistic, StandardNormal};
use thalweg_flow::{
    Activation, Additive, Coupling, DiagonalScale, Flow, MlpConfig, Noise, Reverse, Split,
    Standardize, WeightInit,
};

use super::bijection::Step;
use super::{Nice, NiceBijection, NicePrior};
use crate::ConfigError;

/// Whose NICE it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NiceStyle {
    /// Dinh, Krueger and Bengio: couplings that alternate between odd and even positions and add
    /// in the encoder, linear outputs, a logistic prior, noise of one bin.
    Paper,
    /// Su Jianlin's Keras code: the features reversed before each coupling, which subtracts in
    /// the encoder what a net with ReLU output gives, a normal prior, noise of 0.01 downwards,
    /// temperature 0.75.
    Blog,
}

/// Sizes and style of a [`Nice`].
#[derive(Config, Debug, PartialEq)]
pub struct NiceConfig {
    /// Numbers in a sample.
    pub features: usize,
    /// Values that each can have; 256 for pixels of 8 bits.
    pub levels: u32,
    /// Whose NICE.
    pub style: NiceStyle,
    /// Width of the hidden layers.
    #[config(default = 1000)]
    pub hidden: usize,
    /// Hidden layers of each coupling's network.
    #[config(default = 5)]
    pub depth: usize,
    /// Additive couplings.
    #[config(default = 4)]
    pub couplings: usize,
    /// Determines the initial weights.
    #[config(default = 0)]
    pub seed: u64,
}

impl NiceConfig {
    /// The paper's model for MNIST: 4 couplings with 5 hidden layers of 1000.
    ///
    /// Dinh, Krueger, Bengio: *NICE*, 2014, section 5.1. Two choices are ours: the data are
    /// standardized in front of the couplings, as a layer whose determinant is counted, and the
    /// networks' outputs start at zero. Both save epochs; neither changes what the model can
    /// represent.
    pub fn paper(features: usize, levels: u32) -> Self {
        Self::new(features, levels, NiceStyle::Paper)
    }

    /// Su Jianlin's model for MNIST; 19,158,352 parameters on 784 features.
    ///
    /// *Flow 1: NICE*, kexue.fm/archives/5776, 2018, and its `nice.py`.
    pub fn blog(features: usize, levels: u32) -> Self {
        Self::new(features, levels, NiceStyle::Blog)
    }

    /// The temperature that the authors sample at.
    pub fn temperature(&self) -> f64 {
        match self.style {
            NiceStyle::Paper => 1.0,
            NiceStyle::Blog => 0.75,
        }
    }

    /// The untrained model.
    ///
    /// # Panics
    ///
    /// Where [`try_init`](Self::try_init) returns an error.
    pub fn init(&self, device: &Device) -> Nice {
        self.try_init(device)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// The untrained model.
    ///
    /// # Errors
    ///
    /// Fewer than 2 features, levels outside 2 ..= 65,536, or a size of 0.
    pub fn try_init(&self, device: &Device) -> Result<Nice, ConfigError> {
        self.check()?;
        let mut noise = Noise::seeded(self.seed);
        let steps = (0..self.couplings)
            .map(|index| self.step(index, &mut noise, device))
            .collect();
        let (standardize, scale, base) = match self.style {
            NiceStyle::Paper => (
                Some(Standardize::identity(self.features, device)),
                DiagonalScale::new(self.features, device),
                NicePrior::Logistic(StandardLogistic::new(self.features)),
            ),
            NiceStyle::Blog => {
                // Keras' glorot_normal on the shape (1, features).
                let deviation = (2.0 / (1.0 + self.features as f64)).sqrt();
                let log_scale = noise.normal([self.features], device, DType::F32) * deviation;
                (
                    None,
                    DiagonalScale::from_log_scale(log_scale),
                    NicePrior::Normal(StandardNormal::new(self.features)),
                )
            }
        };
        let flow = Flow::new(
            NiceBijection {
                standardize,
                steps,
                scale,
            },
            base,
        );
        Ok(Nice {
            flow,
            config: self.clone(),
            warnings: vec![],
        })
    }

    /// Whether each size lies within its bounds.
    fn check(&self) -> Result<(), ConfigError> {
        let any = u64::from(u32::MAX);
        let check = |field, value, bounds| ConfigError::check("nice", field, value, bounds);
        check("features", self.features as u64, [2, any])?;
        check("levels", u64::from(self.levels), [2, 65_536])?;
        check("hidden", self.hidden as u64, [1, any])?;
        check("depth", self.depth as u64, [1, any])?;
        check("couplings", self.couplings as u64, [1, any])
    }

    /// How many numbers the parameters are, those that do not train included: at most this, and
    /// for an even number of features exactly this.
    pub(super) fn count(&self) -> Result<u128, ConfigError> {
        self.check()?;
        let [features, hidden, depth, couplings] =
            [self.features, self.hidden, self.depth, self.couplings].map(|size| size as u128);
        // The kept features enter a network and the transformed ones leave it, so together its
        // first and last weights see each feature once.
        let first_and_last = features * hidden + hidden + features.div_ceil(2);
        let between = (depth - 1) * (hidden * hidden + hidden);
        let vectors = match self.style {
            NiceStyle::Paper => 3,
            NiceStyle::Blog => 1,
        };
        let networks = (first_and_last + between).saturating_mul(couplings);
        Ok(networks.saturating_add(vectors * features))
    }

    fn step(&self, index: usize, noise: &mut Noise, device: &Device) -> Step {
        let (reverse, split, transformer) = match self.style {
            NiceStyle::Paper => (None, Split::even_odd().alternating(index), Additive::new()),
            NiceStyle::Blog => (Some(Reverse {}), Split::even_odd(), Additive::subtracting()),
        };
        let (kept, transformed) = split.sizes(self.features);
        let net = MlpConfig::new(kept, vec![self.hidden; self.depth], transformed);
        let net = match self.style {
            NiceStyle::Paper => net.with_output_init(WeightInit::Zero),
            NiceStyle::Blog => net
                .with_init(WeightInit::Glorot)
                .with_output_init(WeightInit::Glorot)
                .with_output_activation(Some(Activation::Relu)),
        };
        Step {
            reverse,
            coupling: Coupling::new(split, transformer, net.init(noise, device)),
        }
    }
}
