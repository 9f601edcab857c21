use image::Rgb;
use plotters::chart::ChartBuilder;
use plotters::element::{Circle, Rectangle, Text};
use plotters::prelude::{Color, RGBColor, WHITE};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::layout::{Layout, Place};
use super::scale::draw_bar_ticks;
use super::{HeatMap, Panel};
use crate::PlotError;
use crate::colour::viridis;
use crate::render::{Canvas, draw_error, ink, text};
use crate::tick;

impl HeatMap {
    /// Draws on `root`, whose pixels are `zoom` to one of the picture.
    pub(super) fn draw(
        &self,
        root: &Canvas<'_>,
        zoom: u32,
        layout: &Layout,
        range: Option<(f64, f64)>,
    ) -> Result<(), PlotError> {
        for (index, (panel, place)) in self.panels.iter().zip(&layout.maps).enumerate() {
            if let Some(range) = range {
                fill(root, zoom, *place, |right, up| {
                    panel.colour(right, up, range)
                })?;
            }
            let left = if index == 0 { layout.left } else { 0 };
            self.draw_axes(root, zoom, *place, (left, layout.below), panel)?;
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
        let corner = (((place.x - left) * zoom) as i32, (place.y * zoom) as i32);
        let size = ((place.width + left) * zoom, (place.height + below) * zoom);
        let area = root.clone().shrink(corner, size);
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
            .axis_style(ink());
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
            .draw_series([Rectangle::new(ends, ink().stroke_width(zoom))])
            .map_err(draw_error)?;
        Ok(())
    }
}

/// Colours each pixel of `place` by its shares of the width, from the left, and of the height, from below.
fn fill(
    root: &Canvas<'_>,
    zoom: u32,
    place: Place,
    colour: impl Fn(f64, f64) -> Option<Rgb<u8>>,
) -> Result<(), PlotError> {
    let share = |index: u32, count: u32| (f64::from(index / zoom) + 0.5) / f64::from(count);
    for y in 0..place.height * zoom {
        for x in 0..place.width * zoom {
            let Some(Rgb([red, green, blue])) =
                colour(share(x, place.width), 1.0 - share(y, place.height))
            else {
                return Ok(());
            };
            let pixel = ((place.x * zoom + x) as i32, (place.y * zoom + y) as i32);
            root.draw_pixel(pixel, &RGBColor(red, green, blue))
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
    let place = ((middle.0 * zoom) as i32, (middle.1 * zoom) as i32);
    root.draw(&Text::new(words.to_owned(), place, style))
        .map_err(draw_error)
}
