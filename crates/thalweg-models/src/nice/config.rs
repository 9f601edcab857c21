//! Sizes and style of a NICE.

use burn::config::Config;
use burn::tensor::{DType, Device, Tensor};
use serde::{Deserialize, Serialize};
use thalweg_flow::base::{StandardLogistic, StandardNormal};
use thalweg_flow::{
    Activation, Additive, BlogNoise, Coupling, Dequantize, DiagonalScale, Flow, FlowError,
    MlpConfig, Noise, Reverse, Split, Standardize, WeightInit,
};

use super::bijection::Step;
use super::{Nice, NiceBijection, NicePrior};
use crate::discrete::DiscreteConfig;
use crate::door::assert_shape;
use crate::model::{ModelConfig, init};
use crate::{ConfigError, SamplingCost};

/// The authors of a NICE.
///
/// See [`NiceConfig::blog`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NiceStyle {
    /// Dinh, Krueger and Bengio: couplings that alternate between odd and even positions and add
    /// in the encoder, linear outputs, a logistic prior, noise of one bin.
    Paper,
    /// Su Jianlin's Keras code: the features reversed before each coupling, which subtracts the
    /// output of a network with a final ReLU in the encoder, a normal prior, noise of 0.01 downwards,
    /// temperature 0.75.
    Blog,
}

/// Sizes and style of a [`Nice`].
///
/// See [`Nice`](super::Nice) for an example.
#[derive(Config, Debug, PartialEq)]
pub struct NiceConfig {
    /// The number of features.
    pub features: usize,
    /// The number of levels; 256 for pixels of 8 bits.
    pub levels: u32,
    /// The authors.
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
    ///
    /// ```
    /// use thalweg_models::{NiceConfig, NiceStyle};
    ///
    /// let config = NiceConfig::blog(784, 256);
    /// assert_eq!((config.style, config.temperature()), (NiceStyle::Blog, 0.75));
    /// ```
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

init! {
    NiceConfig => Nice,
    "Fewer than 2 features, levels outside 2 ..= 65,536, or a size of 0."
}

impl ModelConfig for NiceConfig {
    const KIND: &'static str = "nice";
    type Model = Nice;

    fn check(&self) -> Result<(), ConfigError> {
        ConfigError::at_least(Self::KIND, [("features", self.features, 2)])?;
        ConfigError::check(Self::KIND, "levels", u64::from(self.levels), [2, 65_536])?;
        let sizes = [
            ("hidden", self.hidden, 1),
            ("depth", self.depth, 1),
            ("couplings", self.couplings, 1),
        ];
        ConfigError::at_least(Self::KIND, sizes)
    }

    /// Exact for an even number of features.
    fn count(&self) -> u128 {
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
        networks.saturating_add(vectors * features)
    }

    fn build(&self, device: &Device) -> Nice {
        Nice::new(self, device)
    }

    fn sampling_cost(&self) -> SamplingCost {
        SamplingCost::ONE_PASS
    }
}

impl DiscreteConfig<2> for NiceConfig {
    const SAMPLES: &'static str = "rows";
    type Bijection = NiceBijection;
    type Base = NicePrior;
    type Latent = Tensor<2>;

    fn shape(&self) -> Vec<usize> {
        vec![self.features]
    }

    fn levels(&self) -> u32 {
        self.levels
    }

    fn assert_latents(&self, z: &Tensor<2>) {
        assert_shape(Self::KIND, "takes latents", z, &[self.features]);
    }

    fn flow(&self, device: &Device) -> Flow<NiceBijection, NicePrior> {
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
        let bijection = NiceBijection {
            standardize,
            steps,
            scale,
        };
        Flow::new(bijection, base)
    }

    /// The blog divides by 255, not 256, and its noise goes downwards: a bin there is
    /// `(x − 1, x] / 255`, so `x = (L y − 1) / (L − 1)`.
    fn rescale(&self, y: Tensor<2>) -> (Tensor<2>, f64) {
        let levels = f64::from(self.levels);
        match self.style {
            NiceStyle::Paper => (y, 0.0),
            NiceStyle::Blog => (
                y.mul_scalar(levels)
                    .sub_scalar(1.0)
                    .div_scalar(levels - 1.0),
                self.features as f64 * (levels / (levels - 1.0)).ln(),
            ),
        }
    }

    fn unscale(&self, x: Tensor<2>) -> Tensor<2> {
        let levels = f64::from(self.levels);
        match self.style {
            NiceStyle::Paper => x,
            NiceStyle::Blog => x
                .mul_scalar(levels - 1.0)
                .add_scalar(1.0)
                .div_scalar(levels),
        }
    }

    fn training_data(
        &self,
        levels: Tensor<2>,
        noise: &mut Noise,
    ) -> Result<(Tensor<2>, f64), FlowError> {
        let dequantize = Dequantize::uniform(self.levels);
        match self.style {
            NiceStyle::Paper => Ok(self.rescale(dequantize.apply(levels, noise)?.0)),
            NiceStyle::Blog => {
                dequantize.check(&levels)?;
                let white = f64::from(self.levels - 1);
                let x = BlogNoise::default().apply(levels.div_scalar(white), noise);
                Ok((x, 0.0))
            }
        }
    }

    /// Fits standardization (the paper's style) and diagonal scale, so that the latents start with
    /// the prior's deviation.
    ///
    /// Adam would need thousands of steps to move the scales of pixels that hardly vary: the
    /// log-likelihood on MNIST starts at 1233 nats with the fit and far below 0 without.
    fn fit<C>(
        mut flow: Flow<NiceBijection, NicePrior>,
        x: Tensor<2>,
        _: &C,
    ) -> Result<Flow<NiceBijection, NicePrior>, FlowError> {
        flow.bijection = flow.bijection.fit(x, flow.base.deviation())?;
        Ok(flow)
    }
}
