//! The training of a posterior.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use burn::tensor::{Device, Tensor, TensorData};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use thalweg_flow::Noise;
use thalweg_train::{Data, OneThread, ProgressBar, Recipe, side_by_side};

use super::description::{Description, Summary};
use super::{Npe, Posterior};
use crate::coordinates::Coordinates;
use crate::estimator::{Architecture, Embedding, Estimator, Family};
use crate::features::Features;
use crate::residual::Residual;
use crate::{SbiError, Simulations};

/// The fewest simulations.
const LEAST: usize = 20;
/// The share of the simulations that chooses the weights of a member.
const HELD_OUT: f64 = 0.1;
/// Steps between two validations, at the least.
const VALIDATION_STEPS: usize = 50;
/// Validations in a row without a better one after which a training ends.
const PATIENCE: usize = 40;
/// The decay of the average of the weights, which is validated and kept in their place.
const AVERAGED: f64 = 0.995;
/// Rows that the standardization of the density is fitted to.
const FIRST: usize = 10_000;
/// Rows that are validated together.
const TOGETHER: usize = 4096;

/// What the number of simulations suggests. `docs/posterior.md` has what was tried.
struct Defaults {
    family: Family,
    embedding: Embedding,
    members: usize,
    steps: usize,
    batch: usize,
    rate: f64,
}

impl Defaults {
    fn of(simulations: usize) -> Self {
        let many = simulations > 30_000;
        Self {
            family: Family::AutoregressiveSpline {
                transforms: 5,
                hidden: vec![64, 64],
            },
            embedding: Embedding::Mlp {
                hidden: vec![128, 128, 128],
                outputs: 48,
            },
            members: if many { 4 } else { 6 },
            steps: (simulations / 2).clamp(1000, 20_000),
            batch: if many { 512 } else { 256 },
            rate: 1e-3,
        }
    }
}

/// Simulations as networks take them, row by row.
struct Rows {
    /// Residuals of the parameters' coordinates.
    r: Vec<f32>,
    /// Features of the data.
    z: Vec<f32>,
    /// `ln |dr/dθ|`.
    log_slopes: Vec<f64>,
    dims: usize,
    width: usize,
}

impl Rows {
    fn of(
        simulations: &Simulations,
        coordinates: &Coordinates,
        features: &Features,
        is_linear: bool,
    ) -> Result<(Self, Residual), SbiError> {
        let (dims, width) = (coordinates.dims(), features.width());
        let (mut u, mut z, mut log_slopes) = (vec![], vec![], vec![]);
        for row in 0..simulations.len() {
            let theta = simulations.theta(row);
            let Some((line, log_slope)) = coordinates.to_line(theta) else {
                return Err(SbiError::OutsideSupport {
                    row,
                    theta: theta.to_vec(),
                });
            };
            u.extend(line);
            log_slopes.push(log_slope);
            z.extend(features.of(simulations.x(row)));
        }
        let residual = Residual::fit(&u, dims, if is_linear { &z } else { &[] });
        let of = |(u, z): (&[f64], &[f32])| residual.forward(u, &residual.mean(z));
        let rows = u.chunks_exact(dims).zip(z.chunks_exact(width));
        let r = rows.flat_map(of).map(|r| r as f32).collect();
        let log_slope = residual.log_slope();
        log_slopes.iter_mut().for_each(|slope| *slope += log_slope);
        let rows = Self {
            r,
            z,
            log_slopes,
            dims,
            width,
        };
        Ok((rows, residual))
    }

    fn len(&self) -> usize {
        self.log_slopes.len()
    }

    fn select(&self, rows: &[usize], device: &Device) -> (Tensor<2>, Tensor<2>) {
        let of = |values: &[f32], width: usize| {
            let chosen = rows.iter().flat_map(|row| &values[row * width..][..width]);
            let data = TensorData::new(chosen.copied().collect::<Vec<f32>>(), [rows.len(), width]);
            Tensor::from_data(data, device)
        };
        (of(&self.r, self.dims), of(&self.z, self.width))
    }
}

