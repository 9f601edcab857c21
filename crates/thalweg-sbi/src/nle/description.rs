//! What a likelihood consists of beside its parameters, as its file holds it.

use burn::module::Module;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use thalweg_flow::{Mlp, Noise};
use thalweg_models::{ConfigError, ModelConfig, Passes, SamplingCost};

use super::validity;
use crate::Summary;
use crate::coordinates::Coordinates;
use crate::estimator::{Architecture, Estimator, build_all, check_members, count_all, damaged};
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

impl ModelConfig for Description {
    const KIND: &'static str = "likelihood";
    type Model = Networks;

    fn check(&self) -> Result<(), ConfigError> {
        let sizes = [self.features.varying(), self.coordinates.dims()];
        check_members(
            Self::KIND,
            &self.coordinates,
            &self.members,
            &self.residual,
            sizes,
        )?;
        let is_sound = self.features.is_sound() && self.conditions.is_sound();
        match is_sound && self.conditions.width() == self.coordinates.dims() {
            true => Ok(()),
            false => Err(damaged(Self::KIND, "the maps of the numbers are none")),
        }
    }

    fn count(&self) -> u128 {
        count_all(&self.members)
    }

    fn build(&self, device: &Device) -> Networks {
        let validity = || validity::config(self.coordinates.dims());
        Networks {
            members: build_all(&self.members, device),
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
