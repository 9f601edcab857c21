use plotters::coord::Shift;
use plotters::element::{DashedPathElement, PathElement, Text};
use plotters::prelude::{DrawingArea, DrawingBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::CurveChart;
use super::draw::{MARGIN, reference_style, series_style};
use crate::PlotError;
use crate::render::{draw_error, text};

/// The largest number of letters of a name.
const LETTERS: usize = 28;

/// The width of the line beside a name.
const SAMPLE: u32 = 28;

/// The index of a line among its kind.
#[derive(Clone, Copy)]
enum Line {
    Series(usize),
    Reference(usize),
}

impl CurveChart {
    pub(super) fn draw_legend<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
        zoom: u32,
    ) -> Result<(), PlotError> {
        for (row, (name, line)) in self.legend().into_iter().enumerate() {
            let y = ((MARGIN + 16 + 26 * row as u32) * zoom) as i32;
            let ends = [(0, y), ((SAMPLE * zoom) as i32, y)];
            match line {
                Line::Series(index) => {
                    area.draw(&PathElement::new(ends, series_style(index, zoom)))
                }
                Line::Reference(index) => {
                    let (style, [dash, space]) = reference_style(index, zoom);
                    area.draw(&DashedPathElement::new(ends, dash, space, style))
                }
            }
            .map_err(draw_error)?;
            let start = (((SAMPLE + 8) * zoom) as i32, y);
            let style = text(15 * zoom).pos(Pos::new(HPos::Left, VPos::Center));
            area.draw(&Text::new(name, start, style))
                .map_err(draw_error)?;
        }
        Ok(())
    }

    /// The names of the legend, shortened, with their lines.
    fn legend(&self) -> Vec<(String, Line)> {
        let series = self.series.iter().enumerate();
        let series = series.map(|(index, series)| (&series.name, Line::Series(index)));
        let references = self.references.iter().enumerate();
        let references = references.map(|(i, reference)| (&reference.name, Line::Reference(i)));
        series
            .filter(|(name, _)| !name.is_empty())
            .chain(references)
            .map(|(name, line)| (shortened(name), line))
            .collect()
    }

    /// The width of the legend: at most half of the picture, so that the chart has room.
    pub(super) fn legend_width<B: DrawingBackend>(
        &self,
        root: &DrawingArea<B, Shift>,
        zoom: u32,
    ) -> Result<u32, PlotError> {
        let style = text(15 * zoom);
        let mut width = 0;
        for (name, _) in self.legend() {
            let (letters, _) = root.estimate_text_size(&name, &style).map_err(draw_error)?;
            width = width.max(letters + (SAMPLE + 8 + MARGIN) * zoom);
        }
        Ok(width.min(root.dim_in_pixel().0 / 2))
    }
}

fn shortened(name: &str) -> String {
    match name.chars().count() > LETTERS {
        true => name.chars().take(LETTERS - 1).chain(['…']).collect(),
        false => name.to_owned(),
    }
}
