//! The frame of a chart: title, legend, axes with their names and ticks.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::prelude::{Color, DrawingArea, DrawingBackend, RGBColor, TRANSPARENT};

use crate::PlotError;
use crate::axis::Axis;
use crate::legend::{self, Entry};
use crate::render::{INK, draw_error, text};

pub(crate) const MARGIN: u32 = 16;

/// From this width on the legend is beside the chart, in a narrower picture above it.
const WIDE: u32 = 700;

pub(crate) type Chart<'a, B> = ChartContext<'a, B, Cartesian2d<Axis, Axis>>;

#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) title: &'a str,
    pub(crate) x_label: &'a str,
    pub(crate) y_label: &'a str,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) legend: Vec<Entry>,
}

impl Frame<'_> {
    /// Draws the frame on `root`, which has `zoom` pixels for each pixel of the picture, and gives the place inside.
    pub(crate) fn draw<'a, B: DrawingBackend + 'a>(
        &self,
        root: &DrawingArea<B, Shift>,
        zoom: u32,
    ) -> Result<Chart<'a, B>, PlotError> {
        let (width, _) = root.dim_in_pixel();
        let wide = width >= WIDE * zoom;
        let mut area = root.clone();
        if wide {
            let (left, right) =
                root.split_horizontally(width - legend::width(root, &self.legend, zoom)?);
            legend::draw_column(&right, &self.legend, zoom)?;
            area = left;
        }
        // A picture of several charts has smaller letters.
        let [title, name, label] = if wide { [20, 16, 15] } else { [16, 14, 13] };
        if !self.title.is_empty() {
            area = area
                .margin(MARGIN / 2 * zoom, 0, 0, 0)
                .titled(self.title, text(title * zoom))
                .map_err(draw_error)?;
        }
        if !wide {
            area = legend::draw_rows(&area, &self.legend, zoom)?;
        }
        let room = if wide { [44, 84] } else { [40, 66] };
        let mut chart = ChartBuilder::on(&area)
            .margin(MARGIN * zoom)
            .margin_bottom(8 * zoom)
            .x_label_area_size(room[0] * zoom)
            .y_label_area_size(room[1] * zoom)
            .build_cartesian_2d(self.x.clone(), self.y.clone())
            .map_err(draw_error)?;
        let labels = if wide { 8 } else { 6 };
        chart
            .configure_mesh()
            .x_desc(self.x_label)
            .y_desc(self.y_label)
            .x_labels(labels)
            .y_labels(labels)
            .label_style(text(label * zoom))
            .axis_desc_style(text(name * zoom))
            .axis_style(INK.stroke_width(zoom))
            .set_all_tick_mark_size(4 * zoom as i32)
            .bold_line_style(RGBColor(228, 228, 228).stroke_width(zoom))
            .light_line_style(TRANSPARENT)
            .draw()
            .map_err(draw_error)?;
        Ok(chart)
    }
}
