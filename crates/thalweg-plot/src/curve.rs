use std::path::Path;

use image::RgbImage;
use plotters::prelude::{IntoDrawingArea, SVGBackend, WHITE};

use crate::PlotError;
use crate::render::{draw_error, load_font, raster};
use crate::save::{extension, save_bytes, save_png};

mod draw;
mod legend;
mod line;

/// A line chart of named series on shared axes, with a legend beside it.
///
/// A point that is not finite makes a gap in its line.
///
/// ```
/// use thalweg_plot::CurveChart;
///
/// let losses = [3.4_f32, 2.9, f32::NAN, 2.7];
/// let picture = CurveChart::new("epoch", "nats per dimension")
///     .series("training", losses.iter().enumerate().map(|(epoch, loss)| (epoch as f64, *loss)))
///     .reference("Gaussian baseline 2.92", 2.92)
///     .to_image()?;
/// assert_eq!(picture.dimensions(), (900, 540));
/// # Ok::<(), thalweg_plot::PlotError>(())
/// ```
#[derive(Debug, Clone)]
pub struct CurveChart {
    x_label: String,
    y_label: String,
    title: String,
    size: (u32, u32),
    y_range: Option<(f64, f64)>,
    series: Vec<Series>,
    references: Vec<Reference>,
}

#[derive(Debug, Clone)]
struct Series {
    name: String,
    points: Vec<(f64, f64)>,
}

#[derive(Debug, Clone)]
struct Reference {
    name: String,
    y: f64,
}

impl CurveChart {
    /// A chart of 900 × 540 pixels without series.
    pub fn new(x_label: impl Into<String>, y_label: impl Into<String>) -> Self {
        Self {
            x_label: x_label.into(),
            y_label: y_label.into(),
            title: String::new(),
            size: (900, 540),
            y_range: None,
            series: Vec::new(),
            references: Vec::new(),
        }
    }

    /// Sets the title above the chart.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Adds a line through points `(x, y)` in this order. A series with an empty name is not in the legend.
    pub fn series<X: Into<f64>, Y: Into<f64>>(
        mut self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (X, Y)>,
    ) -> Self {
        let points = points
            .into_iter()
            .map(|(x, y)| (x.into(), y.into()))
            .collect();
        self.series.push(Series {
            name: name.into(),
            points,
        });
        self
    }

    /// Adds a dashed horizontal line at `y`; if `y` is not finite, its name is in the legend only.
    pub fn reference(mut self, name: impl Into<String>, y: f64) -> Self {
        self.references.push(Reference {
            name: name.into(),
            y,
        });
        self
    }

    /// Sets the range of the y axis, which clips lines; by default it holds all points and references.
    pub fn y_range(mut self, low: f64, high: f64) -> Self {
        self.y_range = Some((low, high));
        self
    }

    /// Sets the width and height in pixels; at least 480 × 320.
    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.size = (width.max(480), height.max(320));
        self
    }

    /// Draws the chart.
    ///
    /// # Errors
    /// [`PlotError`] if no series has a finite point, a range is not finite or not in order, or the
    /// picture is too large.
    pub fn to_image(&self) -> Result<RgbImage, PlotError> {
        raster(self.size.0, self.size.1, |root, zoom| self.draw(root, zoom))
    }

    /// Draws the chart as the text of an SVG file.
    ///
    /// # Errors
    /// Those of [`to_image`](Self::to_image).
    pub fn to_svg(&self) -> Result<String, PlotError> {
        load_font()?;
        let mut text = String::new();
        {
            let root = SVGBackend::with_string(&mut text, self.size).into_drawing_area();
            root.fill(&WHITE).map_err(draw_error)?;
            self.draw(&root, 1)?;
            root.present().map_err(draw_error)?;
        }
        Ok(text)
    }

    /// Draws the chart and writes it whole or not at all, as PNG or SVG by the ending of the path.
    ///
    /// # Errors
    /// Those of [`to_image`](Self::to_image), and if the path has another ending or cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), PlotError> {
        let path = path.as_ref();
        match extension(path).as_str() {
            "png" => save_png(&self.to_image()?, path),
            "svg" => save_bytes(self.to_svg()?.as_bytes(), path),
            _ => Err(PlotError::Extension {
                path: path.to_owned(),
                allowed: ".png or .svg",
            }),
        }
    }
}
