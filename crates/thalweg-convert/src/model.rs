//! The model of a checkpoint.

use std::path::Path;

use burn::tensor::Tensor;
use thalweg_models::{ComposedFlow, EdgeGlow, ModelFileError};

use crate::weights::Place;

/// The model of a checkpoint.
#[derive(Debug)]
pub enum Model {
    /// Of vectors.
    Vectors(Box<ComposedFlow>),
    /// Of images.
    Images(Box<EdgeGlow>),
}

impl Model {
    /// The model, if it is one of vectors.
    pub fn vectors(self) -> Option<ComposedFlow> {
        match self {
            Self::Vectors(model) => Some(*model),
            Self::Images(_) => None,
        }
    }

    /// The model, if it is one of images.
    pub fn images(self) -> Option<EdgeGlow> {
        match self {
            Self::Images(model) => Some(*model),
            Self::Vectors(_) => None,
        }
    }

    /// The shape of a sample: `[features]`, or `[channels, height, width]`.
    pub fn shape(&self) -> Vec<usize> {
        match self {
            Self::Vectors(model) => vec![model.config().features],
            Self::Images(model) => model.config().image.shape().to_vec(),
        }
    }

    /// The number of layers; of images, three a step and a prior a scale.
    pub fn layers(&self) -> usize {
        match self {
            Self::Vectors(model) => model.config().layers.len(),
            Self::Images(model) => model.config().scales * (3 * model.config().depth + 1),
        }
    }

    /// Saves the model in one file.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), ModelFileError> {
        match self {
            Self::Vectors(model) => model.save(path),
            Self::Images(model) => model.save(path),
        }
    }

    /// `log p(x)` of the inputs that the library takes: of images, those in `[−½, ½]`.
    pub(crate) fn log_prob(&self, x: Vec<f64>, rows: usize, place: &Place) -> Tensor<1> {
        match self {
            Self::Vectors(model) => {
                model.log_prob(place.tensor(x, [rows, model.config().features]))
            }
            Self::Images(model) => {
                let [channels, height, width] = model.config().image.shape();
                let y = x.into_iter().map(|x| x + 0.5).collect();
                let y = place.tensor(y, [rows, channels, height, width]);
                model.flow.log_prob(y)
            }
        }
    }
}
