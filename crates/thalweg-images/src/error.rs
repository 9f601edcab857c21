//! Errors of densities of images.

use thalweg_data::DataError;
use thalweg_flow::FlowError;
use thalweg_metrics::MetricError;
use thalweg_models::variational::LikelihoodStyle;
use thalweg_models::{ConfigError, ModelFileError};
use thalweg_plot::PlotError;
use thalweg_train::RunFolderError;
use thiserror::Error;

/// Why a density cannot be fitted to images, or cannot take them.
///
/// ```
/// use thalweg_data::digits;
/// use thalweg_images::{ImageDensity, ImagesError};
///
/// let few = digits().select(&(0..19).collect::<Vec<_>>());
/// let found = ImageDensity::new().plan(&few);
/// assert!(matches!(found, Err(ImagesError::TooFew { found: 19, needed: 20, .. })));
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImagesError {
    /// Images cannot be read or converted.
    #[error(transparent)]
    Data(#[from] DataError),

    /// The model cannot have images of this size, or a size of the model is out of range.
    #[error("{0}; another side of the pictures or another model may do")]
    Config(#[from] ConfigError),

    /// A setting is out of its bounds.
    #[error("{name} is {value}, and must be {bound}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// Its value.
        value: String,
        /// Its bound.
        bound: &'static str,
    },

    /// There are too few images.
    #[error(
        "{found} images are too few: {needed} at least are needed, to learn from, to stop by and to calibrate with{}",
        .grouped.then_some("; images of a group are in the same part").unwrap_or_default()
    )]
    TooFew {
        /// The images.
        found: usize,
        /// The fewest.
        needed: usize,
        /// Whether they are split by groups.
        grouped: bool,
    },

    /// Images of another size than the model's.
    #[error(
        "images of {} × {} × {} (channels, height, width) with {levels} levels, and the model takes {} × {} × {} with \
         {model_levels}; convert them by `conform`, or read them with the model's side",
        found[0], found[1], found[2], expected[0], expected[1], expected[2]
    )]
    Size {
        /// `[channels, height, width]` of the images.
        found: [usize; 3],
        /// Their levels.
        levels: u32,
        /// Those of the model.
        expected: [usize; 3],
        /// The levels of the model.
        model_levels: u32,
    },

    /// A model of rows whose images may have several sizes.
    #[error(
        "the model knows {features} features, and they are no square image, grey or in colour; say channels, height and \
         width, on the command line by `--shape 1x20x28`"
    )]
    NoShape {
        /// The features.
        features: usize,
    },

    /// A shape of another number of features than the model's.
    #[error(
        "images of {} × {} × {} (channels, height, width) do not have the model's {features} numbers",
        shape[0], shape[1], shape[2]
    )]
    Features {
        /// `[channels, height, width]`.
        shape: [usize; 3],
        /// The features.
        features: usize,
    },

    /// Another shape than the one that the model says.
    #[error(
        "the model says that its images are {} × {} × {} (channels, height, width), and {} × {} × {} is given; leave the \
         shape out",
        model[0], model[1], model[2], found[0], found[1], found[2]
    )]
    Shape {
        /// The shape that is given.
        found: [usize; 3],
        /// That of the model.
        model: [usize; 3],
    },

    /// More levels than an image has.
    #[error(
        "the model's pixels have {levels} levels, and those of images at most 256; ask the model itself, in Rust"
    )]
    Levels {
        /// The levels.
        levels: u32,
    },

    /// A VAE of other data than levels.
    #[error(
        "the likelihood of the VAE is {0}, whose nats are of other data than levels of pixels; ask the model itself, in \
         Rust, or fit a VAE by `thalweg fit --model vae`"
    )]
    Likelihood(LikelihoodStyle),

    /// A model without scores of held-out images.
    #[error(
        "the model has no p-values: its file holds no scores of held-out images; `thalweg fit` writes files that do"
    )]
    NoReference,

    /// Latents of another width than the model's.
    #[error(
        "latents of {found} numbers, and the model has {expected}; give those that it made by `encode`"
    )]
    Latents {
        /// Numbers of a latent.
        found: usize,
        /// The model's.
        expected: usize,
    },

    /// The training ended by a failure.
    #[error("the training failed: {0}")]
    Training(String),

    /// The training was interrupted; the folder of [`resume`](crate::ImageDensity::resume) holds what was reached.
    #[error("the training was interrupted; with `.resume(folder)` the same call goes on with it")]
    Interrupted,

    /// The folder of [`resume`](crate::ImageDensity::resume) cannot be used.
    #[error(transparent)]
    Resume(#[from] RunFolderError),

    /// The flow cannot be checked.
    #[cfg(feature = "check")]
    #[error(transparent)]
    Check(#[from] thalweg_check::CheckError),

    /// The model cannot take these numbers.
    #[error(transparent)]
    Flow(#[from] FlowError),

    /// A measure cannot be taken.
    #[error(transparent)]
    Metric(#[from] MetricError),

    /// No image of a report has a score.
    #[error("none of {images} images has a score to report{}", reason_of(.first))]
    Unscored {
        /// The images.
        images: usize,
        /// The first of them, and the reason.
        first: Option<String>,
    },

    /// A report cannot be drawn or written.
    #[error(transparent)]
    Plot(#[from] PlotError),

    /// The file of the model cannot be written or read.
    #[error(transparent)]
    File(#[from] ModelFileError),
}

fn reason_of(problem: &Option<String>) -> String {
    let words = problem
        .as_ref()
        .map(|first| format!("; the first: {first}"));
    words.unwrap_or_default()
}

impl ImagesError {
    /// An error unless a setting is within its bound.
    pub(crate) fn setting(
        name: &'static str,
        value: impl ToString,
        holds: bool,
        bound: &'static str,
    ) -> Result<(), Self> {
        let value = value.to_string();
        match holds {
            true => Ok(()),
            false => Err(Self::Setting { name, value, bound }),
        }
    }
}

/// Why one image has no latent.
///
/// See [`AnyImages`](crate::AnyImages) for an example.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ImageError {
    /// The latent does not give the image back.
    #[error(
        "its latent does not give it back: {pixels} pixels are off by more than {MARGIN} of a level, by up to {error:.2}; {}",
        reason(*tolerance)
    )]
    NotBack {
        /// Pixels that are off.
        pixels: usize,
        /// The largest error in levels.
        error: f64,
        /// The tolerance of a model that integrates.
        tolerance: Option<f64>,
    },

    /// The latent has numbers that are infinite or not numbers.
    #[error("its latent is not finite: the image is far from those that the model was fitted to")]
    NotFinite,
}

/// The largest error of a pixel, in levels, by way of its latent. At half a level it would be another pixel; the rest is
/// for the rounding of another order of the images.
pub(crate) const MARGIN: f64 = 0.45;

fn reason(tolerance: Option<f64>) -> String {
    match tolerance {
        Some(tolerance) => {
            format!(
                "the model integrates with a tolerance of {tolerance:e}, too coarse for this image"
            )
        }
        None => {
            "the image is far from those of the fit, where the flow cannot be inverted in 32 bits"
                .to_owned()
        }
    }
}
