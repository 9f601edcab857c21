//! How much each column contributes to the surprise of a row.

use std::f64::consts::TAU;

use thalweg_data::{Column, Table, Text, Values};
use thalweg_kernels::LogSum;

use crate::columns::{ColumnMap, Words};
use crate::fitted::mean;
use crate::member::Score;
use crate::rows::number_of;
use crate::{DensityError, FittedDensity};

/// The part of a column in the surprise of a row.
///
/// ```
/// use thalweg_data::{Column, Table};
/// use thalweg_tabular::{Contribution, Density};
///
/// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
/// # let columns = vec![Column::numbers("a", wave(1.3)), Column::numbers("b", wave(2.1))];
/// # let table = Table::new(columns)?;
/// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
/// # let network = network.with_layers(2).with_hidden(&[8]);
/// # let density = Density::of(["a", "b"]).members(1).network(network).steps(20);
/// let model = density.fit(&table)?;
/// // The value of `a` is usual, that of `b` is not.
/// let row = Table::new(vec![Column::numbers("a", vec![0.1]), Column::numbers("b", vec![9.0])])?;
/// let parts: Vec<Contribution> = model.explain(&row, 0)?;
/// assert_eq!(parts[0].column, "b");
/// assert!(parts[0].nats > parts[1].nats);
/// # Ok::<(), thalweg_tabular::DensityError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// The column.
    pub column: String,
    /// `−ln p(value | all other values of the row)` in nats: of numbers by the density in standard units, and of angles by
    /// that in radians, so that columns compare; of categories by the probability. A negative one is a value that the
    /// others predict well. Infinite where the value is impossible.
    pub nats: f64,
}

/// Evaluations of the density on a first grid over a column, and on each finer one.
const NODES: usize = 48;
/// Finer grids, each between the neighbours of the best node so far: a density given all other columns is narrow.
const FINER: usize = 3;
/// The range of standard units that is searched.
const RANGE: f64 = 8.0;

impl FittedDensity {
    /// The contribution of each modelled column to the surprise of one row, the largest first.
    ///
    /// The conditional density of a value is `p(row) / ∫ p(row with another value) dvalue`, where the integral is a sum
    /// over levels and frequent values, and the trapezoidal rule over all others. Contributions do not add up to
    /// `−ln p`: columns that depend on each other are surprised together.
    ///
    /// See [`Contribution`] for an example.
    ///
    /// # Errors
    ///
    /// As [`log_prob`](Self::log_prob), and for a row that has no density.
    ///
    /// # Panics
    ///
    /// If the table has no such row.
    pub fn explain(&self, table: &Table, row: usize) -> Result<Vec<Contribution>, DensityError> {
        assert!(
            row < table.rows(),
            "row {row} of a table of {} rows",
            table.rows()
        );
        let schema = &self.description.schema;
        let columns = schema.find(table, true)?.into_iter();
        let columns: Vec<Column> = columns.map(|column| column.select(&[row])).collect();
        let found: Vec<&Column> = columns.iter().collect();
        if let Err(problem) = &self.scores(&found, &[0])[0] {
            return Err(DensityError::NoDensity {
                row: row + 1,
                problem: problem.clone(),
            });
        }
        let mut contributions: Vec<Contribution> = (0..schema.targets())
            .map(|place| Contribution {
                column: schema.columns[place].name.clone(),
                nats: self.surprise_of(&columns, place),
            })
            .collect();
        contributions.sort_by(|a, b| b.nats.total_cmp(&a.nats));
        Ok(contributions)
    }

