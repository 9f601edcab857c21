//! The weights of rows.

use thalweg_data::{Column, Table};

use crate::{DensityError, FittedDensity};

/// The weights in a column.
///
/// # Errors
///
/// Text and times; a weight that is negative, missing or infinite; weights that are all 0.
pub(crate) fn weights_in(column: &Column) -> Result<Vec<f64>, DensityError> {
    let weights = some_weights_in(column, 0)?;
    match weights.iter().all(|w| *w == 0.0) {
        true => Err(no_weight(column.name())),
        false => Ok(weights.to_vec()),
    }
}

/// The weights of some rows, before which there are others.
///
/// # Errors
///
/// Text and times; a weight that is negative, missing or infinite.
pub(crate) fn some_weights_in(column: &Column, before: usize) -> Result<&[f64], DensityError> {
    let wrong = |problem: String| DensityError::Weights {
        column: column.name().to_owned(),
        problem,
    };
    let Some(weights) = column.as_numbers() else {
        return Err(wrong("they are no numbers".to_owned()));
    };
    if let Some(row) = bad_weight(weights) {
        let problem = format!(
            "row {} has {}; weights are finite and not below 0",
            before + row + 1,
            weights[row]
        );
        return Err(wrong(problem));
    }
    Ok(weights)
}

/// The error of weights that are all 0.
pub(crate) fn no_weight(column: &str) -> DensityError {
    DensityError::Weights {
        column: column.to_owned(),
        problem: "all are 0".to_owned(),
    }
}

/// The first row whose weight is negative or not finite.
pub(crate) fn bad_weight(weights: &[f64]) -> Option<usize> {
    weights.iter().position(|w| !(w.is_finite() && *w >= 0.0))
}

impl FittedDensity {
    /// The column with the weights of rows that the density was fitted with. Where a table has it,
    /// [`report`](Self::report) and [`quality`](Self::quality) count rows by it.
    pub fn weights(&self) -> Option<&str> {
        self.description.weights.as_deref()
    }

    /// The column of weights of a table, where the density has one and the table too.
    pub(crate) fn weights_of<'t>(&self, table: &'t Table) -> Option<&'t Column> {
        table.column(self.weights()?)
    }
}
