//! A table as text.

use std::fmt;

use super::time;
use crate::{Column, Table, Values};

/// Rows and columns that are shown.
const ROWS: usize = 10;
const COLUMNS: usize = 12;

/// The first 10 rows of the first 12 columns, with six digits of each number, and how many rows and columns there are
/// beside them. A missing value is `–`.
///
/// ```
/// use thalweg_data::{Column, Table};
///
/// let table = Table::new(vec![
///     Column::numbers("price", vec![1.5, f64::NAN]).with_unit("€"),
///     Column::text("store", ["north", "south"]),
/// ])?;
/// assert_eq!(table.to_string(), "price (€)  store\n      1.5  north\n        –  south");
/// # Ok::<(), thalweg_data::ColumnsError>(())
/// ```
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows().min(ROWS);
        let columns = &self.columns()[..self.columns().len().min(COLUMNS)];
        let cells: Vec<Vec<String>> = columns.iter().map(|column| cells(column, rows)).collect();
        for line in 0..=rows {
            if line > 0 {
                writeln!(f)?;
            }
            for (place, (column, cells)) in columns.iter().zip(&cells).enumerate() {
                let widest = cells.iter().map(|cell| cell.chars().count()).max();
                let width = widest.unwrap_or_default();
                let gap = if place > 0 { "  " } else { "" };
                let (cell, last) = (&cells[line], place + 1 == columns.len());
                match column.values() {
                    Values::Text(_) if last => write!(f, "{gap}{cell}")?,
                    Values::Text(_) => write!(f, "{gap}{cell:<width$}")?,
                    _ => write!(f, "{gap}{cell:>width$}")?,
                }
            }
        }
        let more = [
            (self.rows() - rows, "rows"),
            (self.columns().len() - columns.len(), "columns"),
        ];
        let more = more.iter().filter(|(count, _)| *count > 0);
        let more: Vec<String> = more
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        match more.is_empty() {
            true => Ok(()),
            false => write!(f, "\nand {} more", more.join(" and ")),
        }
    }
}

/// The column's name with its unit, and its first values.
fn cells(column: &Column, rows: usize) -> Vec<String> {
    let name = match column.unit() {
        Some(unit) => format!("{} ({unit})", column.name()),
        None => column.name().to_owned(),
    };
    let cell = |row: usize| match column.values() {
        values if values.is_missing(row) => "–".to_owned(),
        Values::Numbers(numbers) => number(numbers[row]),
        Values::Text(text) => text.get(row).unwrap_or_default().to_owned(),
        Values::Times(times) => {
            let time = time::format(times[row], false);
            time.unwrap_or_else(|| number(times[row]))
        }
    };
    std::iter::once(name).chain((0..rows).map(cell)).collect()
}

/// Six digits at most, and no zeros that say nothing.
fn number(x: f64) -> String {
    let rounded = format!("{x:.5e}").parse().unwrap_or(x);
    match rounded == 0.0 || !rounded.is_finite() || (1e-4..1e9).contains(&rounded.abs()) {
        true => format!("{rounded}"),
        false => format!("{rounded:e}"),
    }
}
