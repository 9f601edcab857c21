use plotters::coord::Shift;
use plotters::element::{DashedPathElement, PathElement, Text};
use plotters::prelude::{DrawingArea, DrawingBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::CurveChart;
use super::draw::{MARGIN, dashes, line_style};
use crate::PlotError;
use crate::render::{draw_error, text};

const LETTERS: usize = 28;
const SAMPLE: u32 = 28;

impl CurveChart {
    pub(super) fn draw_legend<B: DrawingBackend>(
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

    /// At most half of the picture, so that there is room for the chart.
    pub(super) fn legend_width<B: DrawingBackend>(
        &self,
        root: &DrawingArea<B, Shift>,
        zoom: u32,
    ) -> Result<u32, PlotError> {
        let style = text(15 * zoom);
        let mut width = 0;
        for name in self.legend() {
            let (letters, _) = root.estimate_text_size(&name, &style).map_err(draw_error)?;
            width = width.max(letters + (SAMPLE + 8 + MARGIN) * zoom);
        }
        Ok(width.min(root.dim_in_pixel().0 / 2))
    }
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= LETTERS {
        return name.to_owned();
    }
    name.chars().take(LETTERS - 1).chain(['…']).collect()
}
