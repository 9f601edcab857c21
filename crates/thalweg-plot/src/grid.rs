use std::path::Path;

use image::{Rgb, RgbImage};

use crate::PlotError;
use crate::colour::{BACKGROUND, LOUD};
use crate::save::{check_side, save_png};

/// The smallest side of a tile by default, in pixels.
const READABLE_SIDE: usize = 32;

/// Samples as tiles, row by row from the top left.
///
/// Pixels are `[n, channels, height, width]`, flattened, in `0..=1`. Lower and higher values are
/// clipped, and a pixel with a value that is not finite is magenta.
///
/// ```
/// use thalweg_plot::SampleGrid;
///
/// let digits = vec![0.5; 30 * 8 * 8];
/// let picture = SampleGrid::new(8, 8, 1).columns(15).to_image(&digits)?;
/// assert_eq!(picture.dimensions(), (15 * 32 + 14, 2 * 32 + 1));
/// # Ok::<(), thalweg_plot::PlotError>(())
/// ```
#[derive(Debug, Clone)]
pub struct SampleGrid {
    height: usize,
    width: usize,
    channels: usize,
    columns: Option<usize>,
    scale: Option<usize>,
    separator: bool,
    whole_rows: bool,
}

impl SampleGrid {
    /// A grid of samples of `channels` × `height` × `width` values; 1 channel is grey, 3 are red, green, blue.
    pub fn new(height: usize, width: usize, channels: usize) -> Self {
        Self {
            height,
            width,
            channels,
            columns: None,
            scale: None,
            separator: true,
            whole_rows: false,
        }
    }

    /// A grid of paths between samples: each row is a path of `steps` samples from left to right. Values
    /// that do not fill the last row are an error.
    ///
    /// ```
    /// use thalweg_plot::SampleGrid;
    ///
    /// let steps: Vec<f32> = (0..9).flat_map(|step| vec![step as f32 / 8.0; 8 * 8]).collect();
    /// let picture = SampleGrid::paths(8, 8, 1, 9).to_image(&steps)?;
    /// assert_eq!(picture.dimensions(), (9 * 32 + 8, 32));
    /// # Ok::<(), thalweg_plot::PlotError>(())
    /// ```
    pub fn paths(height: usize, width: usize, channels: usize, steps: usize) -> Self {
        Self {
            whole_rows: true,
            ..Self::new(height, width, channels).columns(steps)
        }
    }

    /// Sets the number of tiles in a row; by default the grid is about square.
    pub fn columns(mut self, columns: usize) -> Self {
        self.columns = Some(columns);
        self
    }

    /// Sets the side of a sample's pixel in the picture; by default the smallest with which both
    /// sides of a tile have at least 32 pixels.
    ///
    /// ```
    /// use thalweg_plot::SampleGrid;
    ///
    /// let grid = SampleGrid::new(8, 8, 1).columns(2).scale(3).separator(false);
    /// assert_eq!(grid.to_image(&[0.5; 2 * 64])?.dimensions(), (2 * 24, 24));
    /// # Ok::<(), thalweg_plot::PlotError>(())
    /// ```
    pub fn scale(mut self, scale: usize) -> Self {
        self.scale = Some(scale);
        self
    }

    /// Sets whether a line of one pixel separates neighbouring tiles, as by default.
    pub fn separator(mut self, separator: bool) -> Self {
        self.separator = separator;
        self
    }

    /// Draws the samples.
    ///
    /// # Errors
    /// [`PlotError`] if the values are not whole samples, the channels are not 1 or 3, a size is zero,
    /// there is no sample, or the picture is too large.
    pub fn to_image(&self, pixels: &[f32]) -> Result<RgbImage, PlotError> {
        let samples = self.count(pixels)?;
        let square = (samples as f64).sqrt().ceil() as usize;
        let columns = positive("columns", self.columns.unwrap_or(square))?;
        if self.whole_rows && !samples.is_multiple_of(columns) {
            return Err(PlotError::Shape {
                expected: format!("rows of {columns} samples each"),
                got: pixels.len(),
            });
        }
        let readable = READABLE_SIDE.div_ceil(self.height.min(self.width));
        let scale = positive("scale", self.scale.unwrap_or(readable))?;
        let gap = usize::from(self.separator);
        let pitch_x = self.width.saturating_mul(scale).saturating_add(gap);
        let pitch_y = self.height.saturating_mul(scale).saturating_add(gap);
        let (width, height) = check_side(
            pitch_x.saturating_mul(columns) - gap,
            pitch_y.saturating_mul(samples.div_ceil(columns)) - gap,
        )?;
        let mut image = RgbImage::from_pixel(width, height, BACKGROUND);
        let size = self.channels * self.height * self.width;
        for (index, sample) in pixels.chunks_exact(size).enumerate() {
            let (left, top) = (index % columns * pitch_x, index / columns * pitch_y);
            for y in 0..self.height * scale {
                for x in 0..self.width * scale {
                    let colour = self.colour(sample, y / scale, x / scale);
                    image.put_pixel((left + x) as u32, (top + y) as u32, colour);
                }
            }
        }
        Ok(image)
    }

    /// Draws the samples and writes them as a PNG, whole or not at all.
    ///
    /// ```
    /// use thalweg_plot::SampleGrid;
    ///
    /// # let path = std::env::temp_dir().join(format!("thalweg-grid-{}.png", std::process::id()));
    /// SampleGrid::new(8, 8, 1).save(&[0.5; 64], &path)?;
    /// assert!(std::fs::read(&path)?.starts_with(b"\x89PNG"));
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`to_image`](Self::to_image), and if the path does not end in `.png` or cannot be
    /// written.
    pub fn save(&self, pixels: &[f32], path: impl AsRef<Path>) -> Result<(), PlotError> {
        save_png(&self.to_image(pixels)?, path.as_ref())
    }

    fn count(&self, pixels: &[f32]) -> Result<usize, PlotError> {
        let (height, width, channels) = (self.height, self.width, self.channels);
        if channels != 1 && channels != 3 {
            return Err(PlotError::Channels { got: channels });
        }
        positive("height", height)?;
        positive("width", width)?;
        if pixels.is_empty() {
            return Err(PlotError::Empty("no samples"));
        }
        let size = channels.saturating_mul(height).saturating_mul(width);
        if !pixels.len().is_multiple_of(size) {
            let expected =
                format!("a multiple of {size} values ({channels} × {height} × {width} a sample)");
            return Err(PlotError::Shape {
                expected,
                got: pixels.len(),
            });
        }
        Ok(pixels.len() / size)
    }

    fn colour(&self, sample: &[f32], y: usize, x: usize) -> Rgb<u8> {
        let value = |channel: usize| sample[(channel * self.height + y) * self.width + x];
        let values = match self.channels {
            1 => [value(0); 3],
            _ => [value(0), value(1), value(2)],
        };
        if values.iter().any(|v| !v.is_finite()) {
            return LOUD;
        }
        Rgb(values.map(|v| (v.clamp(0.0, 1.0) * 255.0).round() as u8))
    }
}

fn positive(what: &'static str, count: usize) -> Result<usize, PlotError> {
    match count {
        0 => Err(PlotError::Zero { what }),
        _ => Ok(count),
    }
}
