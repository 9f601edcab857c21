use plotters::coord::Shift;
use plotters::element::{PathElement, Polygon, Rectangle};
use plotters::prelude::{Color, DrawingArea, DrawingBackend, RGBColor, ShapeStyle};

use crate::PlotError;
use crate::axis::Axis;
use crate::bins::{Bins, sorted};
use crate::colour::{BAND, series};
use crate::frame::Frame;
use crate::legend::{Entry, Mark};
use crate::render::{Draw, draw_error, picture};
use crate::tick;

/// Histograms of one or several samples on shared bins: the first filled, the others as outlines.
///
/// The height of a bar is the share of the sample's values in its bin divided by the bin's width. Values outside the range
/// and values that are not finite are not drawn; the legend gives their number.
///
/// ```
/// use thalweg_plot::Histogram;
///
/// let values: Vec<f64> = (0..500).map(|i| (f64::from(i) * 0.618).fract()).collect();
/// let histogram = Histogram::pit().values("hourly temperature", values);
/// assert!(histogram.to_svg()?.contains("hourly temperature"));
/// # Ok::<(), thalweg_plot::PlotError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Histogram {
    x_label: String,
    title: String,
    size: (u32, u32),
    range: Option<(f64, f64)>,
    bins: usize,
    uniform: bool,
    samples: Vec<(String, Vec<f64>)>,
}

impl Histogram {
    /// A picture of 560 × 360 pixels with 40 bins and no samples.
    ///
    /// ```
    /// use thalweg_plot::Histogram;
    ///
    /// let waits = [0.2, 0.3, 0.7, 1.1, 9.0];
    /// let histogram = Histogram::new("wait (min)")
    ///     .title("Calls")
    ///     .range(0.0, 2.0)
    ///     .bins(8)
    ///     .size(400, 300)
    ///     .values("Monday", waits);
    /// assert_eq!(histogram.to_image()?.dimensions(), (400, 300));
    /// let svg = histogram.to_svg()?;
    /// assert!(svg.contains("Calls") && svg.contains("Monday (1 outside)")); // the value 9
    /// # Ok::<(), thalweg_plot::PlotError>(())
    /// ```
    pub fn new(x_label: impl Into<String>) -> Self {
        Self {
            x_label: x_label.into(),
            title: String::new(),
            size: (560, 360),
            range: None,
            bins: 40,
            uniform: false,
            samples: Vec::new(),
        }
    }

    /// A picture for probability integral transforms: 20 bins from 0 to 1 with the band of [`uniform_band`](Self::uniform_band).
    /// A ∪ says that the model's distributions are too narrow, a ∩ that they are too wide.
    pub fn pit() -> Self {
        Self::new("probability integral transform")
            .range(0.0, 1.0)
            .bins(20)
            .uniform_band()
    }

    /// A picture for p-values: 20 bins from 0 to 1 with the band of [`uniform_band`](Self::uniform_band).
    ///
    /// ```
    /// use thalweg_plot::Histogram;
    ///
    /// let p_values: Vec<f64> = (0..500).map(|i| (f64::from(i) * 0.618).fract()).collect();
    /// let picture = Histogram::p_values().values("held-out rows", p_values).to_image()?;
    /// assert_eq!(picture.dimensions(), (560, 360));
    /// # Ok::<(), thalweg_plot::PlotError>(())
    /// ```
    pub fn p_values() -> Self {
        Self::new("p-value").range(0.0, 1.0).bins(20).uniform_band()
    }

    /// Adds a sample. One with an empty name is not in the legend.
    pub fn values(
        mut self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = f64>,
    ) -> Self {
        self.samples
            .push((name.into(), values.into_iter().collect()));
        self
    }

    /// Sets the title above the chart.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Sets the range of the bins; by default it holds all finite values.
    pub fn range(mut self, low: f64, high: f64) -> Self {
        self.range = Some((low, high));
        self
    }

    /// Sets the number of bins. Whole numbers without a set range have bins of whole width, at most as many.
    pub fn bins(mut self, bins: usize) -> Self {
        self.bins = bins;
        self
    }

    /// Draws the band in which 95 % of the bars lie if the first sample is uniform over the range: with n values in b bins
    /// of width w, (1 ± 1.96 √((b − 1) / n)) / (b w).
    ///
    /// ```
    /// use thalweg_plot::Histogram;
    ///
    /// // What `p_values` stands for.
    /// let histogram = Histogram::new("p-value").range(0.0, 1.0).bins(20).uniform_band();
    /// let draw = |histogram: Histogram| histogram.values("rows", [0.2, 0.4, 0.9]).to_svg();
    /// assert_eq!(draw(histogram)?, draw(Histogram::p_values())?);
    /// # Ok::<(), thalweg_plot::PlotError>(())
    /// ```
    pub fn uniform_band(mut self) -> Self {
        self.uniform = true;
        self
    }

