use std::path::Path;

use image::RgbImage;

use crate::render::raster;
use crate::save::save_png;
use crate::{PlotError, tick};

mod arrows;
mod draw;
mod layout;
mod panel;

pub use panel::Panel;

/// The rectangle `x[0]..x[1]` × `y[0]..y[1]` of the plane.
///
/// ```
/// use thalweg_plot::Region;
///
/// let region = Region { x: [0.0, 4.0], y: [0.0, 2.0] };
/// assert_eq!(region.centres(2, 1), [[1.0, 1.0], [3.0, 1.0]]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// The left and the right end.
    pub x: [f64; 2],
    /// The lower and the upper end.
    pub y: [f64; 2],
}

impl Region {
    /// The square `-half..half` × `-half..half`.
    pub fn square(half: f64) -> Self {
        Self {
            x: [-half, half],
            y: [-half, half],
        }
    }

    /// The centres of `columns` × `rows` cells in the order of [`Panel::from_values`]: the lowest row
    /// first, from left to right. A density can be evaluated at all of them as one batch.
    pub fn centres(&self, columns: usize, rows: usize) -> Vec<[f64; 2]> {
        let place = |[low, high]: [f64; 2], index: usize, count: usize| {
            low + (high - low) * (index as f64 + 0.5) / count as f64
        };
        (0..rows)
            .flat_map(|row| (0..columns).map(move |column| (column, row)))
            .map(|(column, row)| [place(self.x, column, columns), place(self.y, row, rows)])
            .collect()
    }

    fn contains(&self, [x, y]: [f64; 2]) -> bool {
        (self.x[0]..=self.x[1]).contains(&x) && (self.y[0]..=self.y[1]).contains(&y)
    }
}

/// Panels of one region of the plane, side by side, coloured on one scale; the y axis points up.
///
/// The scale runs from the smallest to the largest finite value of all panels, dark to light. A value
/// that is not a number, or +∞, is magenta; −∞, the log-density of the impossible, has the lowest
/// colour. Panels of the points of a motion at several times are its animation as a strip.
///
/// ```
/// use thalweg_plot::{HeatMap, Panel, Region};
///
/// let region = Region::square(3.0);
/// let normal = |x: f64, y: f64| (-(x * x + y * y) / 2.0).exp() / std::f64::consts::TAU;
/// let map = HeatMap::new(region)
///     .side(150)
///     .panel(Panel::from_fn("density", region, 50, normal))
///     .panel(Panel::from_points("samples", [[0.5, -0.2], [-1.0, 0.3]]));
/// let picture = map.to_image()?;
/// assert!(picture.width() > picture.height());
/// // Two panels, each 10 pixels wider.
/// let wider = map.clone().side(160).to_image()?;
/// assert_eq!(wider.width() - picture.width(), 2 * 10);
/// // Names take room at the left and below, the title above.
/// let named = map.clone().labels("x", "y").to_image()?;
/// assert!(named.width() > picture.width() && named.height() > picture.height());
/// assert!(map.title("Normal").to_image()?.height() > picture.height());
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

    /// Adds a panel at the right.
    pub fn panel(mut self, panel: Panel) -> Self {
        self.panels.push(panel);
        self
    }

    /// Sets the title above all panels.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Sets the names of the axes.
    pub fn labels(mut self, x: impl Into<String>, y: impl Into<String>) -> Self {
        (self.x_label, self.y_label) = (x.into(), y.into());
        self
    }

    /// Sets the values at the dark and the light end of the scale, which clips all values.
    ///
    /// ```
    /// use thalweg_plot::{HeatMap, Panel, Region};
    ///
    /// // The scale ends at 0.2: the middle, where the density is 1, is as light as its neighbourhood.
    /// let region = Region::square(3.0);
    /// let panel = || Panel::from_fn("density", region, 30, |x, y| (-(x * x + y * y)).exp());
    /// let clipped = HeatMap::new(region).panel(panel()).range(0.0, 0.2).to_image()?;
    /// assert_ne!(clipped, HeatMap::new(region).panel(panel()).to_image()?);
    /// # Ok::<(), thalweg_plot::PlotError>(())
    /// ```
    pub fn range(mut self, low: f64, high: f64) -> Self {
        self.range = Some((low, high));
        self
    }

    /// Sets the width of a panel's map in pixels, at least 100; 300 by default.
    pub fn side(mut self, side: u32) -> Self {
        self.side = side.max(100);
        self
    }

    /// Draws the panels.
    ///
    /// # Errors
    /// [`PlotError`] if there is no panel, a panel's values do not fit its shape or none is finite,
    /// the region or the range is not finite or not in order, or the picture is too large.
    pub fn to_image(&self) -> Result<RgbImage, PlotError> {
        let Region { x, y } = self.region;
        tick::checked("the region's x", x[0], x[1])?;
        tick::checked("the region's y", y[0], y[1])?;
        if self.panels.is_empty() {
            return Err(PlotError::Empty("the heat map has no panel"));
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
    /// ```
    /// use thalweg_plot::{HeatMap, Panel, Region};
    ///
    /// # let path = std::env::temp_dir().join(format!("thalweg-map-{}.png", std::process::id()));
    /// let map = HeatMap::new(Region::square(1.0)).panel(Panel::from_points("", [[0.5, -0.2]]));
    /// map.save(&path)?;
    /// assert!(std::fs::read(&path)?.starts_with(b"\x89PNG"));
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`to_image`](Self::to_image), and if the path does not end in `.png` or cannot be
    /// written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), PlotError> {
        save_png(&self.to_image()?, path.as_ref())
    }

    /// The ends of the shared scale; none if no panel has values.
    fn scale_range(&self) -> Result<Option<(f64, f64)>, PlotError> {
        if !self.panels.iter().any(Panel::has_values) {
            return Ok(None);
        }
        if let Some((low, high)) = self.range {
            return tick::checked("the range of the scale", low, high).map(Some);
        }
        let values = || self.panels.iter().flat_map(Panel::finite_values);
        if values().next().is_none() {
            return Err(PlotError::Empty("no panel has a finite value"));
        }
        let (low, high) = tick::extent("the range of the values", values())?;
        Ok(Some(tick::padded(low, high, 0.0)))
    }
}
