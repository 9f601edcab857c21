//! A report as a file.

use std::fmt::Display;
use std::path::Path;

use serde::Serialize;
use thalweg_plot::Page;

use crate::DensityError;

/// The figures of a report as one JSON object.
pub(crate) fn json(report: &impl Serialize) -> String {
    serde_json::to_string_pretty(report).expect("numbers and words are JSON")
}

/// Writes a report by the ending of the path, see [`thalweg_plot::save_report`].
pub(crate) fn save<R: Display + Serialize>(
    path: &Path,
    report: &R,
    page: impl FnOnce(&R) -> Page,
) -> Result<(), DensityError> {
    Ok(thalweg_plot::save_report(
        path,
        || page(report),
        || json(report),
        || report.to_string(),
    )?)
}
