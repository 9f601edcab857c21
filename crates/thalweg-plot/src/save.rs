//! Limits of a picture's size, and its file.

use std::io::Cursor;
use std::path::Path;

use image::{ImageFormat, RgbImage};

use crate::render::draw_error;
use crate::{Page, PlotError};

/// The largest number of pixels along a side.
const SIDE_LIMIT: usize = 16_384;

pub(crate) fn check_side(width: usize, height: usize) -> Result<(u32, u32), PlotError> {
    match (u32::try_from(width), u32::try_from(height)) {
        (Ok(w), Ok(h)) if width.max(height) <= SIDE_LIMIT => Ok((w, h)),
        _ => Err(PlotError::TooLarge {
            width,
            height,
            limit: SIDE_LIMIT,
        }),
    }
}

/// The extension of the path in lower case, or an empty text.
pub(crate) fn extension(path: &Path) -> String {
    path.extension()
        .map(|end| end.to_string_lossy().to_lowercase())
        .unwrap_or_default()
}

/// Writes a report whole or not at all, by the ending of the path: its page as `.png` or `.svg`, its JSON as `.json`,
/// its text as `.txt`.
///
/// ```
/// use thalweg_plot::{CurveChart, Page, save_report};
///
/// let chart = || CurveChart::new("step", "nats").series("", [(0, 2.0), (1, 1.0)]);
/// let page = || Page::new("Report").row(300, [chart()]);
/// let path = std::env::temp_dir().join("thalweg_report.txt");
/// save_report(&path, page, || "{}".to_owned(), || "1 nat".to_owned())?;
/// assert_eq!(std::fs::read_to_string(&path)?, "1 nat\n");
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Another ending, a picture that cannot be drawn, and a file that cannot be written.
pub fn save_report(
    path: impl AsRef<Path>,
    page: impl FnOnce() -> Page,
    json: impl FnOnce() -> String,
    text: impl FnOnce() -> String,
) -> Result<(), PlotError> {
    let path = path.as_ref();
    let words = match ReportFormat::of(path)? {
        ReportFormat::Picture => return page().save(path),
        ReportFormat::Json => json(),
        ReportFormat::Text => text(),
    };
    save_bytes((words + "\n").as_bytes(), path)
}

/// The format of a report's file, by the ending of its name.
///
/// ```
/// use thalweg_plot::ReportFormat;
///
/// assert_eq!(ReportFormat::of("report.SVG")?, ReportFormat::Picture);
/// assert!(ReportFormat::of("report.pdf").is_err());
/// # Ok::<(), thalweg_plot::PlotError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// `.png` or `.svg`.
    Picture,
    /// `.json`.
    Json,
    /// `.txt`.
    Text,
}

impl ReportFormat {
    /// The format of a path.
    ///
    /// # Errors
    ///
    /// [`PlotError::Extension`] for another ending.
    pub fn of(path: impl AsRef<Path>) -> Result<Self, PlotError> {
        let path = path.as_ref();
        match extension(path).as_str() {
            "png" | "svg" => Ok(Self::Picture),
            "json" => Ok(Self::Json),
            "txt" => Ok(Self::Text),
            _ => Err(PlotError::Extension {
                path: path.to_owned(),
                allowed: ".png, .svg, .json or .txt",
            }),
        }
    }
}

pub(crate) fn save_png(image: &RgbImage, path: &Path) -> Result<(), PlotError> {
    if extension(path) != "png" {
        return Err(PlotError::Extension {
            path: path.to_owned(),
            allowed: ".png",
        });
    }
    let mut bytes = Cursor::new(Vec::new());
    let encoded = image.write_to(&mut bytes, ImageFormat::Png);
    encoded.map_err(draw_error)?;
    save_bytes(bytes.get_ref(), path)
}

pub(crate) fn save_bytes(bytes: &[u8], path: &Path) -> Result<(), PlotError> {
    thalweg_file::write(path, bytes).map_err(|source| PlotError::Write {
        path: path.to_owned(),
        source,
    })
}
