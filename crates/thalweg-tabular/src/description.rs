//! What a fitted density consists of, as its file holds it.

use burn::module::Module;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use thalweg_models::{ConfigError, ModelConfig, SamplingCost};

use crate::detector::Detector;
use crate::member::{Member, MemberModel};
use crate::parts::KernelPairModel;
use crate::schema::{Role, Schema};
use crate::summary::Summary;

/// A fitted density without its parameters.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Description {
    pub(crate) schema: Schema,
    pub(crate) members: Vec<Member>,
    /// Detectors of anomalies, of tables that they take.
    pub(crate) detectors: Vec<Detector>,
    /// Score and weight of the rows that each detector did not see; without detectors, that each member did not see, or one
    /// set for all members.
    pub(crate) calibration: Vec<Vec<[f64; 2]>>,
    pub(crate) seed: u64,
    /// The column of weights that it was fitted with.
    pub(crate) weights: Option<String>,
    pub(crate) summary: Summary,
}

/// The parameters of all members.
#[derive(Module, Debug)]
pub(crate) struct Ensemble {
    pub(crate) members: Vec<MemberModel>,
    pub(crate) detectors: Vec<KernelPairModel>,
}

impl ModelConfig for Description {
    const KIND: &'static str = "density of a table";
    type Model = Ensemble;

    fn check(&self) -> Result<(), ConfigError> {
        ConfigError::at_least(Self::KIND, [("members", self.members.len(), 1)])?;
        let targets = self.schema.targets();
        let columns = &self.schema.columns;
        let ordered = columns[..targets]
            .iter()
            .all(|known| known.role == Role::Target);
        let same = ordered
            && self.members.iter().all(|member| {
                member.maps.len() == columns.len() && member.is_consistent(&self.schema)
            });
        let detectors = self.detectors.iter();
        let detect = detectors
            .clone()
            .all(|one| one.is_consistent(self.schema.columns.len()));
        match same && detect {
            true => self.members.iter().try_for_each(Member::check),
            false => Err(ConfigError::Setting {
                model: Self::KIND,
                field: "members",
                problem: "columns and parts do not belong together; the file is damaged".to_owned(),
            }),
        }
    }

    fn count(&self) -> u128 {
        let members: u128 = self.members.iter().map(Member::parameters).sum();
        members
            + self
                .detectors
                .iter()
                .map(Detector::parameters)
                .sum::<u128>()
    }

    fn build(&self, device: &Device) -> Ensemble {
        Ensemble {
            members: self
                .members
                .iter()
                .map(|member| member.build(device))
                .collect(),
            detectors: self.detectors.iter().map(|one| one.build(device)).collect(),
        }
    }

    fn sampling_cost(&self) -> SamplingCost {
        SamplingCost::ONE_PASS
    }
}
