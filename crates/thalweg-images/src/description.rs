//! What a fitted density consists of, as its file holds it.

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use thalweg_models::{ConfigError, ImageSize, ModelConfig, SamplingCost};

use crate::ImagesSummary;
use crate::model::{Architecture, ImageModel};

/// A fitted density without its parameters.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Description {
    /// Size and levels of the images.
    pub(crate) image: ImageSize,
    pub(crate) architecture: Architecture,
    pub(crate) seed: u64,
    /// Nats of the images that were held out, from the lowest to the highest.
    pub(crate) reference: Vec<f64>,
    pub(crate) summary: ImagesSummary,
}

impl ModelConfig for Description {
    const KIND: &'static str = "density of images";
    type Model = ImageModel;

    fn check(&self) -> Result<(), ConfigError> {
        let damaged = |problem: &str| ConfigError::Setting {
            model: Self::KIND,
            field: "images",
            problem: format!("{problem}; the file is damaged"),
        };
        self.architecture.check()?;
        if !self.architecture.fits(self.image) || self.architecture.kind() != self.summary.kind {
            return Err(damaged("images and model do not belong together"));
        }
        if !(2..=256).contains(&self.image.levels) {
            return Err(damaged("pixels have 2 to 256 levels"));
        }
        if self.summary.importance == 0 || self.summary.importance > 1 << 20 {
            return Err(damaged("no number of samples of a bound"));
        }
        if self.reference.is_empty() || self.reference.iter().any(|nats| nats.is_nan()) {
            return Err(damaged("no reference scores"));
        }
        Ok(())
    }

    fn count(&self) -> u128 {
        self.architecture.count()
    }

    fn build(&self, device: &Device) -> ImageModel {
        self.architecture.build(device)
    }

    fn sampling_cost(&self) -> SamplingCost {
        self.architecture.sampling_cost()
    }
}
