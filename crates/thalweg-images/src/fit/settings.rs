//! Sizes of models and trainings, from those of the images.

use std::time::Duration;

use thalweg_data::{Images, RowSplit};
use thalweg_flow::Dequantize;
use thalweg_models::ImageSize;

use super::split::split;
use crate::model::{Architecture, Sizes};
use crate::{ImageDensity, ImageKind, ImagesError};

/// All that a training takes beside the images.
pub(super) struct Settings {
    pub(super) image: ImageSize,
    pub(super) architecture: Architecture,
    pub(super) split: RowSplit,
    pub(super) steps: usize,
    pub(super) batch: usize,
    /// Steps of an epoch.
    pub(super) each: usize,
    pub(super) rate: f64,
    pub(super) clip: f64,
    /// Validations without a better one after which the training ends.
    pub(super) patience: usize,
    pub(super) limit: Option<Duration>,
    pub(super) workers: usize,
    pub(super) seed: u64,
}

/// Threads that share a batch at most: each has a part of the batch.
const WORKERS: usize = 4;

impl Settings {
    pub(super) fn of(density: &ImageDensity, images: &Images) -> Result<Self, ImagesError> {
        let image = ImageSize::new(images.size()).with_levels(images.levels());
        ImagesError::setting(
            "the number of levels of the pixels",
            image.levels,
            image.levels >= 2,
            "at least 2",
        )?;
        let sizes = [
            ("the depth of the model", density.depth),
            ("the width of the hidden layers", density.hidden),
            ("the number of steps", density.steps),
            ("the number of epochs", density.epochs),
        ];
        for (name, value) in sizes {
            if let Some(value) = value {
                ImagesError::setting(name, value, value > 0, "at least 1")?;
            }
        }
        let kind = density.kind;
        let sizes = Sizes {
            depth: density.depth,
            hidden: density.hidden,
            seed: density.seed,
        };
        let architecture = Architecture::of(kind, image, sizes);
        architecture.check()?;
        let split = split(images, density.seed)?;
        let count = split.train.len();
        let batch = match kind {
            ImageKind::Fvae => 32,
            ImageKind::Glow | ImageKind::RealNvp if image.channels > 1 => 32,
            ImageKind::FlowMatching => 256,
            ImageKind::Vae => 128,
            _ => 64,
        };
        // Batches of one size: a last one of a few images would be a noisy step.
        let batch = batch.min(count);
        let each = count / batch;
        let steps = match (density.steps, density.epochs) {
            (Some(steps), _) => steps,
            (None, Some(epochs)) => epochs.saturating_mul(each),
            (None, None) => steps_of(kind, image, each),
        };
        Ok(Self {
            image,
            architecture,
            split,
            steps,
            batch,
            each,
            rate: if kind == ImageKind::FlowMatching {
                2e-3
            } else {
                1e-3
            },
            clip: if kind == ImageKind::FlowMatching {
                5.0
            } else {
                500.0
            },
            // The rate falls until the end, and the best weights come late.
            patience: 30,
            limit: density.minutes.map(limit).transpose()?,
            workers: thalweg_kernels::threads().clamp(1, WORKERS).min(batch),
            seed: density.seed,
        })
    }

    pub(super) fn dequantize(&self) -> Dequantize {
        Dequantize::uniform(self.image.levels)
    }
}

/// Steps for which the held-out figure still improves, or that a few minutes of two cores allow.
fn steps_of(kind: ImageKind, image: ImageSize, each: usize) -> usize {
    let small = image.numbers() <= 256;
    let (least, epochs, most) = match (kind, small) {
        (ImageKind::Glow, true) => (800, 100, 4000),
        (ImageKind::Glow, false) => (600, 30, 3000),
        (ImageKind::RealNvp, true) => (800, 60, 4000),
        (ImageKind::RealNvp, false) => (600, 30, 3000),
        (ImageKind::Nice, _) => (1000, 60, 15_000),
        (ImageKind::FlowMatching, _) => (4000, 200, 20_000),
        (ImageKind::Vae, _) => (2000, 200, 20_000),
        (ImageKind::Fvae, true) => (1000, 40, 4000),
        (ImageKind::Fvae, false) => (600, 30, 3000),
    };
    (epochs * each).clamp(least, most)
}

fn limit(minutes: f64) -> Result<Duration, ImagesError> {
    let found = Duration::try_from_secs_f64(60.0 * minutes).ok();
    let found = found.filter(|limit| !limit.is_zero());
    ImagesError::setting(
        "the number of minutes",
        minutes,
        found.is_some(),
        "a number above 0, up to 10¹⁵",
    )?;
    Ok(found.unwrap_or_default())
}
