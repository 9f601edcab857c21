use image::Rgb;

use super::Region;
use super::arrows::Arrows;
use crate::PlotError;
use crate::colour::{LOUD, viridis};

/// One map of a [`HeatMap`](crate::HeatMap): values, points over them, arrows over both.
///
/// See [`HeatMap`](crate::HeatMap) for an example.
#[derive(Debug, Clone)]
pub struct Panel {
    pub(super) title: String,
    pub(super) points: Vec<[f64; 2]>,
    pub(super) arrows: Option<Arrows>,
    cells: Option<Cells>,
}

#[derive(Debug, Clone)]
struct Cells {
    columns: usize,
    rows: usize,
    values: Vec<f64>,
}

impl Panel {
    /// Values of `columns` × `rows` cells, the lowest row first, from left to right: the order of
    /// [`Region::centres`]. Drawing checks the number of values.
    ///
    /// ```
    /// use thalweg_plot::{HeatMap, Panel, Region};
    ///
    /// let region = Region::square(1.0);
    /// // All centres as one batch, say for a flow.
    /// let values: Vec<f64> = region.centres(20, 20).iter().map(|[x, y]| x * y).collect();
    /// let one = HeatMap::new(region).panel(Panel::from_values("", 20, 20, values)).to_image()?;
    /// let other = HeatMap::new(region).panel(Panel::from_fn("", region, 20, |x, y| x * y)).to_image()?;
    /// assert_eq!(one, other);
    /// # Ok::<(), thalweg_plot::PlotError>(())
    /// ```
    pub fn from_values<T: Into<f64>>(
        title: impl Into<String>,
        columns: usize,
        rows: usize,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        let mut panel = Self::from_points(title, [[0.0; 2]; 0]);
        panel.cells = Some(Cells {
            columns,
            rows,
            values: values.into_iter().map(Into::into).collect(),
        });
        panel
    }

    /// The values `f(x, y)` at the centres of `cells` × `cells` cells of `region`, the region of the
    /// heat map.
    pub fn from_fn(
        title: impl Into<String>,
        region: Region,
        cells: usize,
        f: impl Fn(f64, f64) -> f64,
    ) -> Self {
        let centres = region.centres(cells, cells).into_iter();
        Self::from_values(title, cells, cells, centres.map(|[x, y]| f(x, y)))
    }

    /// Points on white.
    pub fn from_points<T: Into<f64>>(
        title: impl Into<String>,
        points: impl IntoIterator<Item = [T; 2]>,
    ) -> Self {
        Self {
            title: title.into(),
            points: Vec::new(),
            arrows: None,
            cells: None,
        }
        .points(points)
    }

    /// Adds points; those outside the region, or not finite, are not drawn.
    ///
    /// ```
    /// use thalweg_plot::{HeatMap, Panel, Region};
    ///
    /// let region = Region::square(1.0);
    /// let panel = || Panel::from_fn("", region, 20, |x, y| x * y);
    /// let draw = |panel| HeatMap::new(region).side(100).panel(panel).to_image();
    /// assert_ne!(draw(panel().points([[0.3, 0.2]]))?, draw(panel())?);
    /// assert_eq!(draw(panel().points([[7.0, 0.2]]))?, draw(panel())?); // outside
    /// # Ok::<(), thalweg_plot::PlotError>(())
    /// ```
    pub fn points<T: Into<f64>>(mut self, points: impl IntoIterator<Item = [T; 2]>) -> Self {
        self.points
            .extend(points.into_iter().map(|point| point.map(Into::into)));
        self
    }

    /// Sets the vectors of a field at the centres of `columns` × `rows` cells, in the order of
    /// [`Region::centres`]. Drawing checks their number.
    ///
    /// An arrow has its middle at the centre. All arrows of a picture are scaled by one factor, with
    /// which the longest is as long as a cell. A vector of zero is a dot, one that is not
    /// finite a magenta dot.
    ///
    /// ```
    /// use thalweg_plot::{HeatMap, Panel, Region};
    ///
    /// let region = Region::square(1.0);
    /// let turning = region.centres(15, 15).into_iter().map(|[x, y]| [-y, x]);
    /// let panel = |columns| Panel::from_points("field", [[0.0; 2]]).arrows(columns, 15, turning.clone());
    /// assert!(HeatMap::new(region).panel(panel(15)).to_image().is_ok());
    /// // One arrow a cell.
    /// assert!(HeatMap::new(region).panel(panel(14)).to_image().is_err());
    /// # Ok::<(), thalweg_plot::PlotError>(())
    /// ```
    pub fn arrows<T: Into<f64>>(
        mut self,
        columns: usize,
        rows: usize,
        vectors: impl IntoIterator<Item = [T; 2]>,
    ) -> Self {
        let vectors = vectors.into_iter().map(|vector| vector.map(Into::into));
        self.arrows = Some(Arrows {
            columns,
            rows,
            vectors: vectors.collect(),
        });
        self
    }

    pub(super) fn check(&self) -> Result<(), PlotError> {
        if let Some(cells) = &self.cells {
            let got = cells.values.len();
            check_count("values", &self.title, [cells.columns, cells.rows], got)?;
        }
        let arrows = self.arrows.as_ref();
        arrows.map_or(Ok(()), |arrows| arrows.check(&self.title))
    }

    pub(super) fn has_values(&self) -> bool {
        self.cells.is_some()
    }

    pub(super) fn finite_values(&self) -> impl Iterator<Item = f64> + '_ {
        let values = self.cells.iter().flat_map(|cells| &cells.values);
        values.copied().filter(|value| value.is_finite())
    }

    /// The colour at a share of the panel's width from the left and of its height from below.
    pub(super) fn colour(&self, right: f64, up: f64, (low, high): (f64, f64)) -> Option<Rgb<u8>> {
        let cells = self.cells.as_ref()?;
        let cell = |share: f64, count: usize| ((share * count as f64) as usize).min(count - 1);
        let value = cells.values[cell(up, cells.rows) * cells.columns + cell(right, cells.columns)];
        Some(match value.is_nan() || value == f64::INFINITY {
            true => LOUD,
            false => viridis((value - low) / (high - low)),
        })
    }
}

/// Whether there are `columns` × `rows` of the named things in the panel of that title.
pub(super) fn check_count(
    things: &str,
    title: &str,
    [columns, rows]: [usize; 2],
    got: usize,
) -> Result<(), PlotError> {
    if columns == 0 || rows == 0 {
        return Err(PlotError::Zero {
            what: "the number of cells along a side",
        });
    }
    if Some(got) != columns.checked_mul(rows) {
        let expected = format!("{columns} × {rows} {things} in the panel \"{title}\"");
        return Err(PlotError::Shape { expected, got });
    }
    Ok(())
}
