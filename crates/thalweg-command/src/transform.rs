//! Tables from tables, chunk by chunk.

use std::io;
use std::path::Path;

use serde_json::{Value, json};
use thalweg::data::{Column, DataError, Table, TableWriter, Values};

use crate::console::Console;
use crate::failure::Failure;
use crate::pipeline;

/// Reads, works on and writes chunks at once, in order, in constant memory: to a file, or as CSV to the standard output. One
/// JSON object on the standard output holds all rows.
pub(crate) fn transform<T: Send>(
    chunks: impl Iterator<Item = Result<T, Failure>>,
    work: impl Fn(T) -> Result<Table, Failure> + Sync,
    output: Option<&Path>,
    console: &Console,
) -> Result<(), Failure> {
    if console.json && output.is_none() {
        return joined(chunks, work, console);
    }
    let rows = pipeline::run(
        chunks,
        work,
        || {
            let writer = match output {
                Some(path) => TableWriter::create(path)?,
                None => TableWriter::csv(io::stdout()),
            };
            Ok((writer, 0))
        },
        |(writer, rows), table| {
            *rows += table.rows();
            Ok(writer.append(&table)?)
        },
        |(writer, rows)| {
            writer.finish()?;
            Ok(rows)
        },
    )?;
    match output {
        Some(path) => written(rows, path, console),
        None => Ok(()),
    }
}

/// All rows as one JSON object.
fn joined<T>(
    chunks: impl Iterator<Item = Result<T, Failure>>,
    work: impl Fn(T) -> Result<Table, Failure>,
    console: &Console,
) -> Result<(), Failure> {
    let mut all: Option<Table> = None;
    for chunk in chunks {
        let table = work(chunk?)?;
        match &mut all {
            None => all = Some(table),
            Some(all) => all.append(&table).map_err(DataError::from)?,
        }
    }
    let object = || all.as_ref().map_or(Value::Null, columns);
    console.result(String::new, object)
}

/// Says that rows are in a file.
fn written(rows: usize, path: &Path, console: &Console) -> Result<(), Failure> {
    console.result(
        || format!("{rows} rows written to {}", path.display()),
        || json!({ "rows": rows, "output": path }),
    )
}

/// A table as an object of columns.
fn columns(table: &Table) -> Value {
    let column = |column: &Column| {
        let values = match column.values() {
            Values::Text(text) => text.iter().map(|word| json!(word)).collect(),
            Values::Numbers(values) | Values::Times(values) => values
                .iter()
                .map(|x| json!(Some(*x).filter(|x| x.is_finite())))
                .collect(),
            // A type that this program does not know.
            _ => Value::Null,
        };
        (column.name().to_owned(), values)
    };
    Value::Object(table.columns().iter().map(column).collect())
}
