//! How to read CSV, and the tables that are read so.

use std::io;

use clap::Args;
use serde::Deserialize;
use thalweg::data::{Columns, CsvOptions, Encoding, Table, TableReader};
use thalweg::tabular::FittedDensity;

use super::chunks::{Chunks, Source};
use super::{or, refuse};
use crate::console::Console;
use crate::failure::Failure;

/// How to read CSV, where the file does not show it.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[command(next_help_heading = "CSV")]
pub(crate) struct CsvArgs {
    /// The separator of fields
    #[arg(long, value_name = "CHAR")]
    pub(crate) delimiter: Option<char>,
    /// The decimal separator
    #[arg(long, value_name = "CHAR")]
    pub(crate) decimal: Option<char>,
    /// The separator of groups of three digits
    #[arg(long, value_name = "CHAR")]
    pub(crate) thousands: Option<char>,
    /// Whether the first line holds names
    #[arg(long, value_name = "BOOL")]
    pub(crate) header: Option<bool>,
    /// More words for a missing value, separated by commas
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    pub(crate) missing_words: Vec<String>,
    /// The text is in Latin-1
    #[arg(long)]
    pub(crate) latin1: bool,
}

impl CsvArgs {
    /// These options on top of others.
    fn apply(&self, mut options: CsvOptions) -> CsvOptions {
        if let Some(delimiter) = self.delimiter {
            options = options.delimiter(delimiter);
        }
        if let Some(decimal) = self.decimal {
            options = options.decimal(decimal);
        }
        if let Some(thousands) = self.thousands {
            options = options.thousands(thousands);
        }
        if let Some(header) = self.header {
            options = options.header(header);
        }
        if !self.missing_words.is_empty() {
            let words: Vec<&str> = self.missing_words.iter().map(String::as_str).collect();
            options = options.missing_words(&words);
        }
        match self.latin1 {
            true => options.encoding(Encoding::Latin1),
            false => options,
        }
    }

    /// An error if an option is given: these are of tables.
    pub(crate) fn refuse_for_images(&self) -> Result<(), Failure> {
        let given = [
            ("delimiter", self.delimiter.is_some()),
            ("decimal", self.decimal.is_some()),
            ("thousands", self.thousands.is_some()),
            ("header", self.header.is_some()),
            ("missing-words", !self.missing_words.is_empty()),
            ("latin1", self.latin1),
        ];
        refuse(&given, "an option of tables, and the data are images")
    }

    /// Those of this command line, or else those of a file.
    pub(crate) fn or(self, file: Self) -> Self {
        Self {
            delimiter: self.delimiter.or(file.delimiter),
            decimal: self.decimal.or(file.decimal),
            thousands: self.thousands.or(file.thousands),
            header: self.header.or(file.header),
            missing_words: or(self.missing_words, file.missing_words),
            latin1: self.latin1 || file.latin1,
        }
    }

    /// The whole table.
    pub(crate) fn table(
        &self,
        name: &str,
        options: CsvOptions,
        console: &Console,
    ) -> Result<Table, Failure> {
        let options = self.apply(options);
        let table = match embedded(name) {
            Some(name) => Table::embedded(name)?,
            None if name == "-" => Table::parse(io::stdin(), &options)?,
            None => Table::read_with(name, &options)?,
        };
        for note in table.notes() {
            console.detail(|| note.clone());
        }
        Ok(table)
    }

    /// The columns that a model knows, in chunks, without the memory of the whole table. A row that cannot be read is an
    /// error, or with `keep_refused` a row of its chunk.
    pub(crate) fn chunks(
        &self,
        name: &str,
        model: &FittedDensity,
        keep_refused: bool,
    ) -> Result<Chunks, Failure> {
        self.chunks_with(name, model, None, keep_refused)
    }

    /// The columns that a model knows, and one more of the table.
    pub(crate) fn chunks_with(
        &self,
        name: &str,
        model: &FittedDensity,
        column: Option<&str>,
        keep_refused: bool,
    ) -> Result<Chunks, Failure> {
        let columns = model.columns().iter().map(|known| known.name.as_str());
        let mut columns: Vec<&str> = columns.collect();
        columns.extend(column.filter(|column| !columns.contains(column)));
        let options = model.csv_options().columns(Columns::named(&columns));
        self.read_chunks(name, options, keep_refused)
    }

    /// The columns that a model knows and, where the table has it, that of the weights of its rows, in chunks.
    pub(crate) fn weighted_chunks(
        &self,
        name: &str,
        model: &FittedDensity,
    ) -> Result<Chunks, Failure> {
        let Some(weights) = model.weights() else {
            return self.chunks(name, model, false);
        };
        let options = model.csv_options();
        if name == "-" {
            // Its header cannot be looked at first.
            return self.read_chunks(name, options, false);
        }
        let has = match embedded(name) {
            Some(_) => true,
            None => {
                let reader = TableReader::open(name, &self.apply(options.clone()))?;
                reader.types().iter().any(|(column, _)| *column == weights)
            }
        };
        self.chunks_with(name, model, has.then_some(weights), false)
    }

    /// All columns of a table, in chunks.
    pub(crate) fn all_chunks(&self, name: &str, keep_refused: bool) -> Result<Chunks, Failure> {
        self.read_chunks(name, CsvOptions::new(), keep_refused)
    }

    /// Chunks of a table that is read with these options, where those of the command line leave anything open.
    pub(crate) fn read_chunks(
        &self,
        name: &str,
        options: CsvOptions,
        keep_refused: bool,
    ) -> Result<Chunks, Failure> {
        let options = self.apply(options);
        Ok(match embedded(name) {
            Some(name) => Chunks::new(Source::Whole(Table::embedded(name)?, 0)),
            None => {
                let reader = match name {
                    "-" => TableReader::new(io::stdin(), &options)?,
                    _ => TableReader::open(name, &options)?,
                };
                Chunks::new(Source::Read(Box::new(reader.keep_refused(keep_refused))))
            }
        })
    }
}

/// The name of a table inside the program.
fn embedded(name: &str) -> Option<&str> {
    name.strip_prefix('@')
}
