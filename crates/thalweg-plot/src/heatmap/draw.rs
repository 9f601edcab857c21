use image::Rgb;
use plotters::chart::ChartBuilder;
use plotters::element::{Circle, Rectangle, Text};
use plotters::prelude::{Color, RGBColor, WHITE};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::layout::{Layout, Place};
use super::{HeatMap, Panel, arrows};
use crate::PlotError;
use crate::colour::viridis;
use crate::render::{Canvas, INK, draw_error, text};
use crate::tick;

impl HeatMap {
    /// Draws on `root`, which has `zoom` pixels for each pixel of the picture.
    pub(super) fn draw(
        &self,
        root: &Canvas<'_>,
        zoom: u32,
        layout: &Layout,
        range: Option<(f64, f64)>,
    ) -> Result<(), PlotError> {
        let maps = || self.panels.iter().zip(&layout.maps);
        let scale = arrows::scale(maps(), self.region);
        for (index, (panel, place)) in maps().enumerate() {
            if let Some(range) = range {
                fill(root, zoom, *place, |right, up| {
                    panel.colour(right, up, range)
                })?;
            }
            let left = if index == 0 { layout.left } else { 0 };
            self.draw_axes(root, zoom, *place, (left, layout.below), panel)?;
            if let Some(arrows) = &panel.arrows {
                let colour = match panel.has_values() {
                    true => WHITE.mix(0.9),
                    false => INK.mix(1.0),
                };
                arrows.draw(root, zoom, (self.region, *place), scale, colour)?;
            }
            let middle = (place.x + place.width / 2, place.y - layout.above / 2);
            write(root, zoom, middle, &panel.title, 17)?;
        }
        if let (Some(place), Some(range)) = (layout.bar, range) {
            fill(root, zoom, place, |_, up| Some(viridis(up)))?;
            draw_bar_ticks(root, zoom, place, layout.bar_ticks, range)?;
        }
        write(root, zoom, (layout.width / 2, 22), &self.title, 20)
    }

    fn draw_axes(
        &self,
        root: &Canvas<'_>,
        zoom: u32,
        place: Place,
        (left, below): (u32, u32),
        panel: &Panel,
    ) -> Result<(), PlotError> {
        let area = root.clone().shrink(
            pixel(zoom, (place.x - left, place.y)),
            ((place.width + left) * zoom, (place.height + below) * zoom),
        );
        let region = self.region;
        let mut chart = ChartBuilder::on(&area)
            .x_label_area_size(below * zoom)
            .y_label_area_size(left * zoom)
            .build_cartesian_2d(region.x[0]..region.x[1], region.y[0]..region.y[1])
            .map_err(draw_error)?;
        let mut mesh = chart.configure_mesh();
        mesh.disable_mesh()
            .x_labels(5)
            .y_labels(5)
            .x_label_formatter(&|value| tick::label(*value))
            .y_label_formatter(&|value| tick::label(*value))
            .label_style(text(14 * zoom))
            .axis_desc_style(text(15 * zoom))
            .axis_style(INK);
        if !self.x_label.is_empty() {
            mesh.x_desc(&self.x_label);
        }
        if left > 0 && !self.y_label.is_empty() {
            mesh.y_desc(&self.y_label);
        }
        mesh.draw().map_err(draw_error)?;
        let style = match panel.has_values() {
            true => WHITE.mix(0.7).filled(),
            false => RGBColor(0, 114, 178).mix(0.5).filled(),
        };
        let inside = panel.points.iter().filter(|point| region.contains(**point));
        let dots = inside.map(|[x, y]| Circle::new((*x, *y), 3 * zoom / 2, style));
        chart.draw_series(dots).map_err(draw_error)?;
        let ends = [(region.x[0], region.y[0]), (region.x[1], region.y[1])];
        chart
            .draw_series([Rectangle::new(ends, INK.stroke_width(zoom))])
            .map_err(draw_error)?;
        Ok(())
    }
}

/// Draws the ticks at the right of the colour bar at `place`.
fn draw_bar_ticks(
    root: &Canvas<'_>,
    zoom: u32,
    place: Place,
    room: u32,
    range: (f64, f64),
) -> Result<(), PlotError> {
    let area = root.clone().shrink(
        pixel(zoom, (place.x, place.y)),
        ((place.width + room) * zoom, place.height * zoom),
    );
    ChartBuilder::on(&area)
        .right_y_label_area_size(room * zoom)
        .build_cartesian_2d(0.0..1.0, range.0..range.1)
        .map_err(draw_error)?
        .configure_mesh()
        .disable_mesh()
        .disable_x_axis()
        .y_labels(6)
        .y_label_formatter(&|value| tick::label(*value))
        .label_style(text(14 * zoom))
        .axis_style(INK)
        .draw()
        .map_err(draw_error)
}

/// The pixel of the canvas at a pixel of the picture.
fn pixel(zoom: u32, (x, y): (u32, u32)) -> (i32, i32) {
    ((x * zoom) as i32, (y * zoom) as i32)
}

/// Colours each pixel of `place` by its share of the width, from the left, and of the height, from
/// below.
fn fill(
    root: &Canvas<'_>,
    zoom: u32,
    place: Place,
    colour: impl Fn(f64, f64) -> Option<Rgb<u8>>,
) -> Result<(), PlotError> {
    let share = |index: u32, count: u32| (f64::from(index / zoom) + 0.5) / f64::from(count);
    let (left, top) = pixel(zoom, (place.x, place.y));
    for y in 0..place.height * zoom {
        for x in 0..place.width * zoom {
            let Some(Rgb([red, green, blue])) =
                colour(share(x, place.width), 1.0 - share(y, place.height))
            else {
                return Ok(());
            };
            root.draw_pixel(
                (left + x as i32, top + y as i32),
                &RGBColor(red, green, blue),
            )
            .map_err(draw_error)?;
        }
    }
    Ok(())
}

fn write(
    root: &Canvas<'_>,
    zoom: u32,
    middle: (u32, u32),
    words: &str,
    size: u32,
) -> Result<(), PlotError> {
    let style = text(size * zoom).pos(Pos::new(HPos::Center, VPos::Center));
    root.draw(&Text::new(words.to_owned(), pixel(zoom, middle), style))
        .map_err(draw_error)
}
