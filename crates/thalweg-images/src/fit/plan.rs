//! What a fit is going to do, before it does it.

use std::fmt;

use thalweg_data::Images;
use thalweg_models::ImageSize;

use super::settings::Settings;
use crate::{ImageDensity, ImageKind, ImagesError};

/// What [`ImageDensity::fit`] is going to do: its own choices, and those that were made for it.
///
/// ```
/// use thalweg_data::digits;
/// use thalweg_images::{ImageDensity, ImagesPlan};
///
/// let plan: ImagesPlan = ImageDensity::new().plan(&digits())?;
/// assert_eq!((plan.image.shape(), plan.image.levels), ([1, 8, 8], 17));
/// assert_eq!((plan.train, plan.validation, plan.calibration), (1438, 179, 180)); // of 1797
/// # Ok::<(), thalweg_images::ImagesError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ImagesPlan {
    /// The model.
    pub kind: ImageKind,
    /// Size and levels of the images.
    pub image: ImageSize,
    /// The model's sizes in words.
    pub architecture: String,
    /// A lower bound on the numbers that it learns, close for all but small models.
    pub parameters: u64,
    /// Images to learn from.
    pub train: usize,
    /// Images that choose the weights.
    pub validation: usize,
    /// Images that calibrate p-values.
    pub calibration: usize,
    /// The largest number of steps; none of a fit that ends by the clock.
    pub steps: Option<usize>,
    /// The time for the training, if it ends by it.
    pub minutes: Option<f64>,
    /// Images of a step.
    pub batch: usize,
    /// Threads that share a step.
    pub workers: usize,
}

pub(crate) fn plan(density: &ImageDensity, images: &Images) -> Result<ImagesPlan, ImagesError> {
    let settings = Settings::of(density, images)?;
    Ok(ImagesPlan {
        kind: density.kind,
        image: settings.image,
        architecture: settings.architecture.words(),
        parameters: u64::try_from(settings.architecture.count()).unwrap_or(u64::MAX),
        train: settings.split.train.len(),
        validation: settings.split.validation.len(),
        calibration: settings.split.test.len(),
        steps: settings.limit.is_none().then_some(settings.steps),
        minutes: density.minutes,
        batch: settings.batch,
        workers: settings.workers,
    })
}

impl fmt::Display for ImagesPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ImageSize {
            channels,
            height,
            width,
            levels,
        } = self.image;
        write!(
            f,
            "{} images of {height} × {width} pixels, {}, {levels} levels, to learn from, {} to stop by and {} to calibrate \
             with; {} ({}; about {} parameters), trained for at most ",
            self.train,
            if channels == 1 { "grey" } else { "in colour" },
            self.validation,
            self.calibration,
            self.kind,
            self.architecture,
            self.parameters,
        )?;
        match (self.steps, self.minutes) {
            (Some(steps), _) => write!(f, "{steps} steps")?,
            (None, minutes) => write!(f, "{} minutes, in steps", minutes.unwrap_or_default())?,
        }
        write!(f, " of {} images", self.batch)
    }
}