    /// `−ln p(value of a column | the rest of the row)`, by the first member's map of the column.
    fn surprise_of(&self, columns: &[Column], place: usize) -> f64 {
        let (own, map) = (&columns[place], &self.description.members[0].maps[place]);
        let with = |values: Values| self.with_values(columns, place, values);
        let mut total = LogSum::default();
        match map {
            ColumnMap::Constant(scalar) => match ColumnMap::differs(scalar, own, 0) {
                true => f64::INFINITY,
                false => 0.0,
            },
            ColumnMap::Category(levels) => {
                let logs = with(levels_beside(own, &levels.words, levels.missing));
                logs[1..].iter().for_each(|log| total.add(*log));
                // A value that was not seen is beside the levels.
                match logs[1..].contains(&logs[0]) {
                    true => total.total() - logs[0],
                    false => {
                        total.add(logs[0]);
                        total.total() - logs[0]
                    }
                }
            }
            ColumnMap::Number(number) => {
                let x = number_of(own, 0);
                if !x.is_nan() && !number.contains(x) {
                    return f64::INFINITY;
                }
                // Log-densities in standard units at numbers, from those in the column's own.
                let density = |t: &[f64]| -> Vec<[f64; 2]> {
                    let values: Vec<f64> = t.iter().map(|t| number.inverse(*t)).collect();
                    let logs = with(like(own, values.clone()));
                    let pairs = values.iter().zip(logs);
                    pairs
                        .map(|(x, log)| {
                            let [t, log_slope] = number.forward(*x, 0.5);
                            [t, log - log_slope]
                        })
                        .collect()
                };
                let discrete = number.flag.as_ref().map_or(vec![], |flag| flag.values());
                let is_discrete = discrete
                    .iter()
                    .any(|value| *value == x || (value.is_nan() && x.is_nan()));
                let own = match is_discrete {
                    true => with(like(own, vec![x]))[0],
                    false => density(&[number.forward(x, 0.5)[0]])[0][1],
                };
                if !discrete.is_empty() {
                    with(like(&columns[place], discrete))
                        .into_iter()
                        .for_each(|log| total.add(log));
                }
                let at = (!is_discrete).then(|| number.forward(x, 0.5)[0]);
                total.add(integral(density, at));
                total.total() - own
            }
            ColumnMap::Angle(angle) => {
                let x = number_of(own, 0);
                let turn =
                    |k: usize| angle.inverse(angle.forward(x) + TAU * k as f64 / NODES as f64);
                let own_log = with(like(own, vec![x]))[0];
                let around = match x.is_nan() {
                    true => (0..NODES)
                        .map(|k| angle.period * k as f64 / NODES as f64)
                        .collect(),
                    false => (0..NODES).map(turn).collect(),
                };
                for log in with(like(own, around)) {
                    total.add(log - angle.log_slope() + (TAU / NODES as f64).ln());
                }
                if let Some(flag) = &angle.flag {
                    let missing = flag.values();
                    with(like(own, missing))
                        .into_iter()
                        .for_each(|log| total.add(log));
                }
                match x.is_nan() {
                    true => total.total() - own_log,
                    false => total.total() - (own_log - angle.log_slope()),
                }
            }
        }
    }

    /// `ln p` of the row with each of these values in a column.
    fn with_values(&self, columns: &[Column], place: usize, values: Values) -> Vec<f64> {
        let rows: Vec<usize> = (0..values.len()).collect();
        let of = |(k, column): (usize, &Column)| match k == place {
            true => Column::new(column.name(), values.clone()),
            false => column.select(&vec![0; rows.len()]),
        };
        let all: Vec<Column> = columns.iter().enumerate().map(of).collect();
        let refs: Vec<&Column> = all.iter().collect();
        let log = |row: Result<Vec<Score>, _>| {
            row.map_or(f64::NEG_INFINITY, |scores| mean(&scores, Score::log_prob))
        };
        self.scores(&refs, &rows).into_iter().map(log).collect()
    }
}

/// `ln ∫ p dt` by the trapezoidal rule, on a grid that is finer around the largest value, and around `own`.
fn integral(density: impl Fn(&[f64]) -> Vec<[f64; 2]>, own: Option<f64>) -> f64 {
    let between = |low: f64, high: f64| -> Vec<f64> {
        (0..=NODES)
            .map(|k| low + (high - low) * k as f64 / NODES as f64)
            .collect()
    };
    let mut nodes = density(&between(-RANGE, RANGE));
    let mut centres: Vec<f64> = own.into_iter().collect();
    let mut step = 2.0 * RANGE / NODES as f64;
    for _ in 0..FINER {
        let best = nodes
            .iter()
            .max_by(|a, b| a[1].total_cmp(&b[1]))
            .map(|node| node[0]);
        centres.truncate(usize::from(own.is_some()));
        centres.extend(best);
        for centre in &centres {
            nodes.extend(density(&between(centre - step, centre + step)));
        }
        step *= 2.0 / NODES as f64;
    }
    nodes.sort_by(|a, b| a[0].total_cmp(&b[0]));
    nodes.dedup_by(|a, b| a[0] == b[0]);
    let mut sum = LogSum::default();
    for pair in nodes.windows(2) {
        let half = (0.5 * (pair[1][0] - pair[0][0])).ln();
        sum.add(pair[0][1] + half);
        sum.add(pair[1][1] + half);
    }
    sum.total()
}

/// Numbers as values of a column's type.
fn like(own: &Column, values: Vec<f64>) -> Values {
    match own.values() {
        Values::Times(_) => Values::Times(values),
        _ => Values::Numbers(values),
    }
}

/// The column's own value, then each level.
fn levels_beside(own: &Column, words: &Words, missing: bool) -> Values {
    match (own.values(), words) {
        (Values::Text(text), Words::Text(words)) => {
            let own = std::iter::once(text.get(0));
            let missing = missing.then_some(None);
            let all: Text = own
                .chain(words.iter().map(|word| Some(word.as_str())))
                .chain(missing)
                .collect();
            Values::Text(all)
        }
        (_, Words::Numbers { values, .. }) => {
            let missing = missing.then_some(f64::NAN);
            let own_first = std::iter::once(number_of(own, 0)).chain(values.iter().copied());
            like(own, own_first.chain(missing).collect())
        }
        (values, Words::Text(_)) => values.clone(),
    }
}
