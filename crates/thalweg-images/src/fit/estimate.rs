//! How long a fit takes and how much memory, about.

use std::fmt;
use std::time::Instant;

use burn::module::Module;
use thalweg_data::Images;
use thalweg_train::{Cost, Evaluate, Workers};

use super::settings::Settings;
use super::training::{Loss, begin, tensor};
use crate::{ImageDensity, ImagesError};

/// The time and the memory of a fit, about.
///
/// ```
/// use thalweg_data::digits;
/// use thalweg_images::{Estimate, ImageDensity, ImageKind};
///
/// let nice = ImageDensity::new().model(ImageKind::Nice).depth(1).hidden(8);
/// let Estimate { parameters, cost, .. } = nice.estimate(&digits())?;
/// assert!(cost.bytes > 24 * parameters as u64); // six copies of 32-bit floats, and more
/// # Ok::<(), thalweg_images::ImagesError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Estimate {
    /// The numbers that the model learns, exactly.
    pub parameters: usize,
    /// The time, by the middle one of three steps, and the memory: weights, their gradients, averages and copies, the images,
    /// and what a step needed here.
    pub cost: Cost,
}

/// Copies of the weights: theirs, gradients, two averages of Adam, the average, the best.
const COPIES: u64 = 6;
/// A step beside its gradient: the optimizer, the average, validation.
const REST: f64 = 1.15;
/// Steps that are measured.
const STEPS: u64 = 3;

pub(crate) fn estimate(density: &ImageDensity, images: &Images) -> Result<Estimate, ImagesError> {
    let settings = Settings::of(density, images)?;
    let model = begin(density, &settings, images)?;
    let batch = tensor(
        images,
        &settings.split.train[..settings.batch],
        &density.device,
    );
    let loss = Loss::of(&settings);
    let workers = Workers::new(settings.workers, move |model: &_, levels, seed| {
        loss.of_batch(model, levels, seed)
    });
    let before = Cost::resident();
    let mut times = Vec::new();
    for seed in 0..STEPS {
        let start = Instant::now();
        let step = workers.evaluate(&model, &batch, seed);
        step.map_err(|error| ImagesError::Training(error.to_string()))?;
        times.push(start.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    let step_seconds = REST * times[times.len() / 2];
    let parameters = model.num_params();
    let all = match settings.limit {
        Some(limit) => limit.as_secs_f64(),
        None => step_seconds * settings.steps as f64,
    };
    let step = Cost::peak()
        .zip(before)
        .map_or(0, |(peak, before)| peak.saturating_sub(before));
    Ok(Estimate {
        parameters,
        cost: Cost {
            step_seconds,
            seconds: all,
            bytes: COPIES * 4 * parameters as u64
                + images.pixels().len() as u64
                + step
                + before.unwrap_or(0),
        },
    })
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} parameters; {}", self.parameters, self.cost)
    }
}
