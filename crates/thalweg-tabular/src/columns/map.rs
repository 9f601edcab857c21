//! The map of a column to what the parts of a density take, fitted to training rows.

use serde::{Deserialize, Serialize};
use thalweg_data::{Column, Text, Values};

use super::grid::grid;
use super::{Angle, Flag, Kind, Levels, Number, Words};

/// The value of a constant column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Scalar {
    /// A number or a time.
    Number(f64),
    /// A word.
    Word(String),
    /// Always missing.
    Missing,
}

/// What a map does with values that are no density's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Treatment {
    /// A missing value is known.
    pub(crate) missing: bool,
    /// Values that many rows repeat have probabilities of their own.
    pub(crate) atoms: bool,
}

/// A fitted map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum ColumnMap {
    /// The same value in all training rows.
    Constant(Scalar),
    Category(Levels),
    Number(Number),
    Angle(Angle),
}

impl ColumnMap {
    /// Fits the map to training rows with their weights.
    pub(crate) fn fit(
        column: &Column,
        kind: &Kind,
        rows: &[usize],
        weights: &[f64],
        how: Treatment,
    ) -> Self {
        match column.values() {
            Values::Numbers(values) | Values::Times(values) => {
                numbers(values, kind, rows, weights, how)
            }
            Values::Text(text) => words(text, rows, how.missing),
            _ => unreachable!("values are numbers, times or text"),
        }
    }

    /// Whether a map from a file is one that [`fit`](Self::fit) can give: steps and scales are positive, and a
    /// category has
    /// two levels, or a missing value and another.
    pub(crate) fn is_sound(&self) -> bool {
        match self {
            Self::Constant(_) => true,
            Self::Category(levels) => levels.is_sound(),
            Self::Number(number) => number.is_sound(),
            Self::Angle(angle) => angle.period > 0.0 && angle.period.is_finite(),
        }
    }

    /// Whether a row's value is another than the constant one.
    pub(crate) fn differs(value: &Scalar, column: &Column, row: usize) -> bool {
        match (value, column.values()) {
            (Scalar::Missing, values) => !values.is_missing(row),
            (Scalar::Number(x), Values::Numbers(values) | Values::Times(values)) => {
                values[row] != *x
            }
            (Scalar::Word(word), Values::Text(text)) => text.get(row) != Some(word),
            _ => true,
        }
    }
}

fn words(text: &Text, rows: &[usize], missing: bool) -> ColumnMap {
    let mut words: Vec<String> = Vec::new();
    let mut seen = vec![false; text.levels().len()];
    rows.iter()
        .filter_map(|row| text.code(*row))
        .for_each(|code| seen[code] = true);
    for (word, seen) in text.levels().iter().zip(seen) {
        if seen {
            words.push(word.clone());
        }
    }
    words.sort();
    let absent = rows.iter().any(|row| text.code(*row).is_none());
    match (words.len(), missing || absent) {
        (0, _) => return ColumnMap::Constant(Scalar::Missing),
        (1, false) => return ColumnMap::Constant(Scalar::Word(words.remove(0))),
        _ => {}
    }
    let last = words.len();
    let code = |row: &usize| match text.get(*row) {
        Some(word) => words
            .binary_search_by(|known| known.as_str().cmp(word))
            .unwrap_or(last),
        None => last,
    };
    let codes: Vec<usize> = rows.iter().map(code).collect();
    let missing = missing || absent;
    ColumnMap::Category(Levels::new(Words::Text(words), missing, codes.into_iter()))
}

fn numbers(all: &[f64], kind: &Kind, rows: &[usize], weights: &[f64], how: Treatment) -> ColumnMap {
    let present: Vec<usize> = rows
        .iter()
        .copied()
        .filter(|row| !all[*row].is_nan())
        .collect();
    let values: Vec<f64> = present.iter().map(|row| all[*row]).collect();
    let missing = how.missing || present.len() < rows.len();
    let Some(first) = values.first().copied() else {
        return ColumnMap::Constant(Scalar::Missing);
    };
    let same = values.iter().all(|x| *x == first);
    let (support, step) = match kind {
        Kind::Number { support, step } => (*support, *step),
        Kind::Angle { period } => {
            let flag = Flag::without_atoms(missing);
            return ColumnMap::Angle(Angle {
                period: *period,
                flag,
            });
        }
        Kind::Time { .. } => (super::Support::Line, time_step(&values)),
        Kind::Category | Kind::Constant => (super::Support::Line, None),
    };
    if same && !missing {
        return ColumnMap::Constant(Scalar::Number(first));
    }
    if same || matches!(kind, Kind::Category | Kind::Constant) {
        return category(all, rows, values, missing);
    }
    let weights: Vec<f64> = rows
        .iter()
        .zip(weights)
        .filter(|(row, _)| !all[**row].is_nan())
        .map(|(_, weight)| *weight)
        .collect();
    let flag = match how.atoms {
        true => Flag::find(&values, missing, step),
        false => Flag::without_atoms(missing),
    };
    let dense = |x: f64| flag.as_ref().is_none_or(|flag| flag.level(x) == Some(0));
    let pairs = values.iter().zip(&weights).filter(|(x, _)| dense(**x));
    let (dense, of_dense): (Vec<f64>, Vec<f64>) = pairs.unzip();
    match Number::fit(support, step, &dense, &of_dense, flag.clone()) {
        Some(number) => ColumnMap::Number(number),
        // All values that are no atoms are equal in these rows.
        None => category(all, rows, values, missing),
    }
}

fn category(all: &[f64], rows: &[usize], mut values: Vec<f64>, missing: bool) -> ColumnMap {
    values.sort_by(f64::total_cmp);
    values.dedup();
    let gaps = values.windows(2).map(|pair| pair[1] - pair[0]);
    let gap = gaps.fold(f64::INFINITY, f64::min);
    let step = match grid(&values) {
        Some([step, _]) => step,
        None if gap.is_finite() => gap,
        None => 1.0,
    };
    let last = values.len();
    let code = |row: &usize| match all[*row].is_nan() {
        true => last,
        false => values.partition_point(|value| *value < all[*row]),
    };
    let codes: Vec<usize> = rows.iter().map(code).collect();
    let words = Words::Numbers { values, step };
    ColumnMap::Category(Levels::new(words, missing, codes.into_iter()))
}

/// Times are rounded to what all of them are multiples of, down to a second.
fn time_step(seconds: &[f64]) -> Option<f64> {
    [86_400.0, 3600.0, 60.0, 1.0]
        .into_iter()
        .find(|step| seconds.iter().all(|x| x % step == 0.0))
}
