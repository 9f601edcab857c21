//! Distances of rows to the nearest real row.

use thalweg_metrics::{MetricError, nearest_distances};

use super::some;
use crate::sheet::{Pair, Terms, by_frequency};

/// Rows that are measured, and real rows that they are measured to.
const FROM: usize = 5000;
const TO: usize = 50_000;
/// Differences of two values that are taken at most, where this leaves [`FEWEST`] rows.
const WORK: usize = 20_000_000_000;
const FEWEST: usize = 100;
/// Words with a coordinate of their own; the others share one.
const WORDS: usize = 30;

/// The Euclidean distance of rows of the second table to the nearest row of the first.
///
/// Numbers count in units of the width of their middle 80 %, in which a normal density has deviation 1, so that far rows do not
/// shrink all others; two different words are 1 apart, and so are a number and a missing one.
pub(super) fn distances(tables: &[Pair], seed: u64) -> Result<Vec<f64>, MetricError> {
    let scales: Vec<Scale> = tables.iter().map(Scale::of).collect();
    let dims: usize = scales.iter().map(Scale::dims).sum();
    let [to, from] = tables[0].rows();
    let to = some(to, TO, seed);
    let most = FROM.min((WORK / (to.len() * dims).max(1)).max(FEWEST));
    let rows = [to, some(from, most, seed)];
    let [to, from] = [0, 1].map(|table| {
        let mut all = Vec::with_capacity(rows[table].len() * dims);
        for row in &rows[table] {
            for (pair, scale) in tables.iter().zip(&scales) {
                scale.place(pair, table, *row, &mut all);
            }
        }
        all
    });
    nearest_distances(&from, &to, dims)
}

/// How the values of a column become coordinates.
enum Scale {
    Number { middle: f64, width: f64 },
    Words(Vec<usize>),
}

impl Scale {
    /// By the first table.
    fn of(pair: &Pair) -> Self {
        match &pair.terms {
            Terms::Numbers(values) => {
                let finite = values[0].iter().copied().filter(|x| x.is_finite());
                let mut sorted: Vec<f64> = finite.collect();
                sorted.sort_by(f64::total_cmp);
                let at = |share: f64| {
                    let last = sorted.len().saturating_sub(1) as f64;
                    sorted.get((share * last).round() as usize).copied()
                };
                let [low, middle, high] = [0.1, 0.5, 0.9].map(|share| at(share).unwrap_or(0.0));
                // Between these quantiles lie 2.563 deviations of a normal density.
                let widths = [
                    (high - low) / 2.563,
                    at(1.0).unwrap_or(0.0) - at(0.0).unwrap_or(0.0),
                ];
                let width = widths.into_iter().find(|width| *width > 0.0);
                Self::Number {
                    middle,
                    width: width.unwrap_or(1.0),
                }
            }
            Terms::Categories(levels, codes) => {
                let order = by_frequency(&codes[0], levels.len());
                let mut places = vec![WORDS; levels.len()];
                for (place, code) in order.into_iter().take(WORDS).enumerate() {
                    places[code] = place;
                }
                Self::Words(places)
            }
        }
    }

    fn dims(&self) -> usize {
        match self {
            Self::Number { .. } => 2,
            Self::Words(places) => places.len().min(WORDS + 1),
        }
    }

    fn place(&self, pair: &Pair, table: usize, row: usize, all: &mut Vec<f64>) {
        match (self, &pair.terms) {
            (Self::Number { middle, width }, Terms::Numbers(values)) => {
                let x = values[table][row];
                // An infinite number lies as far away as finite numbers can.
                let place = ((x - middle) / width).clamp(-1e9, 1e9);
                all.extend(if x.is_nan() { [0.0, 1.0] } else { [place, 0.0] });
            }
            (Self::Words(places), Terms::Categories(_, codes)) => {
                let one = places[codes[table][row]];
                let coordinate = |place| if place == one { 0.5_f64.sqrt() } else { 0.0 };
                all.extend((0..self.dims()).map(coordinate));
            }
            _ => unreachable!("the scale is that of the column"),
        }
    }
}

/// Of each row of one of the tables, a key that equal rows share.
pub(super) fn keys(tables: &[Pair], table: usize) -> Vec<Vec<u64>> {
    let rows = tables[0].rows()[table];
    let key = |row: usize| {
        let columns = tables.iter().map(|pair| match &pair.terms {
            Terms::Numbers(values) => match values[table][row] {
                x if x.is_nan() => f64::NAN.to_bits(),
                // −0 is 0.
                x => (x + 0.0).to_bits(),
            },
            Terms::Categories(_, codes) => codes[table][row] as u64,
        });
        columns.collect()
    };
    (0..rows).map(key).collect()
}
