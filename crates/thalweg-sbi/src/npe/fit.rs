//! The training of a posterior.

use std::sync::atomic::{AtomicBool, Ordering};

use burn::tensor::{Device, Tensor, TensorData};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use thalweg_flow::{FlowError, Noise};
use thalweg_optim::SingleGradient;
use thalweg_train::{
    Data, EarlyStopping, Ema, OnNonFinite, Outcome, ProgressBar, Signal, Trainer, on_epoch_end,
    side_by_side,
};

use super::description::{Description, Members, Summary};
use super::{Npe, Posterior};
use crate::coordinates::Coordinates;
use crate::estimator::{Architecture, Estimator, Family};
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
/// The largest norm of a gradient.
const CLIP: f64 = 5.0;

/// What the numbers of simulations and parameters suggest.
struct Defaults {
    family: Family,
    members: usize,
    steps: usize,
    batch: usize,
    rate: f64,
}

impl Defaults {
    fn of(simulations: usize) -> Self {
        let many = simulations > 30_000;
        let width = if many { 96 } else { 64 };
        Self {
            family: Family::AutoregressiveSpline {
                transforms: 5,
                hidden: vec![width, width],
            },
            members: if many { 2 } else { 4 },
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
    let features = Features::fit(simulations.all_x(), simulations.width());
    let is_linear = npe.embedding.sees_numbers();
    let (rows, residual) = Rows::of(simulations, &coordinates, &features, is_linear)?;
    let defaults = Defaults::of(count);
    let members = npe.members.unwrap_or(defaults.members);
    SbiError::some("an ensemble", members)?;
    let architecture = |member: usize| Architecture {
        family: npe
            .family
            .clone()
            .unwrap_or_else(|| defaults.family.clone()),
        embedding: npe.embedding.clone(),
        features: coordinates.dims(),
        conditions: features.width(),
        seed: npe.seed.wrapping_add(member as u64),
    };
    let architectures: Vec<Architecture> = (0..members).map(architecture).collect();
    architectures[0].check("posterior")?;
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
    Ok(Posterior {
        description: Description {
            coordinates,
            features,
            residual,
            members: architectures,
            summary,
        },
        model: Members { members: models },
        device: npe.device.clone(),
    })
}

fn train(
    npe: &Npe,
    defaults: &Defaults,
    architecture: &Architecture,
    member: usize,
    rows: &Rows,
    given_up: &AtomicBool,
) -> Result<Learned, SbiError> {
    let count = rows.len();
    let seed = architecture.seed;
    let order = Noise::seeded(seed ^ SPLIT).permutation(count);
    let held = ((count as f64 * HELD_OUT) as usize).max(2);
    let (held_out, train) = order.split_at(held);
    let size = defaults.batch.min(train.len());
    let each = train.len() / size;
    let steps = npe.steps.unwrap_or(defaults.steps).max(1);
    let device = &npe.device;
    let first: Vec<usize> = train.iter().copied().take(10_000).collect();
    let (u, _) = rows.select(&first, device);
    let model = architecture
        .build(&device.clone().autodiff())
        .initialize(&u)?;
    let trainer = match npe.limit {
        Some(limit) => Trainer::annealed_for_time(limit, defaults.rate),
        None => Trainer::annealed(steps, defaults.rate),
    };
    let recover = OnNonFinite::Recover {
        at_most: 3,
        scale: 0.5,
    };
    let every = VALIDATION_STEPS
        .div_ceil(each)
        .min(steps.div_ceil(each))
        .max(1);
    let trainer = trainer
        .seed(seed)
        .validate_every(every)
        .on_non_finite(recover);
    let epoch = |epoch: usize| {
        let mut order = train.to_vec();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(epoch as u64 + 1);
        order.shuffle(&mut rng);
        let parts: Vec<Vec<usize>> = order.chunks_exact(size).map(<[usize]>::to_vec).collect();
        parts.into_iter().map(|part| rows.select(&part, device))
    };
    let validation = |_| held_out.chunks(4096).map(|part| rows.select(part, device));
    let loss = |model: &Estimator,
                (u, x): (Tensor<2>, Tensor<2>),
                seed: u64|
     -> Result<Tensor<1>, FlowError> { model.loss(u, x, &mut Noise::seeded(seed)) };
    let bar = (npe.progress && member == 0).then(ProgressBar::new);
    let stop = EarlyStopping::new(PATIENCE).for_good();
    // Another member has failed: this training is in vain.
    let in_vain = on_epoch_end(|_, _: &Estimator| match given_up.load(Ordering::SeqCst) {
        true => Signal::interrupt(),
        false => Signal::CONTINUE,
    });
    let trained = trainer.fit(
        model,
        SingleGradient::adam().clip_norm(CLIP),
        &Data::train(epoch).validate(validation),
        loss,
        &mut (Ema::new(AVERAGED), stop, bar, in_vain),
    );
    let outcome = trained.outcome.to_string();
    match &trained.outcome {
        Outcome::NonFinite(_) if trained.best.is_some() => {}
        Outcome::Failed(_) | Outcome::NonFinite(_) => return Err(SbiError::Training(outcome)),
        _ => {}
    }
    let model = trained.into_best();
    let mut total = 0.0;
    for part in held_out.chunks(4096) {
        let (r, z) = rows.select(part, device);
        let logs = model.log_prob(r, z)?.into_data();
        total += logs.iter::<f64>().sum::<f64>();
        total += part.iter().map(|row| rows.log_slopes[*row]).sum::<f64>();
    }
    Ok((model, total / held as f64, outcome))
}

/// The seed of the held-out rows differs by this from that of the first weights.
const SPLIT: u64 = 0x0073_706c_6974_0000;
