//! The density of the latents of a composed flow, by configuration.

use burn::tensor::{DType, Device, Tensor};
use serde::{Deserialize, Serialize};
use thalweg_flow::base::{GaussianMixture, StandardNormal, UniformNormal, UnitCube};
use thalweg_flow::compiled::{CompiledBase, LowerBase, Lowering};
use thalweg_flow::{Condition, Flow, Noise, Standardize, layer_enum};

use crate::ConfigError;

/// The density of the latents of a [`ComposedFlow`](super::ComposedFlow).
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::ComposedConfig;
/// use thalweg_models::composed::{BaseConfig, ComposedBase, LayerConfig};
///
/// let swap = LayerConfig::Permutation { order: vec![1, 0] };
/// let base = BaseConfig::Uniform { low: vec![0.0, -1.0], high: vec![2.0, 1.0] };
/// let flow = ComposedConfig::new(2, vec![swap]).with_base(base).init(&Device::default());
/// assert!(matches!(flow.flow.base, ComposedBase::Uniform(_)));
/// let nats = flow.log_prob(Tensor::from_floats([[0.5, 1.0]], &Device::default()));
/// assert!((nats.into_scalar::<f32>() + 4.0_f32.ln()).abs() < 1e-6);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum BaseConfig {
    /// Standard normal numbers.
    #[default]
    Normal,
    /// Uniform numbers of a box: `p(z) = Π 1 / (highᵢ − lowᵢ)` inside, 0 outside.
    Uniform {
        /// The least number of each feature.
        low: Vec<f64>,
        /// The largest one.
        high: Vec<f64>,
    },
    /// Uniform points of circles of length 1 beside standard normal numbers; see [`UniformNormal`].
    UniformNormal {
        /// The features that lie on circles.
        circles: Vec<usize>,
    },
    /// A mixture of normal densities with learned weights, means and deviations.
    Mixture {
        /// How many.
        components: usize,
    },
}

impl BaseConfig {
    pub(super) fn check(&self, model: &'static str, features: usize) -> Result<(), ConfigError> {
        let problem = |problem: String| ConfigError::Setting {
            model,
            field: "base",
            problem,
        };
        match self {
            Self::Normal => Ok(()),
            Self::Mixture { components } => {
                ConfigError::at_least(model, [("components", *components, 1)])
            }
            Self::UniformNormal { circles } => {
                match circles.iter().find(|circle| **circle >= features) {
                    None => Ok(()),
                    Some(circle) => Err(problem(format!(
                        "circles are features 0..{features}, got {circle}"
                    ))),
                }
            }
            Self::Uniform { low, high } if [low.len(), high.len()] != [features; 2] => {
                Err(problem(format!(
                    "a box of {features} features has as many bounds below and above, got {} and {}",
                    low.len(),
                    high.len()
                )))
            }
            Self::Uniform { low, high } => {
                let mut bounds = low.iter().zip(high);
                // Of NaN no comparison holds.
                let wrong = bounds.find(|(low, high)| !((*high - *low).is_finite() && low < high));
                match wrong {
                    None => Ok(()),
                    Some((low, high)) => Err(problem(format!(
                        "the lower bound of a feature is below the upper one, got {low} and {high}"
                    ))),
                }
            }
        }
    }

    /// A lower bound on the number of parameters.
    pub(super) fn count(&self, features: usize) -> u128 {
        let features = features as u128;
        match self {
            Self::Normal | Self::UniformNormal { .. } => 0,
            Self::Uniform { .. } => 2 * features,
            Self::Mixture { components } => {
                let each = features.saturating_mul(2).saturating_add(1);
                each.saturating_mul(*components as u128)
            }
        }
    }

    /// The untrained density of a configuration that passes its checks.
    pub(super) fn build(
        &self,
        features: usize,
        noise: &mut Noise,
        device: &Device,
    ) -> ComposedBase {
        match self {
            Self::Mixture { components } => {
                ComposedBase::Mixture(GaussianMixture::new(*components, features, noise, device))
            }
            _ => self.without_weights(features, (device, DType::F32)),
        }
    }

    /// The density, where it has no weights.
    fn without_weights(&self, features: usize, (device, dtype): (&Device, DType)) -> ComposedBase {
        let (low, high) = match self {
            Self::Uniform { low, high } => (low, high),
            Self::UniformNormal { circles } => {
                let base = UniformNormal::new(features, circles.clone());
                return ComposedBase::UniformNormal(base);
            }
            _ => return ComposedBase::Normal(StandardNormal::new(features)),
        };
        let tensor = |values: Vec<f64>| Tensor::<1>::from_data(&values[..], (device, dtype));
        let widths = low.iter().zip(high).map(|(low, high)| (high - low).ln());
        let to_unit = Standardize::from_statistics(tensor(low.clone()), tensor(widths.collect()));
        ComposedBase::Uniform(Flow::new(to_unit, UnitCube::new(features)))
    }

    /// The density with given weights, which a mixture has and no other.
    pub(super) fn with_weights(
        &self,
        features: usize,
        mixture: Option<GaussianMixture>,
        place: (&Device, DType),
    ) -> Option<ComposedBase> {
        match (self, mixture) {
            (Self::Mixture { .. }, Some(mixture)) => Some(ComposedBase::Mixture(mixture)),
            (Self::Mixture { .. }, None) | (_, Some(_)) => None,
            (_, None) => Some(self.without_weights(features, place)),
        }
    }
}

layer_enum! {
    /// One of the densities of [`BaseConfig`].
    ///
    /// See [`BaseConfig`] for an example.
    pub enum ComposedBase {
        /// Standard normal numbers.
        Normal(StandardNormal),
        /// Uniform numbers of a box.
        Uniform(Flow<Standardize, UnitCube>),
        /// Uniform points of circles beside standard normal numbers.
        UniformNormal(UniformNormal),
        /// A mixture of normal densities.
        Mixture(GaussianMixture),
    }
    impl<C: Condition> Base<C>: Tensor<2>;
    impl<C: Condition> LowerBase<C> {
        fn scales(&self) -> Vec<usize>;
        fn lower_base(&self, plan: &mut Lowering) -> Box<dyn CompiledBase>;
    }
}