/// A member that was trained, its held-out mean, and how the training ended.
type Learned = (Estimator, f64, String);

pub(super) fn fit(npe: &Npe, simulations: &Simulations) -> Result<Posterior, SbiError> {
    let count = simulations.len();
    if count < LEAST {
        return Err(SbiError::TooFew {
            found: count,
            needed: LEAST,
        });
    }
    let coordinates = Coordinates::new(npe.prior.supports());
    SbiError::equal(
        "parameters of the simulations",
        simulations.dims(),
        "of the prior",
        coordinates.dims(),
    )?;
    let defaults = Defaults::of(count);
    let members = npe.members.unwrap_or(defaults.members);
    SbiError::some("an ensemble", members)?;
    let embedding = npe.embedding.as_ref().unwrap_or(&defaults.embedding);
    let architecture = |member: usize| Architecture {
        family: npe
            .family
            .clone()
            .unwrap_or_else(|| defaults.family.clone()),
        embedding: embedding.clone(),
        features: coordinates.dims(),
        conditions: simulations.width(),
        seed: npe.seed.wrapping_add(member as u64),
    };
    let architectures: Vec<Architecture> = (0..members).map(architecture).collect();
    architectures[0].check("posterior")?;
    let features = Features::fit(
        simulations.all_x(),
        simulations.width(),
        embedding.period(simulations.width()),
    );
    let is_linear = embedding.sees_places();
    let (rows, residual) = Rows::of(simulations, &coordinates, &features, is_linear)?;
    let workers = thalweg_kernels::threads().min(members);
    let learned = side_by_side(members, workers, |member, given_up| {
        train(
            npe,
            &defaults,
            &architectures[member],
            member,
            &rows,
            given_up,
        )
    })?;
    let mut summary = Summary {
        simulations: count,
        failures: simulations.failures().len(),
        held_out: vec![],
        outcomes: vec![],
        constant: features.constants(),
    };
    let mut models = vec![];
    for (model, held_out, outcome) in learned {
        models.push(model);
        summary.held_out.push(held_out);
        summary.outcomes.push(outcome);
    }
    let description = Description {
        coordinates,
        features,
        residual,
        members: architectures,
        summary,
    };
    Ok(Posterior::new(description, models, &npe.device))
}

fn train(
    npe: &Npe,
    defaults: &Defaults,
    architecture: &Architecture,
    member: usize,
    rows: &Rows,
    given_up: &Arc<AtomicBool>,
) -> Result<Learned, SbiError> {
    let seed = architecture.seed;
    let order = Noise::seeded(seed ^ SPLIT).permutation(rows.len());
    let held = ((rows.len() as f64 * HELD_OUT) as usize).max(2);
    let (held_out, train) = order.split_at(held);
    let size = defaults.batch.min(train.len());
    let device = &npe.device;
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
        limit: npe.limit,
        average: AVERAGED,
        patience: PATIENCE,
        validation_steps: VALIDATION_STEPS,
        seed,
        given_up: Some(given_up.clone()),
        ..Recipe::new(npe.steps.unwrap_or(defaults.steps).max(1), defaults.rate)
    };
    let trained = recipe.fit(
        model,
        train.len() / size,
        &Data::train(epoch).validate(validation),
        OneThread(loss),
        &mut (npe.progress && member == 0).then(ProgressBar::new),
    )?;
    let outcome = trained.outcome.to_string();
    let model = trained.into_best();
    let mut total = 0.0;
    for part in held_out.chunks(TOGETHER) {
        let (r, z) = rows.select(part, device);
        let logs = model.log_prob(r, z)?.into_data();
        total += logs.iter::<f64>().sum::<f64>();
        total += part.iter().map(|row| rows.log_slopes[*row]).sum::<f64>();
    }
    Ok((model, total / held as f64, outcome))
}

/// The seed of the held-out rows differs by this from that of the first weights.
const SPLIT: u64 = 0x0073_706c_6974_0000;
