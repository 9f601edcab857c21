use plotters::coord::Shift;
use plotters::element::Text;
use plotters::prelude::{DrawingArea, DrawingBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::render::{Draw, draw_error, picture, text};
use crate::{CellMap, CornerPlot, CurveChart, Histogram, PlotError, QuantileBands, Tiles};

/// The height of the title.
const TITLE: u32 = 48;
/// The height of a line of words.
const LINE: u32 = 22;

/// The smallest side of a chart.
const SMALLEST: u32 = 200;

/// A picture that a page can hold.
///
/// See [`Page`] for an example.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Figure {
    /// Lines.
    Curve(CurveChart),
    /// Histograms.
    Histogram(Histogram),
    /// Two samples of a table.
    Corner(CornerPlot),
    /// A conditional distribution.
    Bands(QuantileBands),
    /// Values over the plane.
    Cells(CellMap),
    /// Samples as tiles.
    Tiles(Tiles),
    /// Lines of words, from the top.
    Words(Vec<String>),
}

impl From<CurveChart> for Figure {
    fn from(chart: CurveChart) -> Self {
        Self::Curve(chart)
    }
}

impl From<Histogram> for Figure {
    fn from(histogram: Histogram) -> Self {
        Self::Histogram(histogram)
    }
}

impl From<CornerPlot> for Figure {
    fn from(corner: CornerPlot) -> Self {
        Self::Corner(corner)
    }
}

impl From<QuantileBands> for Figure {
    fn from(bands: QuantileBands) -> Self {
        Self::Bands(bands)
    }
}

impl From<CellMap> for Figure {
    fn from(map: CellMap) -> Self {
        Self::Cells(map)
    }
}

impl From<Tiles> for Figure {
    fn from(tiles: Tiles) -> Self {
        Self::Tiles(tiles)
    }
}

impl Figure {
    fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
        zoom: u32,
    ) -> Result<(), PlotError> {
        let (width, height) = area.dim_in_pixel();
        let (width, height) = (width / zoom, height / zoom);
        let words = matches!(self, Self::Words(_));
        if !words && width.min(height) < SMALLEST {
            return Err(PlotError::TooSmall {
                width,
                height,
                limit: SMALLEST,
            });
        }
        match self {
            Self::Curve(chart) => chart.draw(area, zoom),
            Self::Histogram(histogram) => histogram.draw(area, zoom),
            Self::Corner(corner) => corner.draw(area, zoom),
            Self::Bands(bands) => bands.draw(area, zoom),
            Self::Cells(map) => map.draw(area, zoom),
            Self::Tiles(tiles) => tiles.draw(area, zoom),
            Self::Words(lines) => {
                for (row, line) in lines.iter().enumerate() {
                    let place = (24 * zoom as i32, ((24 + LINE * row as u32) * zoom) as i32);
                    let words = Text::new(line.clone(), place, text(15 * zoom));
                    area.draw(&words).map_err(draw_error)?;
                }
                Ok(())
            }
        }
    }
}

/// Several pictures on one page, in rows, with a title: a report as one PNG or SVG.
///
/// The pictures of a row share the page's width equally; their own sizes do not count. Each needs at least 200 pixels along both
/// sides.
///
/// ```
/// use thalweg_plot::{CurveChart, Figure, Histogram, Page};
///
/// let losses = CurveChart::new("epoch", "nats")
///     .series("training", [(0, 3.0), (1, 2.4)])
///     .series("validation", [(0, 3.1), (1, 2.6)]);
/// let pit = Histogram::pit().values("", [0.2, 0.4, 0.9]);
/// let page = Page::new("Weather")
///     .row(80, [Figure::Words(vec!["held-out log-density: −2.6 nats a row".to_owned()])])
///     .row(300, [Figure::from(losses), pit.into()]);
/// assert_eq!(page.to_image()?.dimensions(), (1200, 48 + 380));
/// assert!(page.width(900).to_svg()?.starts_with("<svg width=\"900\" height=\"428\""));
/// # Ok::<(), thalweg_plot::PlotError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Page {
    title: String,
    width: u32,
    rows: Vec<(u32, Vec<Figure>)>,
}

impl Page {
    /// A page of 1200 pixels width without rows.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            width: 1200,
            rows: Vec::new(),
        }
    }

    /// Adds a row of this height in pixels below the others. A row without pictures is empty space.
    pub fn row<F: Into<Figure>>(
        mut self,
        height: u32,
        figures: impl IntoIterator<Item = F>,
    ) -> Self {
        let figures = figures.into_iter().map(Into::into).collect();
        self.rows.push((height, figures));
        self
    }

    /// Sets the width in pixels; at least 480.
    pub fn width(mut self, width: u32) -> Self {
        self.width = width.max(480);
        self
    }

    fn title_height(&self) -> u32 {
        if self.title.is_empty() { 0 } else { TITLE }
    }
}

impl Draw for Page {
    fn size(&self) -> (u32, u32) {
        let heights = self.rows.iter().map(|row| row.0);
        (
            self.width,
            heights.fold(self.title_height(), u32::saturating_add),
        )
    }

    fn draw<B: DrawingBackend>(
        &self,
        root: &DrawingArea<B, Shift>,
        zoom: u32,
    ) -> Result<(), PlotError> {
        if self.rows.iter().all(|(_, figures)| figures.is_empty()) {
            return Err(PlotError::Empty("the page has no picture"));
        }
        let middle = ((self.width / 2 * zoom) as i32, (TITLE / 2 * zoom) as i32);
        let style = text(22 * zoom).pos(Pos::new(HPos::Center, VPos::Center));
        root.draw(&Text::new(self.title.clone(), middle, style))
            .map_err(draw_error)?;
        let mut top = self.title_height();
        for (height, figures) in &self.rows {
            let count = figures.len() as u32;
            for (place, figure) in figures.iter().enumerate() {
                let edge = |place: u32| self.width * place / count;
                let [left, right] = [edge(place as u32), edge(place as u32 + 1)];
                let corner = ((left * zoom) as i32, (top * zoom) as i32);
                let area = root
                    .clone()
                    .shrink(corner, ((right - left) * zoom, height * zoom));
                figure.draw(&area, zoom)?;
            }
            top += height;
        }
        Ok(())
    }
}

picture!(
    Page,
    "if the page has no picture, one of its pictures cannot be drawn or has too little room, or the page is too large"
);
