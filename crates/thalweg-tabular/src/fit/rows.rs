//! The rows to learn from, and their weights.

use thalweg_data::{Column, Table, Values};

use crate::schema::{Missing, Schema};
use crate::{Density, DensityError, RowError};

/// The weight of each row.
pub(super) fn weights(density: &Density, table: &Table) -> Result<Vec<f64>, DensityError> {
    let Some(name) = &density.weights else {
        return Ok(vec![1.0; table.rows()]);
    };
    let wrong = |problem: String| DensityError::Weights {
        column: name.clone(),
        problem,
    };
    let Values::Numbers(weights) = table.require(name)?.values() else {
        return Err(wrong("they are no numbers".to_owned()));
    };
    let bad = weights.iter().position(|w| !(w.is_finite() && *w >= 0.0));
    if let Some(row) = bad {
        let problem = format!(
            "row {} has {}; weights are finite and not below 0",
            row + 1,
            weights[row]
        );
        return Err(wrong(problem));
    }
    if weights.iter().all(|w| *w == 0.0) {
        return Err(wrong("all are 0".to_owned()));
    }
    Ok(weights.clone())
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
