//! The training of an ensemble of conditional densities.

mod rows;
mod settings;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use burn::tensor::Tensor;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use thalweg_flow::Noise;
use thalweg_train::{Data, OneThread, ProgressBar, Recipe, side_by_side};

pub(crate) use rows::Rows;
pub(crate) use settings::{Defaults, Settings, settings};

use crate::estimator::{Architecture, Embedding, Estimator};
use crate::features::Features;
use crate::{SbiError, Simulations, Summary};

/// The fewest simulations.
const LEAST: usize = 20;
/// The share of the simulations that chooses the weights of a member.
const HELD_OUT: f64 = 0.1;
/// Steps between two validations, at the least.
const VALIDATION_STEPS: usize = 50;
/// Validations in a row without a better one after which a training ends.
const PATIENCE: usize = 40;
/// The decay of the average of the weights.
const AVERAGED: f64 = 0.995;
/// Rows that the standardization of the density is fitted to.
const FIRST: usize = 10_000;
/// Rows that are validated together.
const TOGETHER: usize = 4096;
/// The seed of the held-out rows differs by this from that of the first weights.
const SPLIT: u64 = 0x0073_706c_6974_0000;

/// Refuses fewer than 20 simulations.
pub(crate) fn enough(simulations: &Simulations) -> Result<(), SbiError> {
    match simulations.len() {
        found if found < LEAST => Err(SbiError::TooFew {
            found,
            needed: LEAST,
        }),
        _ => Ok(()),
    }
}

/// Sizes of all members of an ensemble.
///
/// # Errors
///
/// No members, and sizes that are no model.
pub(crate) fn architectures(
    model: &'static str,
    settings: &Settings,
    embedding: &Embedding,
    simulations: usize,
    [features, conditions]: [usize; 2],
) -> Result<Vec<Architecture>, SbiError> {
    let defaults = Defaults::of(simulations);
    let members = settings.members.unwrap_or(defaults.members);
    SbiError::some("an ensemble", members)?;
    let family = settings.family.clone().unwrap_or(defaults.family);
    let member = |member: usize| Architecture {
        family: family.clone(),
        embedding: embedding.clone(),
        features,
        conditions,
        seed: settings.seed.wrapping_add(member as u64),
    };
    let members: Vec<Architecture> = (0..members).map(member).collect();
    members[0].check(model)?;
    Ok(members)
}

/// The members of an ensemble after their training.
pub(crate) struct Ensemble {
    pub(crate) members: Vec<Estimator>,
    /// The mean log-density of the rows that each was not trained on.
    pub(crate) held_out: Vec<f64>,
    pub(crate) outcomes: Vec<String>,
}

impl Ensemble {
    /// How it went, on simulations whose data have these features.
    pub(crate) fn summary(&self, simulations: &Simulations, features: &Features) -> Summary {
        Summary {
            simulations: simulations.len(),
            failures: simulations.failures().len(),
            held_out: self.held_out.clone(),
            outcomes: self.outcomes.clone(),
            constant: features.constants(),
        }
    }
}

/// Trains all members, side by side.
pub(crate) fn train(
    settings: &Settings,
    architectures: &[Architecture],
    rows: &Rows,
) -> Result<Ensemble, SbiError> {
    let members = architectures.len();
    let workers = thalweg_kernels::threads().min(members);
    let learned = side_by_side(members, workers, |member, given_up| {
        let bar = settings.progress && member == 0;
        train_one(settings, &architectures[member], rows, bar, given_up)
    })?;
    let mut ensemble = Ensemble {
        members: vec![],
        held_out: vec![],
        outcomes: vec![],
    };
    for (model, held_out, outcome) in learned {
        ensemble.members.push(model);
        ensemble.held_out.push(held_out);
        ensemble.outcomes.push(outcome);
    }
    Ok(ensemble)
}

/// A member that was trained, its held-out mean, and how the training ended.
type Learned = (Estimator, f64, String);

fn train_one(
    settings: &Settings,
    architecture: &Architecture,
    rows: &Rows,
    bar: bool,
    given_up: &Arc<AtomicBool>,
) -> Result<Learned, SbiError> {
    let defaults = Defaults::of(rows.len());
    let seed = architecture.seed;
    let order = Noise::seeded(seed ^ SPLIT).permutation(rows.len());
    let held = ((rows.len() as f64 * HELD_OUT) as usize).max(2);
    let (held_out, train) = order.split_at(held);
    let size = defaults.batch.min(train.len());
    let device = &settings.device;
    let first: Vec<usize> = train.iter().copied().take(FIRST).collect();
    let (r, _) = rows.select(&first, device);
    let model = architecture
        .build(&device.clone().autodiff())
        .initialize(&r)?;
    let epoch = |epoch: usize| {
        let mut order = train.to_vec();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(epoch as u64 + 1);
        order.shuffle(&mut rng);
        let parts: Vec<Vec<usize>> = order.chunks_exact(size).map(<[usize]>::to_vec).collect();
        parts.into_iter().map(|part| rows.select(&part, device))
    };
    let validation = |_| {
        held_out
            .chunks(TOGETHER)
            .map(|part| rows.select(part, device))
    };
    let loss = |model: &Estimator, (r, z): (Tensor<2>, Tensor<2>), seed: u64| {
        model.loss(r, z, &mut Noise::seeded(seed))
    };
    let recipe = Recipe {
        limit: settings.limit,
        average: AVERAGED,
        patience: PATIENCE,
        validation_steps: VALIDATION_STEPS,
        seed,
        given_up: Some(given_up.clone()),
        ..Recipe::new(
            settings.steps.unwrap_or(defaults.steps).max(1),
            defaults.rate,
        )
    };
    let trained = recipe.fit(
        model,
        train.len() / size,
        &Data::train(epoch).validate(validation),
        OneThread(loss),
        &mut bar.then(ProgressBar::new),
    )?;
    let outcome = trained.outcome.to_string();
    let model = trained.into_best();
    let mut total = 0.0;
    for part in held_out.chunks(TOGETHER) {
        let (r, z) = rows.select(part, device);
        let logs = model.log_prob(r, z)?.into_data();
        total += logs.iter::<f64>().sum::<f64>() + rows.log_slopes(part);
    }
    Ok((model, total / held as f64, outcome))
}
