use plotters::coord::Shift;
use plotters::element::{Rectangle, Text};
use plotters::prelude::{Color, DrawingArea, DrawingBackend, RGBColor};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::render::{Draw, draw_error, picture, text};
use crate::{PlotError, SampleGrid};

/// The height of the title.
const TITLE: u32 = 32;

/// The samples of a [`SampleGrid`] for a [`Page`](crate::Page): as large as fits with square pixels of whole size, in the
/// middle under a title.
///
/// ```
/// use thalweg_plot::{Page, SampleGrid, Tiles};
///
/// let digits = Tiles::new(SampleGrid::new(8, 8, 1), vec![0.5; 30 * 8 * 8]).title("data");
/// let picture = Page::new("Digits").row(400, [digits]).to_image()?;
/// assert_eq!(picture.dimensions(), (1200, 48 + 400));
/// # Ok::<(), thalweg_plot::PlotError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Tiles {
    grid: SampleGrid,
    pixels: Vec<f32>,
    title: String,
}

impl Tiles {
    /// The samples of a grid, as [`SampleGrid::to_image`] takes them; the grid's own scale does not count.
    pub fn new(grid: SampleGrid, pixels: Vec<f32>) -> Self {
        Self {
            grid: grid.scale(1),
            pixels,
            title: String::new(),
        }
    }

    /// Sets the title above the samples.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }
}

impl Draw for Tiles {
    fn size(&self) -> (u32, u32) {
        (600, 600 + TITLE)
    }

    fn draw<B: DrawingBackend>(
        &self,
        root: &DrawingArea<B, Shift>,
        zoom: u32,
    ) -> Result<(), PlotError> {
        let picture = self.grid.to_image(&self.pixels)?;
        let (columns, rows) = picture.dimensions();
        let (width, height) = root.dim_in_pixel();
        let top = TITLE * zoom;
        let scale = (width / columns).min(height.saturating_sub(top) / rows);
        if scale == 0 {
            return Err(PlotError::TooSmall {
                width: width / zoom,
                height: height / zoom,
                limit: columns.max(rows) / zoom + TITLE,
            });
        }
        let middle = ((width / 2) as i32, (top / 2) as i32);
        let style = text(15 * zoom).pos(Pos::new(HPos::Center, VPos::Center));
        root.draw(&Text::new(self.title.clone(), middle, style))
            .map_err(draw_error)?;
        let left = (width - columns * scale) / 2;
        // Neighbours of one colour are one rectangle, which keeps SVG files small.
        for row in 0..rows {
            let mut first = 0;
            while first < columns {
                let colour = picture.get_pixel(first, row);
                let alike =
                    (first..columns).take_while(|column| picture.get_pixel(*column, row) == colour);
                let next = first + alike.count() as u32;
                let x = |column: u32| (left + column * scale) as i32;
                let y = |row: u32| (top + row * scale) as i32;
                let corners = [(x(first), y(row)), (x(next), y(row + 1))];
                let [red, green, blue] = colour.0;
                root.draw(&Rectangle::new(
                    corners,
                    RGBColor(red, green, blue).filled(),
                ))
                .map_err(draw_error)?;
                first = next;
            }
        }
        Ok(())
    }
}

picture!(
    Tiles,
    "if there is no sample, the values are not whole samples, or there are more pixels than there is room for"
);
