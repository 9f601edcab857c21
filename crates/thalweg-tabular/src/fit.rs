//! The fit of a density to a table.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use thalweg_data::{Column, Table, Values};
use thalweg_train::History;

use crate::member::{Lesson, Member, MemberModel};
use crate::parts::{Family, Network, Plan};
use crate::schema::{Missing, Schema};
use crate::split::{MANY, shares};
use crate::{Density, DensityError, FittedDensity, RowError};

/// The fewest rows.
const LEAST: usize = 10;

pub(crate) fn fit(density: &Density, table: &Table) -> Result<FittedDensity, DensityError> {
    let schema = density.schema(table)?;
    let columns = schema.find(table, true)?;
    let all = weights(density, table)?;
    let (rows, skipped) = usable(&schema, &columns, &all)?;
    if rows.len() < LEAST {
        return Err(DensityError::TooFewRows {
            found: rows.len(),
            needed: LEAST,
        });
    }
    let defaults = Defaults::of(rows.len(), schema.targets());
    let members = density.members.unwrap_or(defaults.members).max(1);
    let network = density.network.clone().unwrap_or(defaults.network);
    network.check()?;
    let shares = shares(rows.len(), members, density.calibrate, density.seed);
    let of = |places: &[usize]| -> Vec<usize> { places.iter().map(|place| rows[*place]).collect() };
    let workers = thalweg_kernels::threads().min(members).max(1);
    let limit = density.limit.map(|limit| limit * workers as u32 / members as u32);

    type Learned = Result<(Member, MemberModel, Vec<(String, History, String)>), DensityError>;
    let learn = |member: usize| -> Learned {
        let share = &shares[member];
        let plan = Plan {
            steps: density.steps.unwrap_or(defaults.steps),
            batch: defaults.batch,
            rate: defaults.rate,
            limit,
            patience: defaults.patience,
            seed: density.seed.wrapping_add(member as u64),
            progress: density.progress && member == 0,
        };
        Member::fit(&Lesson {
            schema: &schema,
            columns: &columns,
            weights: &all,
            train: &of(&share.train),
            validation: &of(&share.validation),
            network: &network,
            plan: &plan,
            device: &density.device,
        })
    };
    let (next, learned) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let member = next.fetch_add(1, Ordering::Relaxed);
                    if member >= members {
                        break;
                    }
                    let result = learn(member);
                    let mut learned = learned.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    learned.push((member, result));
                }
            });
        }
    });
    let mut learned = learned.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    learned.sort_by_key(|(member, _)| *member);
    let mut fitted = FittedDensity::new(schema.clone(), density.seed, &density.device);
    for ((_, result), share) in learned.into_iter().zip(&shares) {
        let (member, model, histories) = result?;
        fitted.push(member, model, histories, &columns, &of(&share.calibration), &all);
    }
    let _ = skipped;
    Ok(fitted)
}

/// The weight of each row.
fn weights(density: &Density, table: &Table) -> Result<Vec<f64>, DensityError> {
    let Some(name) = &density.weights else {
        return Ok(vec![1.0; table.rows()]);
    };
    let wrong = |problem: String| DensityError::Weights {
        column: name.clone(),
        problem,
    };
    let Values::Numbers(weights) = table.require(name)?.values() else {
        return Err(wrong("they are no numbers".to_owned()));
    };
    let bad = weights.iter().position(|w| !(w.is_finite() && *w >= 0.0));
    if let Some(row) = bad {
        let problem = format!("row {} has {}; weights are finite and not below 0", row + 1, weights[row]);
        return Err(wrong(problem));
    }
    if weights.iter().all(|w| *w == 0.0) {
        return Err(wrong("all are 0".to_owned()));
    }
    Ok(weights.clone())
}

/// The rows to learn from, and the number of those that were skipped for a missing value.
fn usable(
    schema: &Schema,
    columns: &[&Column],
    weights: &[f64],
) -> Result<(Vec<usize>, usize), DensityError> {
    let (mut rows, mut skipped) = (Vec::new(), 0);
    'rows: for (row, weight) in weights.iter().enumerate() {
        if *weight == 0.0 {
            continue;
        }
        for column in columns {
            let wrong = |problem| DensityError::Row {
                row: row + 1,
                column: column.name().to_owned(),
                problem,
            };
            if let Values::Numbers(values) | Values::Times(values) = column.values()
                && values[row].is_infinite()
            {
                let (column, value) = (column.name().to_owned(), values[row]);
                return Err(wrong(RowError::NotFinite { column, value }));
            }
            if column.values().is_missing(row) {
                match schema.missing {
                    Missing::Error => return Err(wrong(RowError::Missing(column.name().to_owned()))),
                    Missing::Skip => {
                        skipped += 1;
                        continue 'rows;
                    }
                    Missing::Indicator => {}
                }
            }
        }
        rows.push(row);
    }
    Ok((rows, skipped))
}

/// What the number of rows and columns suggests.
struct Defaults {
    network: Network,
    members: usize,
    steps: usize,
    batch: usize,
    rate: f64,
    patience: usize,
}

impl Defaults {
    fn of(rows: usize, columns: usize) -> Self {
        let hidden = match rows {
            ..300 => vec![32],
            300..MANY => vec![32, 32],
            _ => vec![64, 64],
        };
        let network = Network::new(Family::Spline)
            .with_layers(if rows < MANY { 3 } else { 6 })
            .with_hidden(&hidden);
        let _ = columns;
        Self {
            network,
            members: if rows < MANY { 5 } else { 2 },
            steps: if rows < MANY { 600 } else { 2000 },
            batch: if rows < MANY { 128 } else { 512 },
            rate: 1e-3,
            patience: 20,
        }
    }
}
