//! How long a fit takes and how much memory, about.

use std::fmt;
use std::time::Instant;

use burn::module::Module;
use thalweg_data::Images;
use thalweg_train::{Evaluate, Workers};

use super::settings::Settings;
use super::training::{Loss, begin, tensor};
use crate::{ImageDensity, ImagesError};

/// The time and the memory of a fit, about.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Estimate {
    /// The numbers that the model learns, exactly.
    pub parameters: usize,
    /// The time of a step in seconds, by the middle one of three.
    pub step_seconds: f64,
    /// The time of the training in seconds, if it does not stop before.
    pub seconds: f64,
    /// The memory in bytes: weights, their gradients, averages and copies, the images, and what a step needed here.
    pub bytes: u64,
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
    let before = resident();
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
    let step = peak()
        .zip(before)
        .map_or(0, |(peak, before)| peak.saturating_sub(before));
    Ok(Estimate {
        parameters,
        step_seconds,
        seconds: all,
        bytes: COPIES * 4 * parameters as u64
            + images.pixels().len() as u64
            + step
            + before.unwrap_or(0),
    })
}

/// The memory of this process now, where the system says it.
fn resident() -> Option<u64> {
    status("VmRSS:")
}

/// The most memory that this process had.
fn peak() -> Option<u64> {
    status("VmHWM:")
}

/// A line of Linux's account of this process, in bytes.
fn status(line: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|found| found.strip_prefix(line))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024 * kilobytes)
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = match self.seconds {
            seconds if seconds < 90.0 => format!("{:.0} s", seconds.max(1.0)),
            seconds if seconds < 5400.0 => format!("{:.0} minutes", seconds / 60.0),
            seconds => format!("{:.1} hours", seconds / 3600.0),
        };
        write!(
            f,
            "{} parameters; about {time}, by steps of {:.3} s, and about {:.0} MB of memory",
            self.parameters,
            self.step_seconds,
            self.bytes as f64 / 1e6
        )
    }
}
