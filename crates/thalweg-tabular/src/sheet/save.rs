//! A report as a file.

use std::path::Path;

use thalweg_plot::Page;

use crate::DensityError;

/// Writes a page as `.png` or `.svg`, JSON as `.json` and text as `.txt`.
pub(crate) fn save(
    path: &Path,
    page: impl FnOnce() -> Page,
    json: impl FnOnce() -> String,
    text: impl FnOnce() -> String,
) -> Result<(), DensityError> {
    let end = path
        .extension()
        .map(|end| end.to_string_lossy().to_lowercase());
    let words = match end.as_deref() {
        Some("png" | "svg") => return Ok(page().save(path)?),
        Some("json") => json(),
        Some("txt") => text() + "\n",
        _ => return Err(DensityError::Extension(path.to_owned())),
    };
    thalweg_file::write(path, words.as_bytes()).map_err(|source| DensityError::Write {
        path: path.to_owned(),
        source,
    })
}
