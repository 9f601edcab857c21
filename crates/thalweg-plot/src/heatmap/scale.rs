use plotters::chart::ChartBuilder;

use super::layout::Place;
use super::{HeatMap, Panel};
use crate::PlotError;
use crate::render::{Canvas, draw_error, ink, text};
use crate::tick;

impl HeatMap {
    /// The ends of the shared scale; none when no panel has values.
    pub(super) fn scale_range(&self) -> Result<Option<(f64, f64)>, PlotError> {
        if !self.panels.iter().any(Panel::has_values) {
            return Ok(None);
        }
        if let Some((low, high)) = self.range {
            return tick::checked("the range of the scale", low, high).map(Some);
        }
        let values = || self.panels.iter().flat_map(Panel::finite_values);
        if values().next().is_none() {
            return Err(PlotError::Empty {
                what: "no panel has a finite value",
            });
        }
        let (low, high) = tick::extent("the range of the values", values())?;
        Ok(Some(tick::padded(low, high, 0.0)))
    }
}

/// Draws the ticks right of the colour bar at `place`.
pub(super) fn draw_bar_ticks(
    root: &Canvas<'_>,
    zoom: u32,
    place: Place,
    room: u32,
    range: (f64, f64),
) -> Result<(), PlotError> {
    let corner = ((place.x * zoom) as i32, (place.y * zoom) as i32);
    let area = root
        .clone()
        .shrink(corner, ((place.width + room) * zoom, place.height * zoom));
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
        .axis_style(ink())
        .draw()
        .map_err(draw_error)
}