    /// Sets the width and height in pixels; at least 320 × 240.
    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.size = (width.max(320), height.max(240));
        self
    }

    fn shared_bins(&self) -> Result<Bins, PlotError> {
        if self.bins == 0 {
            return Err(PlotError::Zero {
                what: "the number of bins",
            });
        }
        let values = self.samples.iter().flat_map(|(_, values)| values);
        let finite: Vec<f64> = values.copied().filter(|value| value.is_finite()).collect();
        if finite.is_empty() {
            return Err(PlotError::Empty("no sample has a finite value"));
        }
        if let Some((low, high)) = self.range {
            let (low, high) = tick::checked("the range of the histogram", low, high)?;
            let count = self.bins;
            return Ok(Bins { low, high, count });
        }
        let ends = tick::extent("the range of the histogram", finite.iter().copied())?;
        Ok(Bins::fitting(&finite, ends, self.bins))
    }

    fn legend(&self, bins: Bins, zoom: u32) -> Vec<Entry> {
        let named = self.samples.iter().enumerate();
        let mut entries: Vec<Entry> = named
            .filter(|(_, (name, _))| !name.is_empty())
            .map(|(index, (name, values))| {
                let outside = values.iter().filter(|value| bins.place(**value).is_none());
                let name = match outside.count() {
                    0 => name.clone(),
                    count => format!("{name} ({count} outside)"),
                };
                let mark = match index {
                    0 => Mark::Area(fill()),
                    _ => Mark::Line(line(index, zoom)),
                };
                Entry::new(&name, mark)
            })
            .collect();
        if self.uniform {
            entries.push(Entry::new(
                "uniform, 95 % of bars",
                Mark::Area(BAND.mix(1.0)),
            ));
        }
        entries
    }
}

fn fill() -> plotters::prelude::RGBAColor {
    series(0).mix(0.45)
}

fn line(index: usize, zoom: u32) -> ShapeStyle {
    series(index).stroke_width(2 * zoom)
}

impl Draw for Histogram {
    fn size(&self) -> (u32, u32) {
        self.size
    }

    fn draw<B: DrawingBackend>(
        &self,
        root: &DrawingArea<B, Shift>,
        zoom: u32,
    ) -> Result<(), PlotError> {
        let bins = self.shared_bins()?;
        let heights: Vec<Vec<f64>> = self
            .samples
            .iter()
            .map(|(_, values)| bins.densities(&sorted(values)))
            .collect();
        let level = 1.0 / (bins.high - bins.low);
        let spread = self
            .samples
            .first()
            .filter(|_| self.uniform)
            .map(|(_, values)| {
                let count = sorted(values).len().max(1) as f64;
                1.96 * ((bins.count as f64 - 1.0) / count).sqrt()
            });
        let band = spread.map(|spread| [level * (1.0 - spread).max(0.0), level * (1.0 + spread)]);
        let tallest = heights.iter().flatten().chain(band.iter().flatten());
        let top = 1.08 * tallest.fold(0.0, |top: f64, height| top.max(*height));
        let top = if top > 0.0 { top } else { 1.0 };
        let frame = Frame {
            title: &self.title,
            x_label: &self.x_label,
            y_label: if self.uniform && level == 1.0 {
                "density (uniform = 1)"
            } else {
                "density"
            },
            x: Axis::numbers((bins.low, bins.edge(bins.count))),
            y: Axis::numbers((0.0, top)),
            legend: self.legend(bins, zoom),
        };
        let mut chart = frame.draw(root, zoom)?;
        let ends = |[low, high]: [f64; 2]| [(bins.low, low), (bins.high, high)];
        if let Some(band) = band {
            let area = Rectangle::new(ends(band), BAND.filled());
            chart.draw_series([area]).map_err(draw_error)?;
        }
        for (index, heights) in heights.iter().enumerate() {
            let outline = bins.outline(heights);
            if index == 0 {
                let area = Polygon::new(outline.clone(), fill());
                chart.draw_series([area]).map_err(draw_error)?;
            }
            let outline = PathElement::new(outline, line(index, zoom));
            chart.draw_series([outline]).map_err(draw_error)?;
        }
        if band.is_some() {
            let middle =
                PathElement::new(ends([level; 2]), RGBColor(90, 90, 90).stroke_width(zoom));
            chart.draw_series([middle]).map_err(draw_error)?;
        }
        Ok(())
    }
}

picture!(
    Histogram,
    "if no sample has a finite value, there are no bins, the range is not finite or not in order, or the picture is too large"
);
