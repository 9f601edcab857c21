use plotters::coord::Shift;
use plotters::element::{Circle, PathElement, Polygon};
use plotters::prelude::{Color, DrawingArea, DrawingBackend, RGBAColor, RGBColor};

use crate::PlotError;
use crate::axis::Axis;
use crate::colour::series;
use crate::frame::Frame;
use crate::legend::{Entry, Mark};
use crate::render::{Draw, draw_error, picture};
use crate::tick;

/// The quantiles of a conditional distribution over its condition: 5–95 % and 25–75 % as bands, the median as a line, and
/// observations as dots.
///
/// A place with a quantile that is not finite makes a gap.
///
/// ```
/// use thalweg_plot::QuantileBands;
///
/// let quantiles = (0..24).map(|hour| (f64::from(hour), [-2.0, -0.7, 0.0, 0.7, 2.0]));
/// let bands = QuantileBands::new("hour", "temperature (°C)")
///     .title("May")
///     .size(600, 400)
///     .quantiles(quantiles)
///     .points([(3.0, 0.4), (12.0, -1.0)]);
/// assert_eq!(bands.to_image()?.dimensions(), (600, 400));
/// let svg = bands.to_svg()?;
/// assert!(["May", "median", "observed"].iter().all(|words| svg.contains(words)));
/// # Ok::<(), thalweg_plot::PlotError>(())
/// ```
#[derive(Debug, Clone)]
pub struct QuantileBands {
    x_label: String,
    y_label: String,
    title: String,
    size: (u32, u32),
    quantiles: Vec<(f64, [f64; 5])>,
    points: Vec<(f64, f64)>,
}

impl QuantileBands {
    /// A picture of 760 × 420 pixels without quantiles.
    pub fn new(x_label: impl Into<String>, y_label: impl Into<String>) -> Self {
        Self {
            x_label: x_label.into(),
            y_label: y_label.into(),
            title: String::new(),
            size: (760, 420),
            quantiles: Vec::new(),
            points: Vec::new(),
        }
    }

    /// Adds the quantiles of y at 5, 25, 50, 75 and 95 % for values of x in ascending order.
    pub fn quantiles(mut self, quantiles: impl IntoIterator<Item = (f64, [f64; 5])>) -> Self {
        self.quantiles.extend(quantiles);
        self
    }

    /// Adds observations `(x, y)`. One that is not finite is not drawn.
    pub fn points(mut self, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        self.points.extend(points);
        self
    }

    /// Sets the title above the chart.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Sets the width and height in pixels; at least 320 × 240.
    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.size = (width.max(320), height.max(240));
        self
    }

    /// The runs of places at which all is finite.
    fn runs(&self) -> impl Iterator<Item = &[(f64, [f64; 5])]> {
        let finite = |(x, values): &(f64, [f64; 5])| {
            x.is_finite() && values.iter().all(|value| value.is_finite())
        };
        let runs = self.quantiles.split(move |place| !finite(place));
        runs.filter(|run| !run.is_empty())
    }

    fn finite_points(&self) -> impl Iterator<Item = (f64, f64)> {
        let points = self.points.iter().copied();
        points.filter(|(x, y)| x.is_finite() && y.is_finite())
    }
}

/// The area between two quantiles, counter-clockwise.
fn between(run: &[(f64, [f64; 5])], low: usize, high: usize) -> Vec<(f64, f64)> {
    let lower = run.iter().map(|(x, values)| (*x, values[low]));
    let upper = run.iter().rev().map(|(x, values)| (*x, values[high]));
    lower.chain(upper).collect()
}

impl Draw for QuantileBands {
    fn size(&self) -> (u32, u32) {
        self.size
    }

    fn draw<B: DrawingBackend>(
        &self,
        root: &DrawingArea<B, Shift>,
        zoom: u32,
    ) -> Result<(), PlotError> {
        if self.runs().next().is_none() {
            return Err(PlotError::Empty("no place has five finite quantiles"));
        }
        let places = || self.runs().flatten();
        let x = places()
            .map(|place| place.0)
            .chain(self.finite_points().map(|point| point.0));
        let x = tick::extent("the x range", x)?;
        let y = places()
            .flat_map(|place| place.1)
            .chain(self.finite_points().map(|point| point.1));
        let y = tick::extent("the y range", y)?;
        let colour = series(0);
        let bands: [(usize, usize, RGBAColor, &str); 2] = [
            (0, 4, colour.mix(0.2), "5–95 %"),
            (1, 3, colour.mix(0.4), "25–75 %"),
        ];
        let median = RGBColor(0, 50, 90).stroke_width(2 * zoom);
        let dots = series(1).mix(0.75);
        let mut legend: Vec<Entry> = bands
            .iter()
            .map(|(.., colour, name)| Entry::new(name, Mark::Area(*colour)))
            .collect();
        legend.push(Entry::new("median", Mark::Line(median)));
        if self.finite_points().next().is_some() {
            legend.push(Entry::new("observed", Mark::Dot(dots)));
        }
        let frame = Frame {
            title: &self.title,
            x_label: &self.x_label,
            y_label: &self.y_label,
            x: Axis::numbers(tick::padded(x.0, x.1, 0.01)),
            y: Axis::numbers(tick::padded(y.0, y.1, 0.05)),
            legend,
        };
        let mut chart = frame.draw(root, zoom)?;
        for run in self.runs() {
            for (low, high, colour, _) in bands {
                let area = Polygon::new(between(run, low, high), colour);
                chart.draw_series([area]).map_err(draw_error)?;
            }
        }
        let dots = self
            .finite_points()
            .map(|point| Circle::new(point, 2 * zoom, dots.filled()));
        chart.draw_series(dots).map_err(draw_error)?;
        for run in self.runs() {
            let line: Vec<(f64, f64)> = run.iter().map(|(x, values)| (*x, values[2])).collect();
            chart
                .draw_series([PathElement::new(line, median)])
                .map_err(draw_error)?;
        }
        Ok(())
    }
}

picture!(
    QuantileBands,
    "if no place has five finite quantiles, a range is too wide, or the picture is too large"
);
