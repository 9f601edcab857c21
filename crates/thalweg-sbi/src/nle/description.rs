//! What a likelihood consists of beside its parameters, as its file holds it.

use burn::module::Module;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use thalweg_flow::{Mlp, Noise};
use thalweg_models::{ConfigError, ModelConfig, Passes, SamplingCost};

use super::validity;
use crate::Summary;
use crate::coordinates::Coordinates;
use crate::estimator::{Architecture, Estimator};
use crate::features::Features;
use crate::residual::Residual;

/// A likelihood without its parameters.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Description {
    pub(crate) coordinates: Coordinates,
    /// The parameters' coordinates as networks see them.
    pub(crate) conditions: Features,
    /// The data as a density sees them.
    pub(crate) features: Features,
    pub(crate) residual: Residual,
    pub(crate) members: Vec<Architecture>,
    /// Whether some simulations had no data, so that a network has the probability that one has.
    pub(crate) can_fail: bool,
    pub(crate) summary: Summary,
}

/// The parameters of all networks.
#[derive(Module, Debug)]
pub(crate) struct Networks {
    pub(crate) members: Vec<Estimator>,
    pub(crate) validity: Option<Mlp>,
}

impl Description {
    pub(crate) const KIND_OF_MODEL: &'static str = "likelihood";
}

impl ModelConfig for Description {
    const KIND: &'static str = Self::KIND_OF_MODEL;
    type Model = Networks;

    fn check(&self) -> Result<(), ConfigError> {
        let damaged = |problem: &str| ConfigError::Setting {
            model: Self::KIND,
            field: "members",
            problem: format!("{problem}; the file is damaged"),
        };
        if !self.coordinates.is_sound() || self.members.is_empty() {
            return Err(damaged("there are no parameters"));
        }
        let (conditions, targets) = (self.coordinates.dims(), self.features.varying());
        let fits =
            |member: &Architecture| member.features == targets && member.conditions == conditions;
        let is_consistent = self.members.iter().all(fits)
            && self.conditions.width() == conditions
            && self.residual.is_consistent(conditions, targets);
        if !is_consistent {
            return Err(damaged("members and numbers do not belong together"));
        }
        self.members
            .iter()
            .try_for_each(|member| member.check(Self::KIND))
    }

    fn count(&self) -> u128 {
        let counts = self.members.iter().map(Architecture::count);
        counts.fold(0, u128::saturating_add)
    }

    fn build(&self, device: &Device) -> Networks {
        let validity = || validity::config(self.coordinates.dims());
        Networks {
            members: self
                .members
                .iter()
                .map(|member| member.build(device))
                .collect(),
            validity: self
                .can_fail
                .then(|| validity().init(&mut Noise::seeded(0), device)),
        }
    }

    fn sampling_cost(&self) -> SamplingCost {
        SamplingCost {
            density: Passes::One,
            sample: Passes::One,
        }
    }
}
