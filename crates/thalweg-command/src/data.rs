//! Tables that a command reads.

use std::io;
use std::str::FromStr;

use clap::Args;
use serde::Deserialize;
use thalweg::data::{Columns, CsvOptions, DataError, Encoding, Place, Table, TableReader};

use thalweg::tabular::FittedDensity;

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

/// The name of a table inside the program.
fn embedded(name: &str) -> Option<&str> {
    name.strip_prefix('@')
}

/// The rows of the first chunk: few, so that the first scores come at once.
const FIRST: usize = 64;
/// The rows of the largest chunk: few enough for the cache of a core.
const LARGEST: usize = 4096;

/// A table in chunks, each twice as long as the one before up to a length.
pub(crate) struct Chunks {
    source: Source,
    rows: usize,
    most: usize,
}

enum Source {
    Read(Box<TableReader>),
    /// A table in memory, and the rows that are done.
    Whole(Table, usize),
}

/// One part of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    index: usize,
    count: usize,
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/');
        let numbers =
            numbers.and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match numbers {
            Some((index, count)) if (1..=count).contains(&index) => Ok(Self { index, count }),
            _ => Err("a part is I/N with 1 ≤ I ≤ N, such as 1/8".to_owned()),
        }
    }
}

impl Part {
    /// Every `count`-th chunk, from the `index`-th on, and every error: nothing comes after it. Of no part all chunks.
    pub(crate) fn deal<T>(
        part: Option<Self>,
        chunks: impl Iterator<Item = Result<T, Failure>>,
    ) -> impl Iterator<Item = Result<T, Failure>> {
        let Self { index, count } = part.unwrap_or(Self { index: 1, count: 1 });
        let chunks = chunks.enumerate();
        chunks.filter_map(move |(place, chunk)| {
            (chunk.is_err() || place % count == index - 1).then_some(chunk)
        })
    }
}

impl Chunks {
    fn new(source: Source) -> Self {
        Self {
            source,
            rows: FIRST,
            most: LARGEST,
        }
    }

    /// The first `rows` rows that are wanted. Nothing is read after them. `wanted` marks the wanted rows of a chunk.
    pub(crate) fn first(
        self,
        rows: usize,
        wanted: impl Fn(&Table) -> Result<Vec<bool>, Failure>,
    ) -> Result<Table, Failure> {
        let mut found: Option<Table> = None;
        for chunk in self {
            let table = chunk?.table;
            let wanted = wanted(&table)?.into_iter().enumerate();
            let wanted = wanted.filter_map(|(row, wanted)| wanted.then_some(row));
            let left = rows - found.as_ref().map_or(0, Table::rows);
            let some = table.select(&wanted.take(left).collect::<Vec<_>>());
            match &mut found {
                None => found = Some(some),
                Some(found) => found.append(&some).map_err(DataError::from)?,
            }
            if found.as_ref().map_or(0, Table::rows) >= rows {
                break;
            }
        }
        found.ok_or_else(|| Failure::Usage("the table has no rows".to_owned()))
    }

    /// The rows of a part of a file that says how many rows it has, and no part; or all rows, and the part as it is, to
    /// [deal](Part::deal) their chunks.
    pub(crate) fn of_part(mut self, part: Option<Part>) -> (Self, Option<Part>) {
        let kept = match (&mut self.source, part) {
            (Source::Read(reader), Some(part)) => reader.keep_part(part.index, part.count),
            _ => false,
        };
        (self, part.filter(|_| !kept))
    }

    /// The same in chunks of `rows` rows.
    pub(crate) fn of_rows(self, rows: usize) -> Self {
        Self {
            rows,
            most: rows,
            ..self
        }
    }
}

/// Rows of a table in order: the place of each, and its index in the chunk's table or the reason why it is not there.
pub(crate) struct Rows {
    pub(crate) table: Table,
    pub(crate) rows: Vec<(Place, Result<usize, String>)>,
}

impl Rows {
    /// The place of each row of the table.
    pub(crate) fn places(&self) -> Vec<Place> {
        let rows = self.rows.iter();
        let sound = rows.filter_map(|(place, row)| row.is_ok().then_some(*place));
        sound.collect()
    }
}

impl Iterator for Chunks {
    type Item = Result<Rows, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        let rows = self.rows;
        self.rows = self.most.min(2 * rows);
        match &mut self.source {
            Source::Read(reader) => {
                reader.set_chunk_rows(rows);
                let chunk = match reader.next()? {
                    Ok(chunk) => chunk,
                    Err(error) => return Some(Err(error.into())),
                };
                let rows = chunk.in_order();
                let rows = rows.map(|(place, row)| (place, row.map_err(ToString::to_string)));
                let rows = rows.collect();
                Some(Ok(Rows {
                    table: chunk.table,
                    rows,
                }))
            }
            Source::Whole(table, done) => {
                let here: Vec<usize> = (*done..table.rows().min(*done + rows)).collect();
                *done += here.len();
                let row = |(index, row): (usize, &usize)| {
                    let row = *row as u64 + 1;
                    (Place { row, line: None }, Ok(index))
                };
                (!here.is_empty()).then(|| {
                    Ok(Rows {
                        rows: here.iter().enumerate().map(row).collect(),
                        table: table.select(&here),
                    })
                })
            }
        }
    }
}
