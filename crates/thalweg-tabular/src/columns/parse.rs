//! Kinds in words.

use std::str::FromStr;

use thiserror::Error;

use super::{Cycle, Kind};

/// A word that names no kind.
///
/// ```
/// use thalweg_tabular::Kind;
///
/// assert_eq!("arc".parse::<Kind>().unwrap_err().word, "arc");
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[error("\"{word}\" is no kind of a column; kinds are {KINDS}")]
pub struct KindError {
    /// The word.
    pub word: String,
}

const KINDS: &str = "continuous, above:LOW, between:LOW:HIGH, rounded:STEP, angle:PERIOD, category, constant, time, and \
                     time:day:week:year with the cycles that count; a bound and a step are joined by a plus sign: \
                     above:0+rounded:1";

/// `continuous`, `above:0`, `between:0:1`, `rounded:1`, `above:0+rounded:1`, `angle:360`, `category`, `constant`, `time`,
/// `time:day:week:year`.
///
/// ```
/// use thalweg_tabular::Kind;
///
/// let count: Kind = "above:0+rounded:1".parse()?;
/// assert_eq!(count, Kind::above(0.0).rounded(1.0));
/// assert!("arc".parse::<Kind>().is_err());
/// # Ok::<(), thalweg_tabular::KindError>(())
/// ```
impl FromStr for Kind {
    type Err = KindError;

    fn from_str(word: &str) -> Result<Self, KindError> {
        kind(word).ok_or_else(|| KindError {
            word: word.to_owned(),
        })
    }
}

fn kind(word: &str) -> Option<Kind> {
    let (bounds, step) = match word.split_once('+') {
        Some((bounds, step)) => (bounds, Some(step)),
        None if word.starts_with("rounded") => ("continuous", Some(word)),
        None => (word, None),
    };
    let (name, rest) = bounds.split_once(':').unwrap_or((bounds, ""));
    let numbers = || {
        let numbers = rest.split(':').map(|number| number.parse::<f64>().ok());
        numbers.collect::<Option<Vec<f64>>>()
    };
    let kind = match name {
        "continuous" if rest.is_empty() => Kind::continuous(),
        "category" if rest.is_empty() => Kind::Category,
        "constant" if rest.is_empty() => Kind::Constant,
        "time" => Kind::Time {
            cycles: cycles(rest)?,
        },
        "above" => match numbers()?[..] {
            [low] => Kind::above(low),
            _ => return None,
        },
        "between" => match numbers()?[..] {
            [low, high] if low < high => Kind::between(low, high),
            _ => return None,
        },
        "angle" => match numbers()?[..] {
            [period] => Kind::angle(period),
            _ => return None,
        },
        _ => return None,
    };
    match step {
        None => Some(kind),
        Some(step) => match kind {
            Kind::Number { .. } => Some(kind.rounded(step.strip_prefix("rounded:")?.parse().ok()?)),
            _ => None,
        },
    }
}

fn cycles(words: &str) -> Option<Vec<Cycle>> {
    let words = words.split(':').filter(|word| !word.is_empty());
    let cycle = |word: &str| match word {
        "day" => Some(Cycle::Day),
        "week" => Some(Cycle::Week),
        "year" => Some(Cycle::Year),
        _ => None,
    };
    words.map(cycle).collect()
}
