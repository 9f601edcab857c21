//! Whether a column can be of a kind.

use thalweg_data::{Column, Values};

use crate::DensityError;
use crate::columns::Kind;

/// Checks that a column can be of a kind.
pub(super) fn check(column: &Column, kind: &Kind) -> Result<(), DensityError> {
    let wrong = |found: String, advice| DensityError::Kind {
        column: column.name().to_owned(),
        found,
        kind: kind.to_string(),
        advice,
    };
    let setting = |holds: bool, value: f64, bound| {
        DensityError::setting("a number in the kind of a column", value, holds, bound)
    };
    match (kind, column.values()) {
        (Kind::Category | Kind::Constant, _) => Ok(()),
        (Kind::Time { .. }, Values::Times(_)) => Ok(()),
        (Kind::Time { .. }, other) => Err(wrong(
            other.kind().to_owned(),
            "read the column as times, or choose another kind",
        )),
        (_, Values::Text(_)) => Err(wrong(
            "text".to_owned(),
            "read the column as numbers, or say `Kind::Category`",
        )),
        (Kind::Angle { period }, _) => setting(
            *period > 0.0 && period.is_finite(),
            *period,
            "a period above 0",
        ),
        (Kind::Number { support, step }, Values::Numbers(values) | Values::Times(values)) => {
            if let Some(step) = step {
                setting(*step > 0.0 && step.is_finite(), *step, "a step above 0")?;
            }
            let wide = support.widened(step.map_or(0.0, |step| 0.5 * step));
            let outside = values.iter().find(|x| x.is_finite() && !wide.contains(**x));
            match outside {
                Some(x) => Err(wrong(
                    format!("{x}"),
                    "widen the bounds, or leave such rows out",
                )),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}
