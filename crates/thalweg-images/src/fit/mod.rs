//! The fit of a density to images.

mod estimate;
mod plan;
mod settings;
mod split;
mod training;

pub use estimate::Estimate;
pub use plan::ImagesPlan;
pub(crate) use {estimate::estimate, plan::plan};

use std::time::Instant;

use burn::module::Module;
use thalweg_data::Images;
use thalweg_models::ImageSize;
use thalweg_models::held_out;
use thalweg_train::{Facts, RunFolder, fingerprint};

use crate::any::IMPORTANCE;
use crate::description::Description;
use crate::{FittedImages, ImageDensity, ImagesError, ImagesSummary};
use settings::Settings;
use training::{RUN, Training, train};

pub(crate) fn fit(density: &ImageDensity, images: &Images) -> Result<FittedImages, ImagesError> {
    let start = Instant::now();
    let settings = Settings::of(density, images)?;
    let folder = match &density.resume {
        Some(folder) => Some(RunFolder::open(folder, &facts(&settings, images))?),
        None => None,
    };
    let Training {
        model,
        steps,
        outcome,
    } = train(density, &settings, images, folder.as_ref())?;
    let kind = density.kind;
    let summary = ImagesSummary {
        kind,
        train: settings.split.train.len(),
        validation: settings.split.validation.len(),
        calibration: settings.split.test.len(),
        parameters: model.num_params(),
        steps,
        batch: settings.batch,
        outcome,
        seconds: 0.0,
        nats: 0.0,
        nats_error: 0.0,
        bits_per_dim: 0.0,
        bound: kind.is_bound(),
        importance: if kind.is_bound() { IMPORTANCE } else { 1 },
    };
    let description = Description {
        image: settings.image,
        architecture: settings.architecture.clone(),
        seed: density.seed,
        reference: vec![],
        summary,
    };
    let fitted = FittedImages::new(description, model);
    let nats = fitted.log_prob(&images.select(&settings.split.test))?;
    // One image of density 0 would make the mean −∞.
    let mut nats: Vec<f64> = nats.into_iter().filter(|nats| nats.is_finite()).collect();
    if nats.len() < 2 {
        let problem =
            "the held-out images have no finite densities; try fewer steps or another seed";
        return Err(ImagesError::Training(problem.to_owned()));
    }
    let estimate = held_out::Estimate::of(&nats);
    nats.sort_by(f64::total_cmp);
    let bits_per_dim = fitted.units().from_nats(estimate.mean);
    let fitted = fitted.described(|description| {
        description.reference = nats;
        let summary = &mut description.summary;
        summary.nats = estimate.mean;
        summary.nats_error = estimate.error;
        summary.bits_per_dim = bits_per_dim;
        summary.seconds = start.elapsed().as_secs_f64();
    });
    if let Some(folder) = folder {
        folder.remove([RUN.into()]);
    }
    Ok(fitted)
}

/// What decides the result. Steps, minutes and device are not among it: a training may go on for longer, and elsewhere.
fn facts(settings: &Settings, images: &Images) -> Facts {
    let ImageSize {
        channels,
        height,
        width,
        levels,
    } = settings.image;
    let groups = images.groups().unwrap_or_default().iter();
    let groups = groups.flat_map(|group| group.bytes().chain([0xff]));
    let facts = [
        (
            "size of images",
            format!("{channels} × {height} × {width}, {levels} levels"),
        ),
        ("number of images", images.count().to_string()),
        (
            "set of images",
            format!("{:016x}", fingerprint(images.pixels().iter().copied())),
        ),
        (
            "grouping of images",
            format!("{:016x}", fingerprint(groups)),
        ),
        ("seed", settings.seed.to_string()),
        ("model", format!("{:?}", settings.architecture)),
        ("batch", settings.batch.to_string()),
        ("number of threads", settings.workers.to_string()),
    ];
    let own = |(what, value): (&str, String)| (what.to_owned(), value);
    facts.map(own).into()
}
