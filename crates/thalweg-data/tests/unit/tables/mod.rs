//! Tables of any columns, from files and to files.

mod damage;
mod dialects;
mod embedded;
#[cfg(feature = "parquet")]
mod parquet;
mod round_trip;
mod show;
mod stream;
mod write;

use thalweg_data::{CsvOptions, DataError, Table, Values};

fn parse(text: impl AsRef<[u8]>) -> Result<Table, DataError> {
    Table::parse(text.as_ref(), &CsvOptions::new())
}

fn sound(text: impl AsRef<[u8]>) -> Table {
    match parse(&text) {
        Ok(table) => table,
        Err(error) => panic!("{error}\n{}", String::from_utf8_lossy(text.as_ref())),
    }
}

/// The error's message.
fn refused(text: impl AsRef<[u8]>, options: &CsvOptions) -> String {
    let error = Table::parse(text.as_ref(), options).expect_err("an error");
    error.to_string()
}

fn numbers<'a>(table: &'a Table, name: &str) -> &'a [f64] {
    table.numbers(name).expect("a column of numbers")
}

fn times<'a>(table: &'a Table, name: &str) -> &'a [f64] {
    match table.require(name).expect("a column").values() {
        Values::Times(values) => values,
        other => panic!("{name} is {}", other.kind()),
    }
}

fn words<'a>(table: &'a Table, name: &str) -> Vec<Option<&'a str>> {
    match table.require(name).expect("a column").values() {
        Values::Text(text) => text.iter().collect(),
        other => panic!("{name} is {}", other.kind()),
    }
}
