//! The fit of a density to a table.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::member::{Lesson, Member, MemberModel, Training};
use crate::parts::{Family, Network, Plan};
use crate::schema::{Missing, Schema};
use crate::split::{FEW, MANY, Share, shares};
use crate::{Baselines, Density, DensityError, FittedDensity, RowError};
use serde::{Deserialize, Serialize};
use thalweg_data::{Column, Table, Values};

/// The fewest rows.
const LEAST: usize = 10;

pub(crate) fn fit(density: &Density, table: &Table) -> Result<FittedDensity, DensityError> {
    let start = Instant::now();
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
    let members = density.members.unwrap_or(defaults.members);
    let steps = density.steps.unwrap_or(defaults.steps);
    for (name, value) in [
        ("the number of members", members),
        ("the number of steps", steps),
    ] {
        setting(name, value, value > 0, "at least 1")?;
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

    type Learned = Result<(Member, MemberModel, Vec<Training>), DensityError>;
    let learn = |member: usize| -> Learned {
        let share = &shares[member];
        let plan = Plan {
            steps,
            batch: defaults.batch,
            rate: defaults.rate,
            limit,
            patience: defaults.patience,
            seed: density.seed.wrapping_add(member as u64),
            progress: density.progress && member == 0,
            resume: density
                .resume
                .as_ref()
                .map(|folder| folder.join(format!("member-{member}"))),
            watch: density.watch.clone(),
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
                    let mut learned = learned
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner);
                    learned.push((member, result));
                }
            });
        }
    });
    let mut learned = learned
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    learned.sort_by_key(|(member, _)| *member);
    let mut fitted = FittedDensity::new(schema, density.seed, &density.device);
    let shared = members == 1 || rows.len() >= MANY;
    let mut parts = Vec::new();
    for (_, result) in learned {
        let (member, model, trainings) = result?;
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
    if let Some(folder) = &density.resume {
        remove_runs(folder, members);
    }
    Ok(fitted)
}

/// The time of one member, of `workers` that are fitted at once.
fn limit(minutes: f64, workers: usize, members: usize) -> Result<Duration, DensityError> {
    let seconds = 60.0 * minutes * workers as f64 / members as f64;
    let found = Duration::try_from_secs_f64(seconds).ok();
    let found = found.filter(|limit| !limit.is_zero());
    setting(
        "the number of minutes",
        minutes,
        found.is_some(),
        "a number above 0, up to 10¹⁵",
    )?;
    Ok(found.unwrap_or_default())
}

fn setting(
    name: &'static str,
    value: impl ToString,
    holds: bool,
    bound: &'static str,
) -> Result<(), DensityError> {
    let value = value.to_string();
    match holds {
        true => Ok(()),
        false => Err(DensityError::Setting { name, value, bound }),
    }
}

/// What was done and what was reached.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Rows that were used.
    pub rows: usize,
    /// Rows that were left out for a missing value.
    pub skipped: usize,
    /// Rows that the first member was trained on.
    pub train: usize,
    /// Rows that chose its weights.
    pub validation: usize,
    /// Rows that calibrate.
    pub calibration: usize,
    /// The number of parts into which the rows were divided, 1 for one split for all members.
    pub folds: usize,
    /// Of each member, its trainings.
    pub parts: Vec<Vec<Part>>,
    /// The flow of numbers.
    pub network: Option<String>,
    /// The time of the trainings.
    pub seconds: f64,
    /// The weighted mean of `ln p` of held-out rows, in nats; NaN without any. Where rows calibrate these are theirs,
    /// which chose nothing; else those that chose the weights.
    #[serde(with = "crate::any_number")]
    pub held_out: f64,
    /// Two simple models of the same rows.
    pub baselines: Option<Baselines>,
}

/// The training of one part, in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// `numbers`, `angles` or `categories`.
    pub part: String,
    /// Steps that were made.
    pub steps: usize,
    /// How it ended.
    pub outcome: String,
}

impl Part {
    fn all(trainings: &[Training]) -> Vec<Self> {
        let part = |training: &Training| Self {
            part: training.part.clone(),
            steps: training
                .history
                .epochs()
                .last()
                .map_or(0, |epoch| epoch.step),
            outcome: training.outcome.clone(),
        };
        trainings.iter().map(part).collect()
    }
}

/// Removes the files of trainings that are done. One that stays is no harm: it goes on to the same end.
fn remove_runs(folder: &Path, members: usize) {
    for member in 0..members {
        for part in ["categories", "angles", "numbers"] {
            let file = folder.join(format!("member-{member}")).with_extension(part);
            std::fs::remove_file(file).ok();
        }
    }
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
        let problem = format!(
            "row {} has {}; weights are finite and not below 0",
            row + 1,
            weights[row]
        );
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
                    Missing::Error => {
                        return Err(wrong(RowError::Missing(column.name().to_owned())));
                    }
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
    network: Option<Network>,
    hidden: Vec<usize>,
    members: usize,
    steps: usize,
    batch: usize,
    rate: f64,
    patience: usize,
}

/// From this number of columns on, a table is wide.
const WIDE: usize = 200;

impl Defaults {
    fn of(rows: usize, columns: usize) -> Self {
        let few = rows < MANY;
        let hidden = match rows {
            ..FEW => vec![32],
            FEW..MANY => vec![32, 32],
            _ => vec![64, 64],
        };
        let network = match columns {
            // A flow learns nothing from fewer rows than columns that the Gaussian and the kernels do not know.
            WIDE.. if rows < 10 * columns => None,
            WIDE.. => Some(Network::new(Family::Affine).with_layers(4)),
            _ => Some(Network::new(Family::Spline).with_layers(if few { 3 } else { 5 })),
        };
        Self {
            network: network.map(|network| network.with_hidden(&hidden)),
            hidden,
            // Of few rows, more parts leave more of them to each member.
            members: match rows {
                ..FEW => 10,
                FEW..MANY => 5,
                _ => 1,
            },
            // More rows are worth more steps. Each costs in proportion to the columns: a table is learned within minutes.
            steps: match few {
                true => 600,
                false => (rows / 5).min(100_000 / columns).clamp(2000, 5000),
            },
            batch: if few { 128 } else { 512 },
            rate: 1e-3,
            // The rate falls until the end, and the best weights come late: only few rows stop early.
            patience: if few { 20 } else { 100 },
        }
    }
}
