//! A vector field as arrows.

use plotters::element::{Circle, PathElement, Polygon};
use plotters::prelude::{Color, RGBAColor, RGBColor};

use super::layout::Place;
use super::panel::check_count;
use super::{Panel, Region};
use crate::PlotError;
use crate::colour::LOUD;
use crate::render::{Canvas, draw_error};

/// The share of a cell that the longest arrow takes.
const REACH: f64 = 0.95;
/// The length of an arrow's head in pixels, at most 0.4 of the arrow.
const HEAD: f64 = 6.0;

/// A vector for each of `columns` × `rows` cells, the lowest row first.
#[derive(Debug, Clone)]
pub(super) struct Arrows {
    pub(super) columns: usize,
    pub(super) rows: usize,
    pub(super) vectors: Vec<[f64; 2]>,
}

impl Arrows {
    pub(super) fn check(&self, title: &str) -> Result<(), PlotError> {
        let got = self.vectors.len();
        check_count("vectors", title, [self.columns, self.rows], got)
    }

    /// The vectors in pixels of a map, with y down.
    fn in_pixels(&self, region: Region, place: Place) -> impl Iterator<Item = [f64; 2]> + '_ {
        let x = f64::from(place.width) / (region.x[1] - region.x[0]);
        let y = f64::from(place.height) / (region.y[1] - region.y[0]);
        let vectors = self.vectors.iter();
        vectors.map(move |vector| [vector[0] * x, -vector[1] * y])
    }

    /// The factor at which the longest finite vector fits its cell; infinite if all are zero.
    fn fitting(&self, region: Region, place: Place) -> f64 {
        let lengths = self.in_pixels(region, place).map(|[x, y]| x.hypot(y));
        let longest = lengths.filter(|length| length.is_finite());
        let longest = longest.fold(0.0, f64::max);
        let [width, height] = self.cell(place);
        REACH * width.min(height) / longest
    }

    /// Width and height of a cell in pixels.
    fn cell(&self, place: Place) -> [f64; 2] {
        let width = f64::from(place.width) / self.columns as f64;
        [width, f64::from(place.height) / self.rows as f64]
    }

    /// Draws all arrows, with their middles at the centres of the cells. A vector that is not finite is a
    /// magenta dot, a vector of zero a dot.
    pub(super) fn draw(
        &self,
        root: &Canvas<'_>,
        zoom: u32,
        (region, place): (Region, Place),
        scale: f64,
        colour: RGBAColor,
    ) -> Result<(), PlotError> {
        let zoomed = |value: f64| (value * f64::from(zoom)).round() as i32;
        let pixel = |[x, y]: [f64; 2]| (zoomed(x), zoomed(y));
        let bottom = f64::from(place.y) + f64::from(place.height);
        let [width, height] = self.cell(place);
        for (index, [x, y]) in self.in_pixels(region, place).enumerate() {
            let (column, row) = (index % self.columns, index / self.columns);
            let centre = [
                f64::from(place.x) + width * (column as f64 + 0.5),
                bottom - height * (row as f64 + 0.5),
            ];
            let length = x.hypot(y);
            if !length.is_finite() {
                let [red, green, blue] = LOUD.0;
                let style = RGBColor(red, green, blue).filled();
                let dot = Circle::new(pixel(centre), 2 * zoom, style);
                root.draw(&dot).map_err(draw_error)?;
                continue;
            }
            if length == 0.0 {
                let dot = Circle::new(pixel(centre), zoom, colour.filled());
                root.draw(&dot).map_err(draw_error)?;
                continue;
            }
            let drawn = length * scale;
            let [along_x, along_y] = [x / length, y / length];
            // A place along the arrow from its middle, and beside it.
            let at = |along: f64, beside: f64| {
                pixel([
                    centre[0] + along_x * along - along_y * beside,
                    centre[1] + along_y * along + along_x * beside,
                ])
            };
            let (end, head) = (drawn / 2.0, HEAD.min(0.4 * drawn));
            let shaft = vec![at(-end, 0.0), at(end - head, 0.0)];
            let head = vec![
                at(end, 0.0),
                at(end - head, head / 2.5),
                at(end - head, -head / 2.5),
            ];
            let style = colour.stroke_width(zoom);
            root.draw(&PathElement::new(shaft, style))
                .map_err(draw_error)?;
            root.draw(&Polygon::new(head, colour.filled()))
                .map_err(draw_error)?;
        }
        Ok(())
    }
}

/// The factor of all arrows of a picture, at which none leaves its cell.
pub(super) fn scale<'a>(
    drawn: impl Iterator<Item = (&'a Panel, &'a Place)>,
    region: Region,
) -> f64 {
    drawn.fold(f64::INFINITY, |scale, (panel, place)| {
        let own = panel.arrows.as_ref();
        own.map_or(scale, |arrows| scale.min(arrows.fitting(region, *place)))
    })
}
