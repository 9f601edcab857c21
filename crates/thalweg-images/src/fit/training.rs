//! The training of a model of images.

use burn::tensor::{Device, Tensor};
use thalweg_data::Images;
use thalweg_flow::{Dequantize, FlowError, Noise};
use thalweg_train::{CtrlC, Data, ProgressBar, Recipe, RunFolder, TrainError, Workers};

use super::settings::Settings;
use crate::model::ImageModel;
use crate::{ImageDensity, ImageKind, ImagesError};

/// The result of a training.
pub(super) struct Training {
    pub(super) model: ImageModel,
    pub(super) steps: usize,
    pub(super) outcome: String,
}

/// The file of the training in its folder.
pub(super) const RUN: &str = "training";

/// Images that the layers which start from data see.
const FIRST: usize = 256;
/// Images that are validated together.
const VALIDATED: usize = 250;

/// The training loss of a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loss {
    dequantize: Dequantize,
}

impl Loss {
    pub(super) fn of(settings: &Settings) -> Self {
        Self {
            dequantize: settings.dequantize(),
        }
    }

    pub(super) fn of_batch(
        self,
        model: &ImageModel,
        levels: Tensor<4>,
        seed: u64,
    ) -> Result<Tensor<1>, FlowError> {
        model.loss(levels, self.dequantize, &mut Noise::seeded(seed))
    }
}

/// Some images as a batch. All of them as floats would take four times their memory.
pub(super) fn tensor(images: &Images, rows: &[usize], device: &Device) -> Tensor<4> {
    images.select(rows).to_planes(device)
}

/// The model before its first step.
pub(super) fn begin(
    density: &ImageDensity,
    settings: &Settings,
    images: &Images,
) -> Result<ImageModel, ImagesError> {
    let train = &settings.split.train;
    let first = FIRST.min(train.len());
    // Spread over all, as images of a group lie side by side.
    let rows: Vec<usize> = (0..first).map(|k| train[k * train.len() / first]).collect();
    let model = settings
        .architecture
        .build(&density.device.clone().autodiff());
    let noise = &mut Noise::seeded(settings.seed);
    let levels = tensor(images, &rows, &density.device);
    Ok(model.initialize(levels, settings.dequantize(), noise)?)
}

/// Trains the model by maximum likelihood, its bound, or flow matching. The weights with the best held-out loss stay.
pub(super) fn train(
    density: &ImageDensity,
    settings: &Settings,
    images: &Images,
    folder: Option<&RunFolder>,
) -> Result<Training, ImagesError> {
    let model = begin(density, settings, images)?;
    let (each, steps) = (settings.each, settings.steps);
    let device = &density.device;
    let rows = |all: &[usize], size: usize| -> Vec<Vec<usize>> {
        all.chunks(size).map(<[usize]>::to_vec).collect()
    };
    let batches = move |parts: Vec<Vec<usize>>| {
        parts
            .into_iter()
            .map(move |part| tensor(images, &part, device))
    };
    let train = &settings.split.train;
    let epoch = |epoch: usize| {
        let noise = &mut Noise::seeded(settings.seed ^ (epoch as u64 + 1).rotate_left(32));
        let order: Vec<usize> = noise
            .permutation(train.len())
            .into_iter()
            .map(|k| train[k])
            .collect();
        batches(rows(&order[..each * settings.batch], settings.batch))
    };
    let held_out = |_| batches(rows(&settings.split.validation, VALIDATED));
    let loss = Loss::of(settings);
    let unit = thalweg_flow::BitsPerDim::new(settings.image.numbers(), settings.image.levels);
    let bar = density.progress.then(|| match density.kind {
        // Its loss is that of a regression.
        ImageKind::FlowMatching => ProgressBar::new(),
        _ => ProgressBar::new().loss_format(unit_of(density.kind, settings, unit)),
    });
    let recipe = Recipe {
        limit: settings.limit,
        clip: settings.clip,
        patience: settings.patience,
        seed: settings.seed,
        resume: folder.map(|folder| folder.file(RUN)),
        save_every: folder.map(|_| SAVED),
        watch: density.watch.clone(),
        ..Recipe::new(steps, settings.rate)
    };
    // Without a file to go on from, an interrupt ends the program as it always does.
    let interrupt = folder.is_some().then(CtrlC::new);
    let trained = recipe.fit(
        model,
        each,
        &Data::train(epoch).validate(held_out),
        Workers::new(settings.workers, move |model: &ImageModel, levels, seed| {
            loss.of_batch(model, levels, seed)
        }),
        &mut (interrupt, bar),
    );
    let trained = trained.map_err(|error| match error {
        TrainError::Interrupted => ImagesError::Interrupted,
        error => ImagesError::Training(error.to_string()),
    })?;
    let outcome = trained.outcome.to_string();
    let steps = trained
        .history
        .epochs()
        .last()
        .map_or(0, |epoch| epoch.step);
    Ok(Training {
        model: trained.into_best(),
        steps,
        outcome,
    })
}

/// Steps between two writings of the file of a training, which also comes after each epoch.
const SAVED: usize = 200;

/// A loss in the units of its nats: a VAE's are of levels, not of the unit cube.
fn unit_of(
    kind: ImageKind,
    settings: &Settings,
    unit: thalweg_flow::BitsPerDim,
) -> impl Fn(f64) -> String + Copy + Send + Sync + 'static {
    let unit = match kind {
        ImageKind::Vae => thalweg_flow::BitsPerDim::new(settings.image.numbers(), 1),
        _ => unit,
    };
    unit.loss_format()
}
