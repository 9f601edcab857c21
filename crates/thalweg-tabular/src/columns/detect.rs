//! The kind of a column, from its values.

use thalweg_data::{Column, Values};

use super::grid::step;
use super::{Kind, Support};
use crate::DensityError;

/// A kind, and the reason for it in words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Detected {
    pub(crate) kind: Kind,
    pub(crate) why: String,
}

/// Numbers of at most this many values are rounded, whatever their decimals.
pub(crate) const FEW: usize = 16;
/// Numbers on a grid are rounded where this share of them repeats another: that is how rounding shows.
const REPEATED: f64 = 0.05;
/// Positive numbers that span this factor are modelled by their logarithm.
const SPAN: f64 = 1000.0;
/// Words of which this share are different name their rows.
const DIFFERENT: f64 = 0.5;
/// More words than this are no categories.
const MOST_WORDS: usize = 1000;

/// The kind of a column. A number stays a number, also where it takes few values: that 3 lies between 2 and 4 is
/// worth more than an exact probability of each. Codes that only look like numbers are for the user to tell.
///
/// # Errors
///
/// A column without values, and words that name their rows.
pub(crate) fn detect(column: &Column) -> Result<Detected, DensityError> {
    let present: Vec<usize> = (0..column.len())
        .filter(|row| !column.values().is_missing(*row))
        .collect();
    if present.is_empty() {
        return Err(DensityError::NoValues(column.name().to_owned()));
    }
    match column.values() {
        Values::Numbers(values) => {
            let values: Vec<f64> = present.iter().map(|row| values[*row]).collect();
            Ok(numbers(values, column.width()))
        }
        Values::Times(seconds) => {
            let first = seconds[present[0]];
            let kind = match present.iter().all(|row| seconds[*row] == first) {
                true => Kind::Constant,
                false => Kind::Time { cycles: vec![] },
            };
            let why = "dates or times".to_owned();
            Ok(Detected { kind, why })
        }
        Values::Text(text) => {
            let mut seen = vec![false; text.levels().len()];
            present
                .iter()
                .filter_map(|row| text.code(*row))
                .for_each(|code| seen[code] = true);
            let distinct = seen.iter().filter(|seen| **seen).count();
            words(column.name(), distinct, present.len())
        }
        _ => unreachable!("values are numbers, times or text"),
    }
}

fn words(column: &str, distinct: usize, rows: usize) -> Result<Detected, DensityError> {
    let names_rows = distinct as f64 > DIFFERENT * rows as f64 && distinct > FEW;
    if names_rows || distinct > MOST_WORDS {
        return Err(DensityError::Identifier {
            column: column.to_owned(),
            distinct,
            rows,
        });
    }
    let kind = match distinct {
        1 => Kind::Constant,
        _ => Kind::Category,
    };
    let why = format!("text, {distinct} different");
    Ok(Detected { kind, why })
}

fn numbers(mut values: Vec<f64>, width: Option<f64>) -> Detected {
    values.sort_by(f64::total_cmp);
    let rows = values.len();
    let (low, high) = (values[0], values[rows - 1]);
    values.dedup();
    let distinct = values.len();
    let range = format!("{distinct} different from {low} to {high}");
    if distinct == 1 {
        return Detected {
            kind: Kind::Constant,
            why: format!("always {low}"),
        };
    }
    let repeated = 1.0 - distinct as f64 / rows as f64;
    let few = distinct <= FEW;
    let step = width.or_else(|| match repeated >= REPEATED {
        true => step(&values, few),
        false => None,
    });
    let positive = low > 0.0 && high / low >= SPAN;
    let support = match positive {
        true => Support::Above(0.0),
        false => Support::Line,
    };
    let mut why = range;
    match (step, width) {
        (Some(step), None) => why.push_str(&format!(
            ", {:.0} % repeated, in steps of {step}",
            100.0 * repeated
        )),
        (Some(step), Some(_)) => why.push_str(&format!(", known to be rounded to {step}")),
        (None, _) => {}
    }
    if positive {
        why.push_str(", positive over more than three decades");
    }
    Detected {
        kind: Kind::Number { support, step },
        why,
    }
}
