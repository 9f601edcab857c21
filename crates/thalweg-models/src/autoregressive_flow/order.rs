//! The order of the features in each transform.

use serde::{Deserialize, Serialize};
use thalweg_flow::Noise;

/// The order of the features in the transforms of an [`AutoregressiveFlow`](super::AutoregressiveFlow).
///
/// The first feature of an order is transformed by constants, the last by a network of all others. With
/// one order for all transforms the first feature stays normal in all of them, so a single order is
/// much worse.
///
/// ```
/// use thalweg_models::{AutoregressiveFlowConfig, FeatureOrder};
///
/// assert_eq!(AutoregressiveFlowConfig::maf(3).order, FeatureOrder::Alternating);
/// let config = AutoregressiveFlowConfig::maf(3).with_order(FeatureOrder::Random);
/// assert_eq!(config.order, FeatureOrder::Random);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum FeatureOrder {
    /// Ascending in every other transform, from the first on, and reversed in those between.
    #[default]
    Alternating,
    /// `0, 1, 2 …` in all of them.
    Ascending,
    /// From the last feature to the first in all of them.
    Reversed,
    /// Another random order in each, by the seed of the configuration.
    Random,
}

impl FeatureOrder {
    /// The order in a transform: the feature that comes at each place.
    pub(super) fn of_transform(
        self,
        index: usize,
        features: usize,
        noise: &mut Noise,
    ) -> Vec<usize> {
        let is_reversed = match self {
            Self::Alternating => !index.is_multiple_of(2),
            Self::Ascending => false,
            Self::Reversed => true,
            Self::Random => return noise.permutation(features),
        };
        match is_reversed {
            false => (0..features).collect(),
            true => (0..features).rev().collect(),
        }
    }
}
