use crate::render::picture;

mod cells;
mod column;
mod contour;
mod draw;

use column::{Column, Values};

/// The largest number of columns that are drawn.
const LARGEST: usize = 8;

/// The columns of two samples, one by one and in pairs: data and what a model drew.
///
/// On the diagonal are the distributions of single columns: data filled, model as an outline; categories as bars. Below it
/// are pairs: of two numbers the data as dots (at most 1,000, evenly chosen) and the model as contours that hold 50 and 90 % of it;
/// of a number and a category the quantiles 5–95 % as a thin and 25–75 % as a thick line with the median; of two categories
/// circles whose area is the share, filled for the data and as a ring for the model, so that ring and disc meet where the
/// shares are equal.
///
/// The axes of numbers hold the middle 99 % of both samples, so that a far row does not decide them. Values that are not
/// finite, missing ones, are left out. Ticks have six digits: give times as hours or days since a start. The first 8 columns are drawn, and the legend says how many there are.
///
/// ```
/// use thalweg_plot::CornerPlot;
///
/// let wave = |step: f64| (0..300).map(move |i| (f64::from(i) * step).sin());
/// let species = ["Adelie", "Gentoo"];
/// let corner = CornerPlot::new("data", "model")
///     .title("Penguins")
///     .numbers("length (mm)", wave(1.0), wave(1.1))
///     .numbers("mass (g)", wave(2.0), wave(2.1))
///     .categories("species", species, (0..300).map(|i| i % 2), (0..300).map(|i| i / 2 % 2));
/// assert!(corner.to_svg()?.contains("Penguins"));
/// // Three cells in a row, each 10 pixels wider.
/// let width = |side| corner.clone().side(side).to_image().map(|picture| picture.width());
/// assert_eq!(width(130)? - width(120)?, 3 * 10);
/// # Ok::<(), thalweg_plot::PlotError>(())
/// ```
#[derive(Debug, Clone)]
pub struct CornerPlot {
    names: [String; 2],
    title: String,
    side: Option<u32>,
    columns: Vec<Column>,
}

impl CornerPlot {
    /// A picture without columns of two samples with these names.
    pub fn new(data: impl Into<String>, model: impl Into<String>) -> Self {
        Self {
            names: [data.into(), model.into()],
            title: String::new(),
            side: None,
            columns: Vec::new(),
        }
    }

    /// Adds a column of numbers: its name, with the unit in brackets if it has one, and the values of both samples. All
    /// columns have the same rows in the same order.
    pub fn numbers(
        mut self,
        name: impl Into<String>,
        data: impl IntoIterator<Item = f64>,
        model: impl IntoIterator<Item = f64>,
    ) -> Self {
        let samples = [data.into_iter().collect(), model.into_iter().collect()];
        self.columns.push(Column {
            name: name.into(),
            values: Values::Numbers(samples),
        });
        self
    }

    /// Adds a column of categories: its name, the names of the categories, and the code of each row of both samples, from
    /// 0 on. A code without a name is a missing value. More than 12 categories are hard to tell apart.
    pub fn categories<N: Into<String>>(
        mut self,
        name: impl Into<String>,
        categories: impl IntoIterator<Item = N>,
        data: impl IntoIterator<Item = usize>,
        model: impl IntoIterator<Item = usize>,
    ) -> Self {
        let samples = [data.into_iter().collect(), model.into_iter().collect()];
        self.columns.push(Column {
            name: name.into(),
            values: Values::Categories(categories.into_iter().map(Into::into).collect(), samples),
        });
        self
    }

    /// Sets the title above the picture.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Sets the side of a cell in pixels, at least 80; by default 110 to 240, the smaller the more columns there are.
    pub fn side(mut self, side: u32) -> Self {
        self.side = Some(side.max(80));
        self
    }
}

picture!(
    CornerPlot,
    "if there is no column, a column has no value, columns of one sample have different lengths, or the picture is too large"
);
