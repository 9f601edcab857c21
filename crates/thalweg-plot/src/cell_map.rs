use plotters::coord::Shift;
use plotters::element::Rectangle;
use plotters::prelude::{Color, DrawingArea, DrawingBackend, RGBColor};

use crate::axis::Axis;
use crate::colour::{LOUD, viridis};
use crate::frame::Frame;
use crate::render::{Draw, draw_error, picture};
use crate::{PlotError, Region, tick};

/// Values over a region of the plane as coloured cells, for a [`Page`](crate::Page); the y axis points up.
///
/// Colours run from the smallest to the largest finite value, dark to light. NaN and +∞ are magenta; −∞ has the lowest
/// colour. For several maps on one scale, points and arrows, see [`HeatMap`](crate::HeatMap).
///
/// ```
/// use thalweg_plot::{CellMap, Region};
///
/// let region = Region::square(3.0);
/// let values = region.centres(30, 30).into_iter().map(|[x, y]| (-0.5 * (x * x + y * y)).exp());
/// let map = CellMap::new(region, 30, values).title("density").labels("x (m)", "y (m)");
/// assert_eq!(map.to_image()?.dimensions(), (600, 540));
/// let svg = map.to_svg()?;
/// assert!(["density", "x (m)", "y (m)"].iter().all(|words| svg.contains(words)));
/// let too_few = CellMap::new(region, 30, [0.5; 7]).to_image();
/// assert!(too_few.is_err()); // 900 cells
/// # Ok::<(), thalweg_plot::PlotError>(())
/// ```
#[derive(Debug, Clone)]
pub struct CellMap {
    region: Region,
    columns: usize,
    values: Vec<f64>,
    title: String,
    labels: [String; 2],
}

impl CellMap {
    /// Values of cells in rows of `columns`, the lowest row first: the order of [`Region::centres`].
    pub fn new<T: Into<f64>>(
        region: Region,
        columns: usize,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        Self {
            region,
            columns,
            values: values.into_iter().map(Into::into).collect(),
            title: String::new(),
            labels: Default::default(),
        }
    }

    /// Sets the title above the map.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Sets the names of both axes.
    pub fn labels(mut self, x: impl Into<String>, y: impl Into<String>) -> Self {
        self.labels = [x.into(), y.into()];
        self
    }

    /// The number of rows.
    fn rows(&self) -> Result<usize, PlotError> {
        let (got, columns) = (self.values.len(), self.columns);
        if columns == 0 || got == 0 {
            return Err(PlotError::Empty("the map has no cell"));
        }
        match got.is_multiple_of(columns) {
            true => Ok(got / columns),
            false => Err(PlotError::Shape {
                expected: format!("whole rows of {columns} cells"),
                got,
            }),
        }
    }
}

impl Draw for CellMap {
    fn size(&self) -> (u32, u32) {
        (600, 540)
    }

    fn draw<B: DrawingBackend>(
        &self,
        root: &DrawingArea<B, Shift>,
        zoom: u32,
    ) -> Result<(), PlotError> {
        let (rows, columns) = (self.rows()?, self.columns);
        let [x, y] = [
            ("the x range", self.region.x),
            ("the y range", self.region.y),
        ];
        let frame = Frame {
            title: &self.title,
            x_label: &self.labels[0],
            y_label: &self.labels[1],
            x: Axis::numbers(tick::checked(x.0, x.1[0], x.1[1])?),
            y: Axis::numbers(tick::checked(y.0, y.1[0], y.1[1])?),
            legend: vec![],
        };
        let finite = self
            .values
            .iter()
            .copied()
            .filter(|value| value.is_finite());
        let (low, high) = tick::extent("the range of values", finite)?;
        let mut chart = frame.draw(root, zoom)?;
        let edge = |[low, high]: [f64; 2], index: usize, count: usize| {
            low + (high - low) * index as f64 / count as f64
        };
        let colour = |value: f64| {
            let colour = match value.is_nan() || value == f64::INFINITY {
                true => LOUD,
                false => viridis((value - low) / (high - low).max(f64::MIN_POSITIVE)),
            };
            RGBColor(colour[0], colour[1], colour[2])
        };
        // Neighbours of one colour are one rectangle, which keeps SVG files small.
        for (row, values) in self.values.chunks(columns).enumerate() {
            let heights = [row, row + 1].map(|row| edge(y.1, row, rows));
            let mut first = 0;
            while first < columns {
                let shade = colour(values[first]);
                let alike = values[first..].iter().take_while(|v| colour(**v) == shade);
                let next = first + alike.count();
                let sides = [first, next].map(|column| edge(x.1, column, columns));
                let corners = [(sides[0], heights[0]), (sides[1], heights[1])];
                chart
                    .draw_series([Rectangle::new(corners, shade.filled())])
                    .map_err(draw_error)?;
                first = next;
            }
        }
        Ok(())
    }
}

picture!(
    CellMap,
    "if there is no cell, a row is not whole, a range is not finite or not in order, or the picture is too large"
);
