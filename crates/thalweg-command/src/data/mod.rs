//! Tables that a command reads.

mod chunks;
mod csv;
mod part;

use crate::failure::Failure;

pub(crate) use chunks::{Chunks, Rows};
pub(crate) use csv::CsvArgs;
pub(crate) use part::Part;

/// An error for the first option that is given.
pub(crate) fn refuse(given: &[(&str, bool)], why: &str) -> Result<(), Failure> {
    match given.iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(Failure::Usage(format!("`--{option}` is {why}"))),
        None => Ok(()),
    }
}

/// A list of the command line, or else that of a file.
pub(crate) fn or<T>(line: Vec<T>, file: Vec<T>) -> Vec<T> {
    if line.is_empty() { file } else { line }
}
