use std::path::PathBuf;

/// Why a picture cannot be drawn or written.
///
/// ```
/// use thalweg_plot::{PlotError, SampleGrid};
///
/// let error = SampleGrid::new(8, 8, 2).to_image(&[0.5; 128]).unwrap_err();
/// assert!(matches!(error, PlotError::Channels { got: 2 }));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// The number of values does not fit the shape.
    #[error("expected {expected}, got {got} values; check the shape given to the picture")]
    Shape {
        /// The shapes that fit, in words.
        expected: String,
        /// The number of values given.
        got: usize,
    },
    /// Only grey and red-green-blue pictures can be drawn.
    #[error(
        "channels must be 1 (grey) or 3 (red, green, blue), got {got}; draw one channel at a time"
    )]
    Channels {
        /// The number of channels given.
        got: usize,
    },
    /// A count that must be positive is zero.
    #[error("{what} must be at least 1, got 0")]
    Zero {
        /// The name of the count.
        what: &'static str,
    },
    /// There is nothing finite to draw.
    #[error("nothing to draw: {0}; add values before drawing the picture")]
    Empty(&'static str),
    /// A range is not finite, not in order, or too narrow or too wide for ticks.
    #[error(
        "{what} must be a finite range with low < high and wide enough for ticks, got {low} to {high}"
    )]
    Range {
        /// The name of the range.
        what: &'static str,
        /// The lower end given.
        low: f64,
        /// The upper end given.
        high: f64,
    },
    /// A side of the picture has too many pixels.
    #[error(
        "the picture would be {width} by {height} pixels, and a side has at most {limit}; draw fewer or smaller parts"
    )]
    TooLarge {
        /// The width in pixels.
        width: usize,
        /// The height in pixels.
        height: usize,
        /// The largest number of pixels along a side.
        limit: usize,
    },
    /// A part of a page has too few pixels for a chart.
    #[error(
        "a chart would have {width} by {height} pixels, and needs at least {limit} along each side; give the row more height or fewer charts"
    )]
    TooSmall {
        /// The width in pixels.
        width: u32,
        /// The height in pixels.
        height: u32,
        /// The smallest number of pixels along a side.
        limit: u32,
    },
    /// The file name does not end in a supported format.
    #[error("{} does not end in {allowed}, the supported formats", .path.display())]
    Extension {
        /// The path given.
        path: PathBuf,
        /// The supported endings.
        allowed: &'static str,
    },
    /// The file cannot be written.
    #[error("cannot write {}: {source}; check that the folder exists and is writable", .path.display())]
    Write {
        /// The path given.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The drawing library or the encoder reports an error.
    #[error("cannot draw the picture: {0}")]
    Draw(String),
}
