//! Where scores go.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use thalweg::data::{Column, DataError, Table, TableWriter};
use thalweg::tabular::rounded;
use thalweg_file::Pending;

use super::scored::{Columns, Scored};
use crate::failure::Failure;

/// The format of scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// CSV and Parquet.
    Table,
    JsonLines,
}

impl Format {
    /// By the name of the file; on the standard output CSV, or JSON lines.
    pub(super) fn of(output: Option<&Path>, json: bool) -> Self {
        match output.map(|path| path.extension().unwrap_or_default()) {
            None if json => Self::JsonLines,
            Some(extension) if extension == "jsonl" => Self::JsonLines,
            _ => Self::Table,
        }
    }
}

/// What is written of each row.
pub(super) trait Lines: Copy + Send + Sync {
    /// The scores of a row.
    type Row;

    /// Which row it is and why it has no scores.
    fn problem(row: &Self::Row) -> Option<(String, &str)>;

    /// Rows as a table.
    fn table(&self, rows: &[Self::Row]) -> Result<Table, Failure>;

    /// A row as an object.
    fn object(&self, row: &Self::Row) -> Value;

    /// Rows in a format.
    fn piece(&self, rows: &[Self::Row], format: Format) -> Result<Piece, Failure> {
        Ok(match format {
            Format::Table => Piece::Table(self.table(rows)?),
            Format::JsonLines => {
                let line = |row| format!("{}\n", self.object(row));
                Piece::Lines(rows.iter().map(line).collect())
            }
        })
    }
}

/// Writes scores, part by part; a file appears whole or not at all.
pub(super) struct Sink {
    to: To,
}

/// Scores in the form in which they are written: a worker makes it, which leaves little to the thread that writes.
pub(super) enum Piece {
    Table(Table),
    Lines(String),
}

enum To {
    Table(Box<TableWriter>),
    Lines(Box<dyn Write>, Option<(Pending, PathBuf)>),
}

impl Sink {
    pub(super) fn new(
        output: Option<&Path>,
        format: Format,
        columns: impl Lines,
    ) -> Result<Self, Failure> {
        let to = match (format, output) {
            (Format::Table, None) => To::Table(Box::new(TableWriter::csv(io::stdout()))),
            (Format::Table, Some(path)) => To::Table(Box::new(TableWriter::create(path)?)),
            (Format::JsonLines, None) => To::Lines(Box::new(BufWriter::new(io::stdout())), None),
            (Format::JsonLines, Some(path)) => {
                let failed = |problem| at(path, problem);
                let pending = Pending::new(path).map_err(failed)?;
                let file = File::create(pending.path()).map_err(failed)?;
                To::Lines(
                    Box::new(BufWriter::new(file)),
                    Some((pending, path.to_owned())),
                )
            }
        };
        let mut sink = Self { to };
        // A header also where no row follows.
        sink.append(columns.piece(&[], format)?)?;
        Ok(sink)
    }

    pub(super) fn append(&mut self, piece: Piece) -> Result<(), Failure> {
        match (&mut self.to, piece) {
            (To::Table(writer), Piece::Table(table)) => Ok(writer.append(&table)?),
            (To::Lines(lines, file), Piece::Lines(text)) => {
                let written = lines
                    .write_all(text.as_bytes())
                    .and_then(|()| lines.flush());
                written.map_err(|problem| match file {
                    Some((_, path)) => at(path, problem),
                    None => Failure::Output(problem),
                })
            }
            _ => unreachable!("a piece has the format of its sink"),
        }
    }

    pub(super) fn finish(self) -> Result<(), Failure> {
        match self.to {
            To::Table(writer) => Ok(writer.finish()?),
            To::Lines(mut lines, file) => {
                lines.flush()?;
                drop(lines);
                match file {
                    Some((pending, path)) => pending.commit().map_err(|problem| at(&path, problem)),
                    None => Ok(()),
                }
            }
        }
    }
}

fn at(path: &Path, problem: io::Error) -> Failure {
    Failure::Io {
        path: path.to_owned(),
        problem,
    }
}

impl Lines for Columns {
    type Row = Scored;

    fn problem(row: &Scored) -> Option<(String, &str)> {
        let problem = row.problem.as_deref()?;
        Some((row.place.to_string(), problem))
    }

    fn table(&self, rows: &[Scored]) -> Result<Table, Failure> {
        let numbers =
            |name: &str, of: &dyn Fn(&Scored) -> Option<f64>| numbers(name, rows.iter().map(of));
        let mut columns = vec![numbers("row", &|row| Some(row.place.row as f64))];
        if self.nats {
            columns.push(numbers("nats", &|row| row.nats));
        }
        if self.anomaly {
            columns.push(numbers("score", &|row| {
                row.anomaly.map(|anomaly| anomaly.score)
            }));
            columns.push(numbers("p_value", &|row| {
                row.anomaly.map(|anomaly| anomaly.p_value)
            }));
        }
        if self.explained {
            columns.push(words("explained", rows.iter().map(explained)));
        }
        columns.push(words("problem", rows.iter().map(|row| row.problem.clone())));
        Ok(Table::new(columns).map_err(DataError::from)?)
    }

    fn object(&self, row: &Scored) -> Value {
        let mut object = Map::new();
        object.insert("row".to_owned(), json!(row.place.row));
        if let Some(line) = row.place.line {
            object.insert("line".to_owned(), json!(line));
        }
        if self.nats {
            object.insert("nats".to_owned(), number(row.nats));
        }
        if self.anomaly {
            let anomaly = row.anomaly;
            object.insert(
                "score".to_owned(),
                number(anomaly.map(|anomaly| anomaly.score)),
            );
            object.insert(
                "p_value".to_owned(),
                number(anomaly.map(|anomaly| anomaly.p_value)),
            );
        }
        if self.explained {
            let part = |part: &thalweg::tabular::Contribution| json!({ "column": part.column, "nats": number(Some(part.nats)) });
            object.insert(
                "explained".to_owned(),
                row.explained.iter().map(part).collect(),
            );
        }
        if let Some(problem) = &row.problem {
            object.insert("problem".to_owned(), json!(problem));
        }
        Value::Object(object)
    }
}

/// A column of numbers, rounded.
pub(super) fn numbers(name: &str, numbers: impl Iterator<Item = Option<f64>>) -> Column {
    Column::numbers(name, numbers.map(|x| x.map_or(f64::NAN, rounded)).collect())
}

/// A column of words.
pub(super) fn words(name: &str, words: impl Iterator<Item = Option<String>>) -> Column {
    let mut text = thalweg::data::Text::default();
    words.for_each(|word| text.push(word.as_deref()));
    Column::new(name, thalweg::data::Values::Text(text))
}

/// `humid 3.2; temp 1.1`.
fn explained(row: &Scored) -> Option<String> {
    let parts = row.explained.iter();
    let parts: Vec<String> = parts
        .map(|part| format!("{} {:.2}", part.column, part.nats))
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// JSON has no infinite numbers; a word says them.
pub(super) fn number(x: Option<f64>) -> Value {
    match x.map(rounded) {
        None => Value::Null,
        Some(x) if x.is_finite() => json!(x),
        Some(x) => json!(x.to_string()),
    }
}
