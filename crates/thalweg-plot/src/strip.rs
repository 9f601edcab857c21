use std::path::Path;

use image::RgbImage;

use crate::{PlotError, SampleGrid};

/// Paths between samples: one row a path, its steps from left to right.
///
/// Pixels are `[rows, steps, channels, height, width]`, flattened, drawn as in [`SampleGrid`].
///
/// ```
/// use thalweg_plot::InterpolationStrip;
///
/// let steps: Vec<f32> = (0..9).flat_map(|step| vec![step as f32 / 8.0; 8 * 8]).collect();
/// let picture = InterpolationStrip::new(8, 8, 1, 9).to_image(&steps)?;
/// assert_eq!(picture.dimensions(), (9 * 32 + 8, 32));
/// # Ok::<(), thalweg_plot::PlotError>(())
/// ```
#[derive(Debug, Clone)]
pub struct InterpolationStrip {
    grid: SampleGrid,
    row: usize,
    steps: usize,
}

impl InterpolationStrip {
    /// Paths of `steps` samples of `channels` × `height` × `width` values each.
    pub fn new(height: usize, width: usize, channels: usize, steps: usize) -> Self {
        let row = [height, width, channels, steps]
            .into_iter()
            .fold(1, usize::saturating_mul);
        Self {
            grid: SampleGrid::new(height, width, channels).columns(steps),
            row,
            steps,
        }
    }

    /// Sets how many pixels of the picture a side of a sample's pixel takes, as in [`SampleGrid::scale`].
    pub fn scale(mut self, scale: usize) -> Self {
        self.grid = self.grid.scale(scale);
        self
    }

    /// Draws the paths.
    ///
    /// # Errors
    /// [`PlotError`] when the values do not make whole paths, and as [`SampleGrid::to_image`].
    pub fn to_image(&self, pixels: &[f32]) -> Result<RgbImage, PlotError> {
        if self.row > 0 && !pixels.len().is_multiple_of(self.row) {
            let expected = format!(
                "a multiple of {} values (rows of {} samples)",
                self.row, self.steps
            );
            return Err(PlotError::Shape {
                expected,
                got: pixels.len(),
            });
        }
        self.grid.to_image(pixels)
    }

    /// Draws the paths and writes them as a PNG, whole or not at all.
    ///
    /// # Errors
    /// As [`to_image`](Self::to_image), and when the path does not end in `.png` or cannot be written.
    pub fn save(&self, pixels: &[f32], path: impl AsRef<Path>) -> Result<(), PlotError> {
        crate::save::save_png(&self.to_image(pixels)?, path.as_ref())
    }
}
