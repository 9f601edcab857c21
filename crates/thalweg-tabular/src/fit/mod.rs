//! The fit of a density to a table.

mod cost;
mod defaults;
mod fingerprint;
mod plan;
mod rows;
mod unfinished;

pub use plan::FitPlan;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use thalweg_data::Table;
use thalweg_train::side_by_side;

use crate::member::{Lesson, Member};
use crate::parts::Plan;
use crate::split::{MANY, Share, shares};
use crate::summary::{Part, Summary};
use crate::{Density, DensityError, FittedDensity};
use defaults::Defaults;
use unfinished::Unfinished;

/// The fewest rows.
const LEAST: usize = 10;

pub(crate) fn fit(density: &Density, table: &Table) -> Result<FittedDensity, DensityError> {
    let start = Instant::now();
    let schema = density.schema(table)?;
    let columns = schema.find(table, true)?;
    let all = rows::weights(density, table)?;
    let (rows, skipped) = rows::usable(&schema, &columns, &all)?;
    if rows.len() < LEAST {
        return Err(DensityError::TooFewRows {
            found: rows.len(),
            needed: LEAST,
        });
    }
    let defaults = Defaults::of(rows.len(), schema.targets());
    let members = density.members.unwrap_or(defaults.members);
    let steps = density.steps.unwrap_or(defaults.steps);
    for (name, value) in [
        ("the number of members", members),
        ("the number of steps", steps),
    ] {
        DensityError::setting(name, value, value > 0, "at least 1")?;
    }
    let network = density.network.clone().or(defaults.network);
    if let Some(network) = &network {
        network.check()?;
    }
    let shares = shares(rows.len(), members, density.calibrate, density.seed);
    let of = |places: &[usize]| -> Vec<usize> { places.iter().map(|place| rows[*place]).collect() };
    let workers = thalweg_kernels::threads().min(members).max(1);
    let limit = density
        .minutes
        .map(|minutes| limit(minutes, workers, members))
        .transpose()?;
    let unfinished = match &density.resume {
        Some(folder) => {
            let facts = fingerprint::facts(density, &schema, &columns, &all, members, &network);
            Some(Unfinished::open(folder, &facts)?)
        }
        None => None,
    };

    let learn = |member: usize, given_up: &Arc<AtomicBool>| {
        let share = &shares[member];
        let plan = Plan {
            steps,
            batch: defaults.batch,
            rate: defaults.rate,
            limit,
            patience: defaults.patience,
            seed: density.seed.wrapping_add(member as u64),
            progress: density.progress && member == 0,
            resume: unfinished.as_ref().map(|folder| folder.member(member)),
            watch: density.watch.clone(),
            given_up: Arc::clone(given_up),
        };
        Member::fit(&Lesson {
            schema: &schema,
            columns: &columns,
            weights: &all,
            train: &of(&share.train),
            validation: &of(&share.validation),
            network: network.as_ref(),
            hidden: &defaults.hidden,
            plan: &plan,
            device: &density.device,
        })
    };
    let learned = side_by_side(members, workers, learn)?;
    let mut fitted = FittedDensity::new(
        schema,
        density.seed,
        density.weights.clone(),
        &density.device,
    );
    let shared = members == 1 || rows.len() >= MANY;
    let mut parts = Vec::new();
    for (member, model, trainings) in learned {
        parts.push(Part::all(&trainings));
        fitted.push(member, model, trainings);
    }
    let summary = Summary {
        rows: rows.len(),
        skipped,
        train: shares[0].train.len(),
        validation: shares[0].validation.len(),
        calibration: if shared {
            shares[0].calibration.len()
        } else {
            rows.len()
        },
        folds: if shared { 1 } else { members },
        parts,
        network: network.map(|network| network.to_string()),
        seconds: start.elapsed().as_secs_f64(),
        held_out: f64::NAN,
        baselines: None,
    };
    let shares: Vec<Share> = shares
        .iter()
        .map(|share| Share {
            train: of(&share.train),
            validation: of(&share.validation),
            calibration: of(&share.calibration),
        })
        .collect();
    fitted.judge(summary, &columns, &shares, &all);
    if density.calibrate {
        fitted.calibrate(&columns, &rows, &shares, &all);
    }
    if let Some(unfinished) = unfinished {
        unfinished.remove(members);
    }
    Ok(fitted)
}

/// The time of one member, of `workers` that are fitted at once.
fn limit(minutes: f64, workers: usize, members: usize) -> Result<Duration, DensityError> {
    let seconds = 60.0 * minutes * workers as f64 / members as f64;
    let found = Duration::try_from_secs_f64(seconds).ok();
    let found = found.filter(|limit| !limit.is_zero());
    DensityError::setting(
        "the number of minutes",
        minutes,
        found.is_some(),
        "a number above 0, up to 10¹⁵",
    )?;
    Ok(found.unwrap_or_default())
}
