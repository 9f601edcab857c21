//! Two tables with the same columns.

use thalweg_data::{Column, Table};

use crate::DensityError;
use crate::sheet::Pair;

/// The columns of the real table with those of another one, in the order of the real table.
///
/// # Errors
///
/// A column that one of them lacks, or that holds another type of values.
pub(super) fn paired(
    real: &Table,
    (name, other): (&'static str, &Table),
) -> Result<Vec<Pair>, DensityError> {
    let wrong = |column: &str, table, problem: String| DensityError::Compared {
        column: column.to_owned(),
        table,
        problem,
    };
    if let Some(more) = other
        .names()
        .iter()
        .find(|name| real.column(name).is_none())
    {
        return Err(wrong(more, name, "the real table lacks it".to_owned()));
    }
    let pair = |column: &Column| {
        let own = column.name();
        let Some(second) = other.column(own) else {
            let problem = format!("the {name} table lacks it");
            return Err(wrong(own, "real", problem));
        };
        let kinds = [column, second].map(|column| column.values().kind());
        // A column without any value has the type of none.
        let empty = |column: &Column| (0..column.len()).all(|row| column.values().is_missing(row));
        match kinds[0] == kinds[1] || empty(column) || empty(second) {
            true => Ok(Pair::of(column, second, false)),
            false => {
                let problem = format!("it holds {}, and in the real table {}", kinds[1], kinds[0]);
                Err(wrong(own, name, problem))
            }
        }
    };
    real.columns().iter().map(pair).collect()
}
