//! What was done and what was reached.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ImageKind;

/// What was done and what was reached.
///
/// ```
/// use thalweg_data::digits;
/// use thalweg_images::{ImageDensity, ImageKind, ImagesSummary};
///
/// let images = digits().select(&(0..120).collect::<Vec<_>>());
/// let density = ImageDensity::new().model(ImageKind::Nice).depth(1).hidden(8).steps(5);
/// let summary: ImagesSummary = density.fit(&images)?.summary().clone();
/// assert_eq!((summary.train, summary.validation, summary.calibration), (96, 12, 12));
/// let bits = (64.0 * 17_f64.ln() - summary.nats) / (64.0 * 2_f64.ln());
/// assert!((summary.bits_per_dim - bits).abs() < 1e-9);
/// # Ok::<(), thalweg_images::ImagesError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ImagesSummary {
    /// The model.
    pub kind: ImageKind,
    /// Images that it learned from.
    pub train: usize,
    /// Images that chose its weights.
    pub validation: usize,
    /// Images that it was neither trained nor chosen by, whose scores make p-values.
    pub calibration: usize,
    /// Numbers that were learned.
    pub parameters: usize,
    /// Steps that were made.
    pub steps: usize,
    /// Images of a step.
    pub batch: usize,
    /// How the training ended.
    pub outcome: String,
    /// The time of the fit.
    pub seconds: f64,
    /// The mean of `ln p` of the calibration images in nats, of pixels in the unit cube.
    pub nats: f64,
    /// Its standard error.
    pub nats_error: f64,
    /// The same in bits a dimension.
    pub bits_per_dim: f64,
    /// Whether the nats are a lower bound.
    pub bound: bool,
    /// Samples of the bound.
    pub importance: usize,
}

impl fmt::Display for ImagesSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} with {} parameters, trained on {} images for {} steps of {} in {:.0} s; {}",
            self.kind,
            self.parameters,
            self.train,
            self.steps,
            self.batch,
            self.seconds,
            self.outcome
        )?;
        write!(
            f,
            "held out, on {} images: {:.2} ± {:.2} nats, {:.4} bits/dim",
            self.calibration, self.nats, self.nats_error, self.bits_per_dim
        )?;
        match self.bound {
            true => write!(f, " (a bound, of {} samples an image)", self.importance),
            false => Ok(()),
        }
    }
}
