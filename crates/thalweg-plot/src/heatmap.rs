use std::path::Path;

use image::RgbImage;

use crate::PlotError;
use crate::render::raster;
use crate::save::save_png;

mod draw;
mod layout;
mod panel;
mod region;
mod scale;

pub use panel::Panel;
pub use region::Region;

/// Panels over one region of the plane, side by side, coloured on one scale; the y axis points up.
///
/// The scale runs from the least to the greatest finite value of all panels, dark to light.
/// A value that is not a number, or +∞, is magenta; −∞, the log-density of what cannot be, has the lowest colour.
///
/// ```
/// use thalweg_plot::{HeatMap, Panel, Region};
///
/// let region = Region::square(3.0);
/// let normal = |x: f64, y: f64| (-(x * x + y * y) / 2.0).exp() / std::f64::consts::TAU;
/// let picture = HeatMap::new(region)
///     .panel(Panel::from_fn("density", region, 50, normal))
///     .panel(Panel::from_points("samples", [[0.5, -0.2], [-1.0, 0.3]]))
///     .to_image()?;
/// assert!(picture.width() > picture.height());
/// # Ok::<(), thalweg_plot::PlotError>(())
/// ```
#[derive(Debug, Clone)]
pub struct HeatMap {
    region: Region,
    title: String,
    x_label: String,
    y_label: String,
    side: u32,
    range: Option<(f64, f64)>,
    panels: Vec<Panel>,
}

impl HeatMap {
    /// A picture of `region` without panels.
    pub fn new(region: Region) -> Self {
        Self {
            region,
            title: String::new(),
            x_label: String::new(),
            y_label: String::new(),
            side: 300,
            range: None,
            panels: Vec::new(),
        }
    }

    /// Adds a panel to the right of those before it.
    pub fn panel(mut self, panel: Panel) -> Self {
        self.panels.push(panel);
        self
    }

    /// Sets the line above all panels.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Sets the names of the axes.
    pub fn labels(mut self, x: impl Into<String>, y: impl Into<String>) -> Self {
        (self.x_label, self.y_label) = (x.into(), y.into());
        self
    }

    /// Sets the values at the dark and the light end of the scale; values past them have the colour of the end.
    pub fn range(mut self, low: f64, high: f64) -> Self {
        self.range = Some((low, high));
        self
    }

    /// Sets the width of a panel's map in pixels, at least 100 (300 unless set).
    pub fn side(mut self, side: u32) -> Self {
        self.side = side.max(100);
        self
    }

    /// Draws the panels.
    ///
    /// # Errors
    /// [`PlotError`] when there is no panel, a panel's values do not fit its shape or none is finite,
    /// the region or the range is not finite or not in order, or the picture is too large.
    pub fn to_image(&self) -> Result<RgbImage, PlotError> {
        self.region.check()?;
        if self.panels.is_empty() {
            return Err(PlotError::Empty {
                what: "the heat map has no panel",
            });
        }
        for panel in &self.panels {
            panel.check()?;
        }
        let range = self.scale_range()?;
        let layout = self.layout(range.is_some());
        raster(layout.width, layout.height, |root, zoom| {
            self.draw(root, zoom, &layout, range)
        })
    }

    /// Draws the panels and writes them as a PNG, whole or not at all.
    ///
    /// # Errors
    /// As [`to_image`](Self::to_image), and when the path does not end in `.png` or cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), PlotError> {
        save_png(&self.to_image()?, path.as_ref())
    }
}
