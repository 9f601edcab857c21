//! Networks that shorten data before a density sees them.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};
use thalweg_flow::{Activation, Mlp, MlpConfig, Noise};
use thalweg_models::ConfigError;

/// A network between the data and the density, trained with it: it learns the summaries of the data that tell about
/// the parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Embedding {
    /// The data as they are.
    None,
    /// A multilayer perceptron, for up to some hundreds of numbers without an order.
    Mlp {
        /// Widths of the hidden layers.
        hidden: Vec<usize>,
        /// The number of summaries.
        outputs: usize,
    },
}

impl Embedding {
    /// Whether the data are numbers whose places mean something, so that a regression on them does.
    pub(crate) fn sees_numbers(&self) -> bool {
        match self {
            Self::None | Self::Mlp { .. } => true,
        }
    }

    /// The numbers that the density sees of `inputs` numbers.
    pub(super) fn outputs(&self, inputs: usize) -> usize {
        match self {
            Self::None => inputs,
            Self::Mlp { outputs, .. } => *outputs,
        }
    }

    fn mlp(&self, inputs: usize) -> Option<MlpConfig> {
        match self {
            Self::None => None,
            Self::Mlp { hidden, outputs } => {
                let config = MlpConfig::new(inputs, hidden.clone(), *outputs);
                Some(config.with_activation(Activation::Silu))
            }
        }
    }

    pub(super) fn check(&self, model: &'static str) -> Result<(), ConfigError> {
        match self {
            Self::None => Ok(()),
            Self::Mlp { hidden, outputs } => {
                let hidden = hidden.iter().map(|width| ("embedding", *width, 1));
                ConfigError::at_least(model, hidden.chain([("embedding", *outputs, 1)]))
            }
        }
    }

    /// A lower bound on the number of values in all parameters.
    pub(super) fn count(&self, inputs: usize) -> u128 {
        let Some(mlp) = self.mlp(inputs) else {
            return 0;
        };
        let widths: Vec<usize> = [inputs]
            .into_iter()
            .chain(mlp.hidden)
            .chain([mlp.outputs])
            .collect();
        widths
            .windows(2)
            .map(|pair| (pair[0] as u128 + 1).saturating_mul(pair[1] as u128))
            .fold(0, u128::saturating_add)
    }

    /// `None` for the data as they are.
    pub(super) fn build(
        &self,
        inputs: usize,
        noise: &mut Noise,
        device: &Device,
    ) -> Option<EmbeddingNet> {
        let config = self.mlp(inputs)?;
        Some(EmbeddingNet::Mlp(config.init(noise, device)))
    }
}

/// The network of an [`Embedding`].
#[derive(Module, Debug)]
pub(super) enum EmbeddingNet {
    Mlp(Mlp),
}

impl EmbeddingNet {
    fn of(&self, x: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Mlp(net) => net.forward(x),
        }
    }
}

/// What the density sees of data.
pub(super) fn embed(net: Option<&EmbeddingNet>, x: Tensor<2>) -> Tensor<2> {
    match net {
        Some(net) => net.of(x),
        None => x,
    }
}
