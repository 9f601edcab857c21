//! What a posterior consists of beside its parameters, as its file holds it.

use burn::module::Module;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use thalweg_models::{ConfigError, ModelConfig, Passes, SamplingCost};

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

/// How a posterior was trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The simulations that it was fitted to, those that were held out included.
    pub simulations: usize,
    /// The simulations that had no data.
    pub failures: usize,
    /// The mean `ln q(θ | x)` of the simulations that each member was not trained on, in nats.
    pub held_out: Vec<f64>,
    /// How each training ended.
    pub outcomes: Vec<String>,
    /// Numbers of the data, from 0, that were the same in all simulations: they say nothing.
    pub constant: Vec<usize>,
}

/// The parameters of all members.
#[derive(Module, Debug)]
pub(crate) struct Members {
    pub(crate) members: Vec<Estimator>,
}

impl ModelConfig for Description {
    const KIND: &'static str = "posterior";
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
