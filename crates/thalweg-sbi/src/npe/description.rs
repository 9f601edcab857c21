//! What a posterior consists of beside its parameters, as its file holds it.

use burn::module::Module;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use thalweg_models::{ConfigError, ModelConfig, Passes, SamplingCost};

use crate::Summary;
use crate::coordinates::Coordinates;
use crate::estimator::{Architecture, Estimator};
use crate::familiarity::DataDensity;
use crate::features::Features;
use crate::residual::Residual;

/// A posterior without its parameters.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Description {
    pub(crate) coordinates: Coordinates,
    pub(crate) features: Features,
    pub(crate) residual: Residual,
    pub(crate) members: Vec<Architecture>,
    /// That of the data; `None` where they are the same in all simulations.
    pub(crate) data: Option<DataDensity>,
    /// The only one that the posterior is of, after rounds.
    pub(crate) observation: Option<Vec<f64>>,
    pub(crate) summary: Summary,
}

/// The parameters of all members, and of the density of the data.
#[derive(Module, Debug)]
pub(crate) struct Networks {
    pub(crate) members: Vec<Estimator>,
    pub(crate) data: Option<Estimator>,
}

impl Description {
    pub(crate) const KIND_OF_MODEL: &'static str = "posterior";
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
        let fits = |member: &Architecture| {
            member.features == self.coordinates.dims() && member.conditions == self.features.width()
        };
        let (targets, conditions) = (self.coordinates.dims(), self.features.width());
        if !self.members.iter().all(fits) || !self.residual.is_consistent(conditions, targets) {
            return Err(damaged("members and numbers do not belong together"));
        }
        let is_sound = |x: &Vec<f64>| x.len() == conditions && x.iter().all(|x| x.is_finite());
        if !self.observation.as_ref().is_none_or(is_sound) {
            return Err(damaged("the observation is none"));
        }
        let varying = self.features.varying();
        let is_consistent = match &self.data {
            Some(data) => data.is_consistent(varying),
            None => varying == 0,
        };
        if !self.features.is_sound() || !is_consistent {
            return Err(damaged("the density of the data is none"));
        }
        if let Some(data) = &self.data {
            data.check(Self::KIND)?;
        }
        self.members
            .iter()
            .try_for_each(|member| member.check(Self::KIND))
    }

    fn count(&self) -> u128 {
        let data = self.data.as_ref().map(DataDensity::member);
        let counts = self.members.iter().chain(data).map(Architecture::count);
        counts.fold(0, u128::saturating_add)
    }

    fn build(&self, device: &Device) -> Networks {
        Networks {
            members: self
                .members
                .iter()
                .map(|member| member.build(device))
                .collect(),
            data: self.data.as_ref().map(|data| data.member().build(device)),
        }
    }

    fn sampling_cost(&self) -> SamplingCost {
        SamplingCost {
            density: Passes::One,
            sample: Passes::One,
        }
    }
}
