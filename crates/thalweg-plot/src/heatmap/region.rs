use crate::{PlotError, tick};

/// The rectangle `x[0]..x[1]` × `y[0]..y[1]` of the plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// The left and the right end.
    pub x: [f64; 2],
    /// The lower and the upper end.
    pub y: [f64; 2],
}

impl Region {
    /// The square from `-half` to `half` both ways.
    pub fn square(half: f64) -> Self {
        Self {
            x: [-half, half],
            y: [-half, half],
        }
    }

    /// The centres of `columns` × `rows` cells, in the order that [`Panel::from_values`](crate::Panel::from_values)
    /// takes values: the lowest row first, from left to right. Evaluate a density at these as one batch.
    pub fn centres(&self, columns: usize, rows: usize) -> Vec<[f64; 2]> {
        let place = |[low, high]: [f64; 2], index: usize, count: usize| {
            low + (high - low) * (index as f64 + 0.5) / count as f64
        };
        (0..rows)
            .flat_map(|row| (0..columns).map(move |column| (column, row)))
            .map(|(column, row)| [place(self.x, column, columns), place(self.y, row, rows)])
            .collect()
    }

    pub(super) fn check(&self) -> Result<(), PlotError> {
        tick::checked("the region's x", self.x[0], self.x[1])?;
        tick::checked("the region's y", self.y[0], self.y[1])?;
        Ok(())
    }

    pub(super) fn contains(&self, [x, y]: [f64; 2]) -> bool {
        (self.x[0]..=self.x[1]).contains(&x) && (self.y[0]..=self.y[1]).contains(&y)
    }
}
