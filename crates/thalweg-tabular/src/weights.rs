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
    ///
    /// ```
    /// use thalweg_data::{Column, Table};
    /// use thalweg_tabular::Density;
    ///
    /// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
    /// # let weights = (0..300).map(|i| f64::from(i % 4)).collect();
    /// # let columns = vec![
    /// #     Column::numbers("a", wave(1.3)),
    /// #     Column::numbers("b", wave(2.1)),
    /// #     Column::numbers("w", weights),
    /// # ];
    /// # let table = Table::new(columns)?;
    /// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
    /// # let network = network.with_layers(2).with_hidden(&[8]);
    /// # let density = Density::of(["a", "b"]).members(1).network(network).steps(20);
    /// let model = density.weights("w").fit(&table)?;
    /// assert_eq!(model.weights(), Some("w"));
    /// assert_eq!(model.report(&table)?.weights.as_deref(), Some("w"));
    /// assert_eq!(model.report(&table.without("w")?)?.weights, None);
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    pub fn weights(&self) -> Option<&str> {
        self.description.weights.as_deref()
    }

    /// The column of weights of a table, where the density has one and the table too.
    pub(crate) fn weights_of<'t>(&self, table: &'t Table) -> Option<&'t Column> {
        table.column(self.weights()?)
    }
}
