//! What a posterior consists of beside its parameters, as its file holds it.

use burn::module::Module;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use thalweg_models::{ConfigError, ModelConfig, Passes, SamplingCost};

use crate::Summary;
use crate::coordinates::Coordinates;
use crate::estimator::{Architecture, Estimator, build_all, check_members, count_all, damaged};
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

impl ModelConfig for Description {
    const KIND: &'static str = "posterior";
    type Model = Networks;

    fn check(&self) -> Result<(), ConfigError> {
        let (targets, conditions) = (self.coordinates.dims(), self.features.width());
        check_members(
            Self::KIND,
            &self.coordinates,
            &self.members,
            &self.residual,
            [targets, conditions],
        )?;
        let is_sound = |x: &Vec<f64>| x.len() == conditions && x.iter().all(|x| x.is_finite());
        if !self.observation.as_ref().is_none_or(is_sound) {
            return Err(damaged(Self::KIND, "the observation is none"));
        }
        let varying = self.features.varying();
        let is_consistent = match &self.data {
            Some(data) => data.is_consistent(varying),
            None => varying == 0,
        };
        if !self.features.is_sound() || !is_consistent {
            return Err(damaged(Self::KIND, "the density of the data is none"));
        }
        match &self.data {
            Some(data) => data.check(Self::KIND),
            None => Ok(()),
        }
    }

    fn count(&self) -> u128 {
        count_all(
            self.members
                .iter()
                .chain(self.data.as_ref().map(DataDensity::member)),
        )
    }

    fn build(&self, device: &Device) -> Networks {
        Networks {
            members: build_all(&self.members, device),
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
