//! The rows to learn from, and their weights.

use thalweg_data::{Column, Table, Values};

use crate::schema::{Missing, Schema};
use crate::weights::weights_in;
use crate::{Density, DensityError, RowError};

/// The weight of each row.
pub(super) fn weights(density: &Density, table: &Table) -> Result<Vec<f64>, DensityError> {
    match &density.weights {
        Some(name) => weights_in(table.require(name)?),
        None => Ok(vec![1.0; table.rows()]),
    }
}

/// The rows to learn from, and the number of those that were skipped for a missing value.
pub(super) fn usable(
    schema: &Schema,
    columns: &[&Column],
    weights: &[f64],
) -> Result<(Vec<usize>, usize), DensityError> {
    let (mut rows, mut skipped) = (Vec::new(), 0);
    'rows: for (row, weight) in weights.iter().enumerate() {
        if *weight == 0.0 {
            continue;
        }
        for column in columns {
            let wrong = |problem| DensityError::Row {
                row: row + 1,
                column: column.name().to_owned(),
                problem,
            };
            if let Values::Numbers(values) | Values::Times(values) = column.values()
                && values[row].is_infinite()
            {
                let (column, value) = (column.name().to_owned(), values[row]);
                return Err(wrong(RowError::NotFinite { column, value }));
            }
            if column.values().is_missing(row) {
                match schema.missing {
                    Missing::Error => {
                        return Err(wrong(RowError::Missing(column.name().to_owned())));
                    }
                    Missing::Skip => {
                        skipped += 1;
                        continue 'rows;
                    }
                    Missing::Indicator => {}
                }
            }
        }
        rows.push(row);
    }
    Ok((rows, skipped))
}
