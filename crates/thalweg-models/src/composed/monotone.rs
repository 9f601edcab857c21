//! The increasing networks of neural autoregressive layers, by configuration.

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use thalweg_flow::{Monotone, MonotoneNetworks, Noise};

use super::network::check_activation;
use crate::ConfigError;
use crate::config::perceptron;

/// A network of each feature that increases with it; see [`MonotoneNetworks`].
///
/// ```
/// use thalweg_flow::{Activation, Monotone};
/// use thalweg_models::composed::MonotoneConfig;
///
/// let monotone = Monotone::Integral(Activation::Tanh);
/// let config = MonotoneConfig { signal: 16, hidden: vec![32, 32], monotone };
/// assert_eq!(config.parameters(), 16 + 1);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MonotoneConfig {
    /// Numbers that it sees beside the feature.
    pub signal: usize,
    /// Widths of its hidden layers.
    pub hidden: Vec<usize>,
    /// What makes it increase.
    pub monotone: Monotone,
}

impl MonotoneConfig {
    pub(super) fn check(&self, model: &'static str) -> Result<(), ConfigError> {
        ConfigError::at_least(model, [("signal", self.signal, 1)])?;
        let widths = self.hidden.iter().map(|width| ("hidden", *width, 1));
        ConfigError::at_least(model, widths)?;
        match self.monotone {
            Monotone::PositiveWeights => Ok(()),
            Monotone::Integral(activation) => check_activation(model, activation),
        }
    }

    /// Parameters of a feature: the signal, and the constant of an integral.
    pub fn parameters(&self) -> usize {
        let constant = usize::from(self.monotone != Monotone::PositiveWeights);
        self.signal.saturating_add(constant)
    }

    /// The weights of all features.
    pub(super) fn count(&self, features: usize) -> u128 {
        let inputs = [self.signal.saturating_add(1)].into_iter();
        let widths = inputs.chain(self.hidden.iter().copied()).chain([1]);
        perceptron(widths).saturating_mul(features as u128)
    }

    pub(super) fn build(
        &self,
        features: usize,
        noise: &mut Noise,
        device: &Device,
    ) -> MonotoneNetworks {
        let sizes = [features, self.signal];
        MonotoneNetworks::new(sizes, &self.hidden, self.monotone, noise, device)
    }
}
