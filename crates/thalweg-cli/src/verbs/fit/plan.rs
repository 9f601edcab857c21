//! What a fit is going to do.

use std::fmt::Write;
use std::path::Path;

use thalweg::data::Table;

use super::FitOptions;
use crate::failure::Failure;

/// The plan, in a sentence or two.
pub(super) fn plan(options: &FitOptions, table: &Table, output: &Path) -> Result<String, Failure> {
    let plan = options.density()?.plan(table)?;
    let mut text = format!("plan: {plan}");
    if let Some(minutes) = options.minutes {
        write!(text, ", at most {minutes} minutes").ok();
    }
    write!(text, "; the model goes to {}", output.display()).ok();
    Ok(text)
}
