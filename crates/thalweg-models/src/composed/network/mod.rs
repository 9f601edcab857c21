//! The networks of couplings and autoregressive layers, by configuration.

mod masked;

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use thalweg_flow::compiled::{CompiledNetwork, LowerNetwork, Lowering};
use thalweg_flow::{
    Activation, Mlp, MlpConfig, ModulationConfig, Noise, ResidualMlp, ResidualMlpConfig,
    StandardizedMlp, WeightInit, layer_enum, linear,
};

use super::modulation::{check_modulation, count_modulation};
use crate::ConfigError;
use crate::config::{check_residual, layers_of, perceptron};

pub use masked::MaskedConfig;
pub(super) use masked::check_order;

/// The network of a coupling.
///
/// See [`ComposedFlow`](super::ComposedFlow) for an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NetworkConfig {
    /// Widths of the hidden layers. Of a residual network: one width, once for each block.
    pub hidden: Vec<usize>,
    /// Residual blocks of two layers in place of hidden layers.
    pub residual: bool,
    /// After each hidden layer; in a residual network, before each layer of a block.
    pub activation: Activation,
    /// What the context and norms change in a residual network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modulation: Option<ModulationConfig>,
    /// Hidden units of mean 0 and deviation 1 in each row; see [`StandardizedMlp`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub standardized: bool,
}

impl NetworkConfig {
    /// A perceptron with ReLUs.
    pub fn mlp(hidden: Vec<usize>) -> Self {
        Self {
            hidden,
            residual: false,
            activation: Activation::Relu,
            modulation: None,
            standardized: false,
        }
    }

    pub(super) fn check(&self, model: &'static str, context: usize) -> Result<(), ConfigError> {
        let widths = self.hidden.iter().map(|width| ("hidden", *width, 1));
        ConfigError::at_least(model, widths)?;
        check_activation(model, self.activation)?;
        if let Some(modulation) = self.modulation {
            check_modulation(model, modulation, context, self.residual)?;
            if !self.residual {
                return Err(ConfigError::Setting {
                    model,
                    field: "modulation",
                    problem:
                        "only a residual network of a coupling is changed by a context or norms"
                            .into(),
                });
            }
        }
        if self.standardized {
            let widths = self.hidden.iter().map(|width| ("hidden", *width, 2));
            ConfigError::at_least(model, widths)?;
            if self.residual {
                return Err(ConfigError::Setting {
                    model,
                    field: "standardized",
                    problem: "a residual network has norms instead".into(),
                });
            }
        }
        match self.residual {
            true => check_residual(model, &self.hidden),
            false => Ok(()),
        }
    }

    /// For `[inputs, context, outputs]`, the context among the inputs.
    pub(super) fn count(&self, [inputs, context, outputs]: [usize; 3]) -> u128 {
        let hidden = layers_of(&self.hidden, self.residual);
        let layers = perceptron([inputs].into_iter().chain(hidden).chain([outputs]));
        let width = self.hidden.first().copied().unwrap_or(0);
        let changes = count_modulation(self.modulation, [context, width, self.hidden.len()]);
        layers.saturating_add(changes)
    }

    /// A network of `[inputs, context, outputs]`, the context among the inputs, whose last layer is 0.
    pub(super) fn build(
        &self,
        [inputs, context, outputs]: [usize; 3],
        noise: &mut Noise,
        device: &Device,
    ) -> ComposedNetwork {
        if self.residual {
            let config = ResidualMlpConfig::new(inputs, self.hidden[0], self.hidden.len(), outputs)
                .with_activation(self.activation)
                .with_output_init(WeightInit::Zero);
            let network = config.init(noise, device);
            let sizes = [context, self.hidden[0], self.hidden.len()];
            let changes = self.modulation.map(|of| of.init(sizes, noise, device));
            return ComposedNetwork::Residual(match changes {
                Some(changes) => network.with_modulation(changes),
                None => network,
            });
        }
        if self.standardized {
            let widths = [inputs].into_iter().chain(self.hidden.iter().copied());
            let widths: Vec<usize> = widths.chain([outputs]).collect();
            let last = widths.len() - 2;
            let layers = widths.windows(2).enumerate().map(|(index, pair)| {
                let is_last = index == last;
                let init = if is_last {
                    WeightInit::Zero
                } else {
                    WeightInit::FanIn
                };
                linear([pair[0], pair[1]], init, noise, device)
            });
            let network = StandardizedMlp::from_layers(layers.collect(), self.activation);
            return ComposedNetwork::Standardized(network);
        }
        let config = MlpConfig::new(inputs, self.hidden.clone(), outputs)
            .with_activation(self.activation)
            .with_output_init(WeightInit::Zero);
        ComposedNetwork::Plain(config.init(noise, device))
    }
}

/// `Ok` when the slope of an activation is a number from 0 on.
pub(crate) fn check_activation(
    model: &'static str,
    activation: Activation,
) -> Result<(), ConfigError> {
    match activation {
        Activation::LeakySlope(slope) => {
            ConfigError::check_range(model, "activation", slope, [0.0, 1e3])
        }
        _ => Ok(()),
    }
}

layer_enum! {
    /// The network of a coupling.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Bijection, Coupling, MlpConfig, Noise, Split};
    /// use thalweg_models::composed::{ComposedLayer, ComposedNetwork, TransformerConfig};
    ///
    /// let device = Device::default();
    /// // From the one feature that is kept to the shifts of two.
    /// let network = MlpConfig::new(1, vec![8], 2).init(&mut Noise::seeded(0), &device);
    /// let (shifts, network) = (TransformerConfig::Additive.try_transformer()?, ComposedNetwork::Plain(network));
    /// let layer = ComposedLayer::Coupling(Coupling::new(Split::at(1), shifts, network));
    /// let x = Tensor::<2>::ones([1, 3], &device);
    /// let (z, log_det) = layer.forward(x, &());
    /// assert_eq!(z.narrow(1, 0, 1).into_scalar::<f32>(), 1.0);
    /// assert_eq!(log_det.into_scalar::<f32>(), 0.0);
    /// # Ok::<(), thalweg_models::ConfigError>(())
    /// ```
    pub enum ComposedNetwork {
        /// A perceptron.
        Plain(Mlp),
        /// Of residual blocks.
        Residual(ResidualMlp),
        /// A perceptron whose hidden layers are standardized.
        Standardized(StandardizedMlp),
    }
    impl<C> Network<C, 2>;
    impl<C> LowerNetwork<C> {
        fn lower_network(&self, plan: &mut Lowering, kept: [usize; 3]) -> Box<dyn CompiledNetwork>;
    }
}
