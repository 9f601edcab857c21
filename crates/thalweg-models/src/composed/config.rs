//! The list of the layers.

use burn::config::Config;
use burn::tensor::Device;
use thalweg_flow::base::StandardNormal;
use thalweg_flow::{Flow, Noise, Standardize};

use super::{ComposedBijection, ComposedFlow, LayerConfig};
use crate::model::{ModelConfig, init};
use crate::vector::VectorConfig;
use crate::{ConfigError, Passes, SamplingCost};

/// The layers of a [`ComposedFlow`].
#[derive(Config, Debug, PartialEq)]
pub struct ComposedConfig {
    /// The number of features.
    pub features: usize,
    /// From data to latents.
    pub layers: Vec<LayerConfig>,
    /// Determines the initial weights.
    #[config(default = 0)]
    pub seed: u64,
}

init! {
    ComposedConfig => ComposedFlow,
    "No features, no layers, and a layer that does not fit: a width or a bound of 0, an order that is no \
     permutation, a coupling that keeps all features or none."
}

impl ModelConfig for ComposedConfig {
    const KIND: &'static str = "composed flow";
    type Model = ComposedFlow;

    fn check(&self) -> Result<(), ConfigError> {
        let sizes = [
            ("features", self.features, 1),
            ("layers", self.layers.len(), 1),
        ];
        ConfigError::at_least(Self::KIND, sizes)?;
        let mut layers = self.layers.iter();
        layers.try_for_each(|layer| layer.check(Self::KIND, self.features))
    }

    fn count(&self) -> u128 {
        let layers = self.layers.iter().map(|layer| layer.count(self.features));
        layers.fold(2 * self.features as u128, u128::saturating_add)
    }

    fn build(&self, device: &Device) -> ComposedFlow {
        ComposedFlow::new(self, device)
    }

    fn sampling_cost(&self) -> SamplingCost {
        let mut cost = SamplingCost::ONE_PASS;
        for layer in &self.layers {
            let [density, sample] = layer.passes(self.features);
            if density != Passes::One {
                cost.density = density;
            }
            if sample != Passes::One {
                cost.sample = sample;
            }
        }
        cost
    }
}

impl VectorConfig for ComposedConfig {
    type Bijection = ComposedBijection;
    type Base = StandardNormal;
    type Context = ();

    fn features(&self) -> usize {
        self.features
    }

    fn flow(&self, device: &Device) -> Flow<ComposedBijection, StandardNormal> {
        let noise = &mut Noise::seeded(self.seed);
        let layer = |layer: &LayerConfig| layer.build(self.features, noise, device);
        let bijection = ComposedBijection {
            standardize: Standardize::identity(self.features, device),
            layers: self.layers.iter().map(layer).collect(),
        };
        Flow::new(bijection, StandardNormal::new(self.features))
    }

    fn assert_context(&self, (): &()) {}
}
