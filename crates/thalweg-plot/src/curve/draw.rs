use plotters::coord::Shift;
use plotters::element::{Circle, DashedPathElement, PathElement, Polygon};
use plotters::prelude::{Color, DrawingArea, DrawingBackend, RGBColor, ShapeStyle};

use super::{Band, CurveChart, Level, line};
use crate::PlotError;
use crate::axis::Axis;
use crate::colour::{BAND, series};
use crate::frame::Frame;
use crate::legend::{Entry, Mark};
use crate::render::{Draw, draw_error};
use crate::tick;

type Ends = (f64, f64);

impl Draw for CurveChart {
    fn size(&self) -> (u32, u32) {
        self.size
    }

    fn draw<B: DrawingBackend>(
        &self,
        root: &DrawingArea<B, Shift>,
        zoom: u32,
    ) -> Result<(), PlotError> {
        let (x, y) = self.ranges()?;
        let frame = Frame {
            title: &self.title,
            x_label: &self.x_label,
            y_label: &self.y_label,
            x: Axis::numbers(x),
            y: match self.log_y {
                true => Axis::powers(y),
                false => Axis::numbers(y),
            },
            legend: self.legend(zoom),
        };
        let mut chart = frame.draw(root, zoom)?;
        for band in &self.bands {
            let area = Polygon::new(self.outline(band, x, y), BAND);
            chart.draw_series([area]).map_err(draw_error)?;
        }
        for (index, reference) in self.references.iter().enumerate() {
            let ends = match reference.level {
                Level::Flat(level) => match self.height(level) {
                    level if frame.y.contains(level) => [(x.0, level), (x.1, level)],
                    _ => continue,
                },
                Level::Between(ends) => ends.map(|(x, y)| (x, self.height(y))),
            };
            let (style, [dash, space]) = reference_style(index, zoom);
            let line = DashedPathElement::new(ends, dash, space, style);
            chart.draw_series([line]).map_err(draw_error)?;
        }
        for (index, series) in self.series.iter().enumerate() {
            let style = series_style(index, zoom);
            let points = series.points.iter().map(|(x, y)| (*x, self.height(*y)));
            for part in line::visible(&points.collect::<Vec<_>>(), y) {
                match part[..] {
                    [point] => chart
                        .draw_series([Circle::new(point, 3 * zoom, style.filled())])
                        .map_err(draw_error)?,
                    _ => {
                        let smooth = line::cut_at_sharp_turns(part, |at| chart.backend_coord(&at));
                        let smooth = smooth.into_iter().map(|part| PathElement::new(part, style));
                        chart.draw_series(smooth).map_err(draw_error)?
                    }
                };
            }
        }
        Ok(())
    }
}

impl CurveChart {
    fn legend(&self, zoom: u32) -> Vec<Entry> {
        let series = self.series.iter().enumerate();
        let series = series.filter(|(_, series)| !series.name.is_empty());
        let series = series
            .map(|(index, series)| Entry::new(&series.name, Mark::Line(series_style(index, zoom))));
        let references = self.references.iter().enumerate();
        let references = references.map(|(index, reference)| {
            let (style, lengths) = reference_style(index, zoom);
            Entry::new(&reference.name, Mark::Dashes(style, lengths))
        });
        let bands = self.bands.iter();
        let bands = bands.map(|band| Entry::new(&band.name, Mark::Area(BAND.mix(1.0))));
        series.chain(references).chain(bands).collect()
    }

    /// The edge of a band inside of the axes.
    fn outline(&self, band: &Band, x: Ends, y: Ends) -> Vec<Ends> {
        let places = band.places.iter().map(|(at, low, high)| {
            let height = |v: &f64| self.height(*v).clamp(y.0, y.1);
            (*at, height(low), height(high))
        });
        let seen = places.filter(|(at, low, high)| {
            (x.0..=x.1).contains(at) && low.is_finite() && high.is_finite()
        });
        let seen: Vec<(f64, f64, f64)> = seen.collect();
        let lower = seen.iter().map(|(at, low, _)| (*at, *low));
        let upper = seen.iter().rev().map(|(at, _, high)| (*at, *high));
        lower.chain(upper).collect()
    }

    fn ranges(&self) -> Result<(Ends, Ends), PlotError> {
        let points = self.series.iter().flat_map(|series| &series.points);
        let points = points.map(|(x, y)| (*x, self.height(*y)));
        let finite = points.filter(|(x, y)| x.is_finite() && y.is_finite());
        if finite.clone().next().is_none() {
            return Err(PlotError::Empty("no series has a finite point"));
        }
        // The ends of a diagonal are in the picture, else it would be another line.
        let ends = self
            .references
            .iter()
            .filter_map(|reference| match reference.level {
                Level::Flat(_) => None,
                Level::Between(ends) => Some(ends.map(|end| end.0)),
            });
        let places = finite.clone().map(|point| point.0).chain(ends.flatten());
        let x = tick::extent("the x range", places)?;
        let y = match self.y_range {
            Some((low, high)) => tick::checked("the y range", self.height(low), self.height(high))?,
            None => {
                let heights = self
                    .references
                    .iter()
                    .flat_map(|reference| reference.heights())
                    .map(|y| self.height(y));
                let heights = finite.map(|point| point.1).chain(heights);
                let (low, high) = tick::extent("the y range", heights.filter(|y| y.is_finite()))?;
                tick::padded(low, high, 0.05)
            }
        };
        Ok((tick::padded(x.0, x.1, 0.01), y))
    }
}

fn series_style(index: usize, zoom: u32) -> ShapeStyle {
    series(index).stroke_width(2 * zoom)
}

/// The style of a reference, with the lengths of its dashes and gaps. All have one colour, so they
/// differ by these lengths.
fn reference_style(index: usize, zoom: u32) -> (ShapeStyle, [u32; 2]) {
    let lengths = [[8, 5], [3, 3], [14, 4]][index % 3];
    let style = RGBColor(110, 110, 110).stroke_width(2 * zoom);
    (style, lengths.map(|length| length * zoom))
}
