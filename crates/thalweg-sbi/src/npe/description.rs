//! What a posterior consists of beside its parameters, as its file holds it.

use burn::module::Module;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use thalweg_models::{ConfigError, ModelConfig, Passes, SamplingCost};

use crate::Summary;
use crate::coordinates::Coordinates;
use crate::estimator::{Architecture, Estimator};
use crate::features::Features;
use crate::residual::Residual;

/// A posterior without its parameters.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Description {
    pub(crate) coordinates: Coordinates,
    pub(crate) features: Features,
    pub(crate) residual: Residual,
    pub(crate) members: Vec<Architecture>,
    pub(crate) summary: Summary,
}

/// The parameters of all members.
#[derive(Module, Debug)]
pub(crate) struct Members {
    pub(crate) members: Vec<Estimator>,
}

impl Description {
    pub(crate) const KIND_OF_MODEL: &'static str = "posterior";
}

impl ModelConfig for Description {
    const KIND: &'static str = Self::KIND_OF_MODEL;
    type Model = Members;

    fn check(&self) -> Result<(), ConfigError> {
        let damaged = |problem: &str| ConfigError::Setting {
            model: Self::KIND,
            field: "members",
            problem: format!("{problem}; the file is damaged"),
        };
        if !self.coordinates.is_sound() || self.members.is_empty() {
            return Err(damaged("there are no parameters"));
        }
        let fits = |member: &Architecture| {
            member.features == self.coordinates.dims() && member.conditions == self.features.width()
        };
        let (targets, conditions) = (self.coordinates.dims(), self.features.width());
        if !self.members.iter().all(fits) || !self.residual.is_consistent(conditions, targets) {
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

    fn build(&self, device: &Device) -> Members {
        Members {
            members: self
                .members
                .iter()
                .map(|member| member.build(device))
                .collect(),
        }
    }

    fn sampling_cost(&self) -> SamplingCost {
        SamplingCost {
            density: Passes::One,
            sample: Passes::One,
        }
    }
}
