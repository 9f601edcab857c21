use plotters::chart::ChartBuilder;
use plotters::coord::Shift;
use plotters::element::{Circle, DashedPathElement, PathElement, Text};
use plotters::prelude::{Color, DrawingArea, DrawingBackend, RGBColor, ShapeStyle, TRANSPARENT};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{CurveChart, clip};
use crate::PlotError;
use crate::colour::SERIES;
use crate::render::{draw_error, ink, text};
use crate::tick;

const LEGEND_LETTERS: usize = 28;
const SAMPLE: u32 = 28;
const MARGIN: u32 = 16;

impl CurveChart {
    /// Draws on `root`, whose pixels are `zoom` to one of the picture.
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
            .axis_style(ink())
            .bold_line_style(RGBColor(228, 228, 228).stroke_width(zoom))
            .light_line_style(TRANSPARENT)
            .draw()
            .map_err(draw_error)?;
        for (index, reference) in self.references.iter().enumerate() {
            if (y.0..=y.1).contains(&reference.y) {
                let ends = [(x.0, reference.y), (x.1, reference.y)];
                let (style, dash, space) = dashes(index, zoom);
                let line = DashedPathElement::new(ends, dash, space, style);
                chart.draw_series([line]).map_err(draw_error)?;
            }
        }
        for (index, series) in self.series.iter().enumerate() {
            let style = line_style(index, zoom);
            for part in clip::parts(&series.points, y) {
                match part.as_slice() {
                    [point] => chart
                        .draw_series([Circle::new(*point, 3 * zoom, style.filled())])
                        .map_err(draw_error)?,
                    _ => chart
                        .draw_series([PathElement::new(part, style)])
                        .map_err(draw_error)?,
                };
            }
        }
        self.draw_legend(&right, zoom)
    }

    fn draw_legend<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
        zoom: u32,
    ) -> Result<(), PlotError> {
        let row = |place: usize| ((MARGIN + 16 + 26 * place as u32) * zoom) as i32;
        let ends = |place: usize| [(0, row(place)), ((SAMPLE * zoom) as i32, row(place))];
        let mut place = 0;
        for (index, series) in self.series.iter().enumerate() {
            if !series.name.is_empty() {
                area.draw(&PathElement::new(ends(place), line_style(index, zoom)))
                    .map_err(draw_error)?;
                place += 1;
            }
        }
        for index in 0..self.references.len() {
            let (style, dash, space) = dashes(index, zoom);
            area.draw(&DashedPathElement::new(ends(place), dash, space, style))
                .map_err(draw_error)?;
            place += 1;
        }
        for (place, name) in self.legend().into_iter().enumerate() {
            let start = (((SAMPLE + 8) * zoom) as i32, row(place));
            let style = text(15 * zoom).pos(Pos::new(HPos::Left, VPos::Center));
            area.draw(&Text::new(name, start, style))
                .map_err(draw_error)?;
        }
        Ok(())
    }

    fn legend(&self) -> Vec<String> {
        let series = self
            .series
            .iter()
            .map(|series| &series.name)
            .filter(|name| !name.is_empty());
        let references = self.references.iter().map(|reference| &reference.name);
        series
            .chain(references)
            .map(|name| shortened(name))
            .collect()
    }

    fn legend_width<B: DrawingBackend>(
        &self,
        root: &DrawingArea<B, Shift>,
        zoom: u32,
    ) -> Result<u32, PlotError> {
        let mut widest = 0;
        for name in self.legend() {
            widest = widest.max(
                root.estimate_text_size(&name, &text(15 * zoom))
                    .map_err(draw_error)?
                    .0,
            );
        }
        Ok(if widest == 0 {
            0
        } else {
            widest + (SAMPLE + 8 + MARGIN) * zoom
        })
    }

    fn ranges(&self) -> Result<((f64, f64), (f64, f64)), PlotError> {
        let finite: Vec<(f64, f64)> = self
            .series
            .iter()
            .flat_map(|series| series.points.iter().copied())
            .filter(|(x, y)| x.is_finite() && y.is_finite())
            .collect();
        if finite.is_empty() {
            return Err(PlotError::Empty {
                what: "no series has a finite point",
            });
        }
        let x = tick::extent("the x range", finite.iter().map(|point| point.0))?;
        let y = match self.y_range {
            Some((low, high)) => tick::checked("the y range", low, high)?,
            None => {
                let heights = self
                    .references
                    .iter()
                    .map(|reference| reference.y)
                    .filter(|y| y.is_finite());
                let (low, high) = tick::extent(
                    "the y range",
                    finite.iter().map(|point| point.1).chain(heights),
                )?;
                tick::padded(low, high, 0.05)
            }
        };
        Ok((tick::padded(x.0, x.1, 0.01), y))
    }
}

fn line_style(index: usize, zoom: u32) -> ShapeStyle {
    let [red, green, blue] = SERIES[index % SERIES.len()];
    RGBColor(red, green, blue).stroke_width(2 * zoom)
}

/// References differ by the length of their dashes, since their colour is one.
fn dashes(index: usize, zoom: u32) -> (ShapeStyle, u32, u32) {
    let (dash, space) = [(8, 5), (3, 3), (14, 4)][index % 3];
    (
        RGBColor(110, 110, 110).stroke_width(2 * zoom),
        dash * zoom,
        space * zoom,
    )
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= LEGEND_LETTERS {
        return name.to_owned();
    }
    name.chars().take(LEGEND_LETTERS - 1).chain(['…']).collect()
}
