//! What the reader found.

use std::fmt;

use super::plan::Plan;
use crate::CsvOptions;

/// The dialect of a CSV file as the reader found it.
///
/// ```
/// use thalweg_data::{CsvOptions, Dialect, Table, TableReader};
///
/// let text = "time;load\n2013-01-31;1,5\n2013-02-01;NA\n";
/// let table = Table::parse(text.as_bytes(), &CsvOptions::new())?;
/// assert_eq!(
///     table.notes()[0],
///     "delimiter ';', decimal ',', header in line 1, missing values spelled \"NA\" (1), 2 rows"
/// );
///
/// let reader = TableReader::new(text.as_bytes(), &CsvOptions::new())?;
/// let dialect: &Dialect = reader.dialect().unwrap();
/// assert!(dialect.to_string().starts_with("delimiter ';', decimal ','"));
/// let again = Table::parse(text.as_bytes(), dialect.options())?;
/// assert_eq!(again.notes(), table.notes());
/// # Ok::<(), thalweg_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Dialect {
    options: CsvOptions,
    header: Option<u64>,
    missing: Vec<(String, u64)>,
    rows: Option<u64>,
}

impl Dialect {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            options: plan.options.clone(),
            header: plan.header.map(|(line, _)| line),
            missing: Vec::new(),
            rows: None,
        }
    }

    /// The same dialect with what the rows show.
    pub(super) fn with_rows(mut self, rows: u64, missing: Vec<(String, u64)>) -> Self {
        self.rows = Some(rows);
        self.missing = missing;
        self
    }

    /// The options that read such a file without looking for its dialect.
    pub fn options(&self) -> &CsvOptions {
        &self.options
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = &self.options;
        match options.delimiter.unwrap_or(',') {
            ' ' => write!(f, "fields between blanks")?,
            mark => write!(f, "delimiter {mark:?}")?,
        }
        write!(f, ", decimal '{}'", options.decimal_char())?;
        if let Some(mark) = options.thousands {
            write!(f, ", thousands {mark:?}")?;
        }
        if options.quote_char() == Some('\'') {
            write!(f, ", quote '")?;
        }
        match self.header {
            Some(line) => write!(f, ", header in line {line}")?,
            None => write!(f, ", no header")?,
        }
        if !self.missing.is_empty() {
            let said = self
                .missing
                .iter()
                .map(|(word, count)| format!("\"{word}\" ({count})"));
            let said: Vec<String> = said.collect();
            write!(f, ", missing values spelled {}", said.join(", "))?;
        }
        match self.rows {
            Some(1) => write!(f, ", 1 row"),
            Some(rows) => write!(f, ", {rows} rows"),
            None => Ok(()),
        }
    }
}
