//! The ranks of values among draws.

use std::collections::BTreeMap;

use rand::{Rng, RngExt};
use thalweg_data::Column;
use thalweg_metrics::{MetricError, PitHistogram, ks_one_sample_uniform, total_variation};

use super::{ColumnReport, Frequency, Pit};
use crate::columns::Kind;
use crate::schema::Known;
use crate::sheet::{Level, Pair, Terms, counts, label};

/// Bins of a histogram, and the rows that each needs for the law of `χ²`.
const BINS: usize = 20;
const ROWS_A_BIN: usize = 5;

/// The ranks of one column, gathered over rows.
#[derive(Debug)]
pub(super) struct Ranks<'k> {
    known: &'k Known,
    pit: Vec<f64>,
    /// Of each value of a category, its observed and its predicted number.
    counts: BTreeMap<Level<String>, [usize; 2]>,
}

impl<'k> Ranks<'k> {
    pub(super) fn of(known: &'k Known) -> Self {
        Self {
            known,
            pit: vec![],
            counts: BTreeMap::new(),
        }
    }

    /// Ranks rows among `draws` draws for each, which lie one after the other.
    pub(super) fn add(&mut self, rows: &Column, drawn: &Column, draws: usize, rng: &mut impl Rng) {
        let pair = Pair::of(rows, drawn, self.known.kind == Kind::Category);
        match pair.terms {
            Terms::Numbers([rows, drawn]) => {
                let (period, same) = match self.known.kind {
                    Kind::Angle { period } => (Some(period), 0.0),
                    // Recorded and drawn multiples of a step may differ by their rounding to binary.
                    Kind::Number { step, .. } => (None, step.map_or(0.0, |step| 1e-6 * step)),
                    _ => (None, 0.0),
                };
                // On a circle the ranks count from 0, wherever the table cuts the circle.
                let place = |x: &f64| period.map_or(*x, |period| x.rem_euclid(period));
                for (value, drawn) in rows.iter().zip(drawn.chunks_exact(draws)) {
                    let drawn = drawn.iter().map(place);
                    self.pit
                        .extend(rank(place(value), drawn, same, rng.random()));
                }
            }
            Terms::Categories(levels, [rows, drawn]) => {
                for (value, drawn) in rows.iter().zip(drawn.chunks_exact(draws)) {
                    let drawn = drawn.iter().map(|code| *code as f64);
                    self.pit
                        .extend(rank(*value as f64, drawn, 0.0, rng.random()));
                }
                for (table, codes) in [rows, drawn].iter().enumerate() {
                    let counts = counts(codes, levels.len());
                    for (level, count) in levels.iter().zip(counts) {
                        self.counts.entry(level.clone()).or_default()[table] += count;
                    }
                }
            }
        }
    }

    /// What the ranks say.
    pub(super) fn report(self) -> Result<ColumnReport, MetricError> {
        let [observed, predicted] = [0, 1].map(|table| -> Vec<f64> {
            let counts = self.counts.values().map(|counts| counts[table]);
            let all = counts.clone().sum::<usize>().max(1) as f64;
            counts.map(|count| count as f64 / all).collect()
        });
        let total_variation = match self.counts.is_empty() {
            true => None,
            false => Some(total_variation(&observed, &predicted)?),
        };
        let values = self.counts.keys().zip(observed.iter().zip(&predicted));
        let frequencies = values.map(|(value, (observed, predicted))| Frequency {
            value: value.to_string(),
            observed: *observed,
            predicted: *predicted,
        });
        Ok(ColumnReport {
            name: self.known.name.clone(),
            label: label(&self.known.name, self.known.unit.as_deref()),
            kind: self.known.kind.to_string(),
            pit: Pit::of(&self.pit)?,
            frequencies: frequencies.collect(),
            total_variation,
        })
    }
}

impl Pit {
    fn of(values: &[f64]) -> Result<Option<Self>, MetricError> {
        if values.is_empty() {
            return Ok(None);
        }
        let bins = (values.len() / ROWS_A_BIN).clamp(2, BINS);
        let histogram = PitHistogram::of(values, bins)?;
        Ok(Some(Self {
            counts: histogram.counts().to_vec(),
            deviation: histogram.deviation(),
            distance: ks_one_sample_uniform(values)?.statistic,
            p_value: histogram.p_value(),
        }))
    }
}

/// The randomized rank of a value among draws, in 0 to 1; none of a missing value. A draw without a value is none.
fn rank(value: f64, draws: impl Iterator<Item = f64>, same: f64, u: f64) -> Option<f64> {
    if value.is_nan() {
        return None;
    }
    let (mut below, mut equal, mut all) = (0.0, 0.0, 0.0);
    for draw in draws.filter(|draw| !draw.is_nan()) {
        all += 1.0;
        if (draw - value).abs() <= same {
            equal += 1.0;
        } else if draw < value {
            below += 1.0;
        }
    }
    Some((below + u * (equal + 1.0)) / (all + 1.0))
}
