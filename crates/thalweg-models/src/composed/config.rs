//! The list of the layers.

use burn::config::Config;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::Device;
use thalweg_flow::{Flow, Noise, Standardize};

use super::layer::passes;
use super::{
    BaseConfig, ComposedBase, ComposedBijection, ComposedFlow, ConditionalComposedFlow, GivenLayer,
    LayerConfig,
};
use crate::config::add_missing;
use crate::model::{ModelConfig, init};
use crate::vector::{Conditional, ConditionalConfig, VectorConfig};
use crate::{ConfigError, SamplingCost};

/// The layers of a [`ComposedFlow`].
///
/// See [`ComposedFlow`](super::ComposedFlow) for an example.
#[derive(Config, Debug, PartialEq)]
pub struct ComposedConfig {
    /// The number of features.
    pub features: usize,
    /// From data to latents.
    pub layers: Vec<LayerConfig>,
    /// The density of the latents.
    #[config(default = "BaseConfig::Normal")]
    pub base: BaseConfig,
    /// Determines the initial weights.
    #[config(default = 0)]
    pub seed: u64,
}

impl ComposedConfig {
    /// The same layers under a condition of `context` numbers, which every network sees.
    ///
    /// See [`ConditionalComposedFlow`] for an example.
    pub fn with_context(self, context: usize) -> Conditional<Self> {
        Conditional {
            flow: self,
            context,
        }
    }

    fn check_with(&self, context: usize) -> Result<(), ConfigError> {
        let sizes = [
            ("features", self.features, 1),
            ("layers", self.layers.len(), 1),
        ];
        ConfigError::at_least(Self::KIND, sizes)?;
        self.base.check(Self::KIND, self.features)?;
        let mut layers = self.layers.iter();
        layers.try_for_each(|layer| layer.check(Self::KIND, [self.features, context]))
    }

    fn count_with(&self, context: usize) -> u128 {
        let layers = self.layers.iter();
        let counts = layers.map(|layer| layer.count(self.features, context));
        let least = self.base.count(self.features) + 2 * self.features as u128;
        counts.fold(least, u128::saturating_add)
    }

    fn flow_of<L: Module + ModuleDisplay>(
        &self,
        mut build: impl FnMut(&LayerConfig, &mut Noise) -> L,
        device: &Device,
    ) -> Flow<ComposedBijection<L>, ComposedBase> {
        let noise = &mut Noise::seeded(self.seed);
        let layers = self.layers.iter().map(|layer| build(layer, noise));
        let bijection = ComposedBijection {
            standardize: Standardize::identity(self.features, device),
            layers: layers.collect(),
        };
        Flow::new(bijection, self.base.build(self.features, noise, device))
    }
}

init! {
    ComposedConfig => ComposedFlow,
    "No features, no layers, and a layer that does not fit: a width or a bound of 0, an order that is no \
     permutation, a coupling that keeps all features or none. A base density of other features."
}

impl ModelConfig for ComposedConfig {
    const KIND: &'static str = "composed flow";
    type Model = ComposedFlow;

    fn check(&self) -> Result<(), ConfigError> {
        self.check_with(0)
    }

    fn count(&self) -> u128 {
        self.count_with(0)
    }

    fn build(&self, device: &Device) -> ComposedFlow {
        ComposedFlow::new(self, device)
    }

    fn complete(config: &mut serde_json::Value) {
        add_missing(config, [("base", "Normal".into())]);
    }

    fn sampling_cost(&self) -> SamplingCost {
        let [density, sample] = passes(&self.layers, self.features);
        SamplingCost { density, sample }
    }
}

impl VectorConfig for ComposedConfig {
    type Bijection = ComposedBijection;
    type Base = ComposedBase;
    type Context = ();

    fn features(&self) -> usize {
        self.features
    }

    fn flow(&self, device: &Device) -> Flow<ComposedBijection, ComposedBase> {
        self.flow_of(
            |layer, noise| layer.build(self.features, noise, device),
            device,
        )
    }

    fn assert_context(&self, (): &()) {}
}

impl ConditionalConfig for ComposedConfig {
    const CONDITIONAL: &'static str = "conditional composed flow";
    type Conditional = ComposedBijection<GivenLayer>;
    type Given = ConditionalComposedFlow;

    fn check_given(&self, context: usize) -> Result<(), ConfigError> {
        self.check_with(context)
    }

    fn conditional_count(&self, context: usize) -> u128 {
        self.count_with(context)
    }

    fn conditional_flow(
        &self,
        context: usize,
        device: &Device,
    ) -> Flow<ComposedBijection<GivenLayer>, ComposedBase> {
        let sizes = [self.features, context];
        let build =
            |layer: &LayerConfig, noise: &mut Noise| GivenLayer::build(layer, sizes, noise, device);
        self.flow_of(build, device)
    }

    fn build_given(config: &Conditional<Self>, device: &Device) -> ConditionalComposedFlow {
        ConditionalComposedFlow::new(config, device)
    }
}
