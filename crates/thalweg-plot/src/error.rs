use std::path::PathBuf;

/// Why a picture could not be made or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// The number of values does not fit the shape.
    #[error("expected {expected}, got {got} values; check the shape given to the picture")]
    Shape {
        /// What would have fitted, in words.
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
    #[error("nothing to draw: {what}; add values before the picture is made")]
    Empty {
        /// What is missing.
        what: &'static str,
    },
    /// The ends of a range are not finite, are not in order, or are too close or too far apart for ticks.
    #[error(
        "{what} must be a finite range with low < high, far enough apart for ticks, got {low} to {high}"
    )]
    Range {
        /// The name of the range.
        what: &'static str,
        /// The lower end given.
        low: f64,
        /// The upper end given.
        high: f64,
    },
    /// The picture has more pixels than a side may have.
    #[error(
        "the picture would be {width} by {height} pixels, and a side has at most {limit}; draw fewer or smaller parts"
    )]
    TooLarge {
        /// The width in pixels.
        width: usize,
        /// The height in pixels.
        height: usize,
        /// The most pixels along a side.
        limit: usize,
    },
    /// The name of the file does not end in a kind of picture that can be written.
    #[error("cannot tell the kind of picture from {}; end the name in {allowed}", .path.display())]
    Extension {
        /// The path given.
        path: PathBuf,
        /// The endings that can be written.
        allowed: &'static str,
    },
    /// The file could not be written.
    #[error("cannot write {}: {source}; check that the folder exists and is writable", .path.display())]
    Write {
        /// The path given.
        path: PathBuf,
        /// What the system reported.
        source: std::io::Error,
    },
    /// The pixels could not be turned into a PNG.
    #[error("cannot encode {} as PNG: {source}", .path.display())]
    Encode {
        /// The path given.
        path: PathBuf,
        /// What the encoder reported.
        source: image::ImageError,
    },
    /// The drawing library refused.
    #[error("cannot draw the picture: {reason}")]
    Draw {
        /// What it reported.
        reason: String,
    },
}
