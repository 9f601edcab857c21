//! The legend of a chart.

use plotters::coord::Shift;
use plotters::element::{Circle, DashedPathElement, PathElement, Rectangle, Text};
use plotters::prelude::{Color, DrawingArea, DrawingBackend, RGBAColor, ShapeStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::PlotError;
use crate::frame::MARGIN;
use crate::render::{draw_error, outline, text};

/// The largest number of letters of a name.
const LETTERS: usize = 28;

/// The width of the mark beside a name, and the space behind it.
const SAMPLE: u32 = 28;
const SPACE: u32 = 8;

/// The height of a row.
const ROW: u32 = 26;

/// A name with the mark that it explains.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    name: String,
    mark: Mark,
}

#[derive(Debug, Clone)]
pub(crate) enum Mark {
    Line(ShapeStyle),
    /// With the lengths of dashes and gaps.
    Dashes(ShapeStyle, [u32; 2]),
    Area(RGBAColor),
    Dot(RGBAColor),
    /// An outline around an area.
    Ring(ShapeStyle),
}

impl Entry {
    pub(crate) fn new(name: &str, mark: Mark) -> Self {
        let name = shortened(name, LETTERS);
        Self { name, mark }
    }

    /// Draws the mark with its left end at `(x, y)`, and the name.
    fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
        (x, y): (i32, i32),
        (zoom, size): (u32, u32),
    ) -> Result<(), PlotError> {
        let zoomed = |pixels: u32| (pixels * zoom) as i32;
        let ends = [(x, y), (x + zoomed(SAMPLE), y)];
        let middle = (x + zoomed(SAMPLE / 2), y);
        let corners = [
            (x + zoomed(4), y - zoomed(6)),
            (x + zoomed(SAMPLE - 4), y + zoomed(6)),
        ];
        match &self.mark {
            Mark::Line(style) => area.draw(&PathElement::new(ends, *style)),
            Mark::Dashes(style, [dash, space]) => {
                area.draw(&DashedPathElement::new(ends, *dash, *space, *style))
            }
            Mark::Area(colour) => area.draw(&Rectangle::new(corners, colour.filled())),
            Mark::Dot(colour) => area.draw(&Circle::new(middle, zoomed(3), colour.filled())),
            Mark::Ring(style) => area.draw(&outline(corners, *style)),
        }
        .map_err(draw_error)?;
        let start = (x + zoomed(SAMPLE + SPACE), y);
        let style = text(size * zoom).pos(Pos::new(HPos::Left, VPos::Center));
        area.draw(&Text::new(self.name.clone(), start, style))
            .map_err(draw_error)
    }

    /// The width with the space behind it.
    fn width<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
        (zoom, size): (u32, u32),
    ) -> Result<u32, PlotError> {
        let style = text(size * zoom);
        let (letters, _) = area
            .estimate_text_size(&self.name, &style)
            .map_err(draw_error)?;
        Ok(letters + (SAMPLE + SPACE + MARGIN) * zoom)
    }
}

/// The width of a column of entries: at most half of the picture, so that the chart has room.
pub(crate) fn width<B: DrawingBackend>(
    root: &DrawingArea<B, Shift>,
    entries: &[Entry],
    zoom: u32,
) -> Result<u32, PlotError> {
    let mut width = 0;
    for entry in entries {
        width = width.max(entry.width(root, (zoom, 15))?);
    }
    Ok(width.min(root.dim_in_pixel().0 / 2))
}

/// The height of a column with this number of entries.
pub(crate) fn height(entries: usize) -> u32 {
    MARGIN + ROW * entries as u32
}

/// Draws the entries below each other.
pub(crate) fn draw_column<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    entries: &[Entry],
    zoom: u32,
) -> Result<(), PlotError> {
    for (row, entry) in entries.iter().enumerate() {
        let y = ((MARGIN + 16 + ROW * row as u32) * zoom) as i32;
        entry.draw(area, (0, y), (zoom, 15))?;
    }
    Ok(())
}

/// Draws the entries from left to right, in as many rows as they need, and gives the area below.
pub(crate) fn draw_rows<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    entries: &[Entry],
    zoom: u32,
) -> Result<DrawingArea<B, Shift>, PlotError> {
    if entries.is_empty() {
        return Ok(area.clone());
    }
    let (full, start) = (area.dim_in_pixel().0, MARGIN * zoom);
    let (mut x, mut row) = (start, 0);
    for entry in entries {
        let width = entry.width(area, (zoom, 13))?;
        if x > start && x + width > full {
            (x, row) = (start, row + 1);
        }
        let y = ((MARGIN / 2 + 8 + 22 * row) * zoom) as i32;
        entry.draw(area, (x as i32, y), (zoom, 13))?;
        x += width;
    }
    Ok(area
        .split_vertically((MARGIN / 2 + 8 + 22 * row + 6) * zoom)
        .1)
}

/// The name, cut to this number of letters.
pub(crate) fn shortened(name: &str, letters: usize) -> String {
    match name.chars().count() > letters {
        true => name.chars().take(letters.max(2) - 1).chain(['…']).collect(),
        false => name.to_owned(),
    }
}
