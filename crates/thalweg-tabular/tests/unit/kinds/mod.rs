//! Each kind of column recovers a known density.

mod atoms;
mod bounded;
mod categories;
mod circular;
mod conditions;
mod continuous;
mod missing;
mod mixed;
mod rounded;
mod weights;

use thalweg_data::Table;
use thalweg_tabular::Density;

/// The defaults, with a calibration that these tests do not need left out.
pub(crate) fn all() -> Density {
    Density::of_all().calibrate(false)
}

/// The kinds that are detected, in words.
pub(crate) fn described(table: &Table) -> String {
    Density::of_all().describe(table).unwrap()
}
