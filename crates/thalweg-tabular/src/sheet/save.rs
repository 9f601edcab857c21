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

/// Writes the page of a report as `.png` or `.svg`, its figures as `.json` and its text as `.txt`.
pub(crate) fn save<R: Display + Serialize>(
    path: &Path,
    report: &R,
    page: impl FnOnce(&R) -> Page,
) -> Result<(), DensityError> {
    let end = path
        .extension()
        .map(|end| end.to_string_lossy().to_lowercase());
    let words = match end.as_deref() {
        Some("png" | "svg") => return Ok(page(report).save(path)?),
        Some("json") => json(report),
        Some("txt") => format!("{report}\n"),
        _ => return Err(DensityError::Extension(path.to_owned())),
    };
    thalweg_file::write(path, words.as_bytes()).map_err(|source| DensityError::Write {
        path: path.to_owned(),
        source,
    })
}
