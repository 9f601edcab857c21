use plotters::chart::ChartBuilder;
use plotters::coord::Shift;
use plotters::element::{Circle, DashedPathElement, PathElement};
use plotters::prelude::{Color, DrawingArea, DrawingBackend, RGBColor, ShapeStyle, TRANSPARENT};

use super::{CurveChart, line};
use crate::PlotError;
use crate::colour::SERIES;
use crate::render::{INK, draw_error, text};
use crate::tick;

pub(super) const MARGIN: u32 = 16;

type Ends = (f64, f64);

impl CurveChart {
    /// Draws on `root`, which has `zoom` pixels for each pixel of the picture.
    pub(super) fn draw<B: DrawingBackend>(
        &self,
        root: &DrawingArea<B, Shift>,
        zoom: u32,
    ) -> Result<(), PlotError> {
        let (x, y) = self.ranges()?;
        let legend = self.legend_width(root, zoom)?;
        let (left, right) = root.split_horizontally(root.dim_in_pixel().0 - legend);
        let mut builder = ChartBuilder::on(&left);
        builder
            .margin(MARGIN * zoom)
            .margin_bottom(8 * zoom)
            .x_label_area_size(44 * zoom)
            .y_label_area_size(84 * zoom);
        if !self.title.is_empty() {
            builder.caption(&self.title, text(20 * zoom));
        }
        let mut chart = builder
            .build_cartesian_2d(x.0..x.1, y.0..y.1)
            .map_err(draw_error)?;
        chart
            .configure_mesh()
            .x_desc(&self.x_label)
            .y_desc(&self.y_label)
            .x_labels(8)
            .y_labels(8)
            .x_label_formatter(&|value| tick::label(*value))
            .y_label_formatter(&|value| tick::label(*value))
            .label_style(text(15 * zoom))
            .axis_desc_style(text(16 * zoom))
            .axis_style(INK)
            .bold_line_style(RGBColor(228, 228, 228).stroke_width(zoom))
            .light_line_style(TRANSPARENT)
            .draw()
            .map_err(draw_error)?;
        for (index, reference) in self.references.iter().enumerate() {
            if (y.0..=y.1).contains(&reference.y) {
                let ends = [(x.0, reference.y), (x.1, reference.y)];
                let (style, [dash, space]) = reference_style(index, zoom);
                let line = DashedPathElement::new(ends, dash, space, style);
                chart.draw_series([line]).map_err(draw_error)?;
            }
        }
        for (index, series) in self.series.iter().enumerate() {
            let style = series_style(index, zoom);
            for part in line::visible(&series.points, y) {
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
        self.draw_legend(&right, zoom)
    }

    fn ranges(&self) -> Result<(Ends, Ends), PlotError> {
        let points = self.series.iter().flat_map(|series| &series.points);
        let finite = points.filter(|(x, y)| x.is_finite() && y.is_finite());
        if finite.clone().next().is_none() {
            return Err(PlotError::Empty("no series has a finite point"));
        }
        let x = tick::extent("the x range", finite.clone().map(|point| point.0))?;
        let y = match self.y_range {
            Some((low, high)) => tick::checked("the y range", low, high)?,
            None => {
                let heights = self.references.iter().map(|reference| reference.y);
                let heights = finite.map(|point| point.1).chain(heights);
                let (low, high) = tick::extent("the y range", heights.filter(|y| y.is_finite()))?;
                tick::padded(low, high, 0.05)
            }
        };
        Ok((tick::padded(x.0, x.1, 0.01), y))
    }
}

pub(super) fn series_style(index: usize, zoom: u32) -> ShapeStyle {
    let [red, green, blue] = SERIES[index % SERIES.len()];
    RGBColor(red, green, blue).stroke_width(2 * zoom)
}

/// The style of a reference, with the lengths of its dashes and gaps. All have one colour, so they
/// differ by these lengths.
pub(super) fn reference_style(index: usize, zoom: u32) -> (ShapeStyle, [u32; 2]) {
    let lengths = [[8, 5], [3, 3], [14, 4]][index % 3];
    let style = RGBColor(110, 110, 110).stroke_width(2 * zoom);
    (style, lengths.map(|length| length * zoom))
}
