//! The names of the columns.

use super::error::CsvError;
use super::number::is_value;
use super::options::CsvOptions;
use super::record::Record;
use crate::numeric::columns::Places;

/// The first record of a file, which may be its header.
pub(super) struct FirstRecord<'a> {
    pub(super) options: &'a CsvOptions,
    pub(super) line: u64,
    pub(super) fields: Vec<String>,
}

/// Names that programs give to a column of row numbers. A column with such a name is refused only
/// if it does hold row numbers.
const INDEX_NAMES: [&str; 5] = ["index", "X", "rowname", "rownames", "row.names"];

/// Whether a column holds 0, 1, 2, … or 1, 2, 3, … and has a name of row numbers.
pub(crate) fn is_index(name: &str, values: impl Iterator<Item = f64>) -> bool {
    let mut offsets = values.enumerate().map(|(row, value)| value - row as f64);
    INDEX_NAMES.contains(&name)
        && offsets
            .next()
            .is_some_and(|first| [0.0, 1.0].contains(&first) && offsets.all(|next| next == first))
}

impl FirstRecord<'_> {
    /// Refuses a record of one field that holds the delimiter of another dialect.
    pub(super) fn check_delimiter(&self, delimiter: char) -> Result<(), CsvError> {
        let [field] = self.fields.as_slice() else {
            return Ok(());
        };
        let mut marks = [';', '\t', '|', ','].into_iter();
        let other = marks.find(|&mark| field.contains(mark));
        match other {
            Some(other) if self.options.header != Some(true) && other != delimiter => Err(self
                .refused(format!(
                    "it has no {delimiter:?} but {other:?}: give delimiter({other:?}), or \
                     header(true) if the file has this one column"
                ))),
            _ => Ok(()),
        }
    }

    /// Whether this record is a header: by the options, or because it can be nothing else.
    pub(super) fn is_header(&self) -> Result<bool, CsvError> {
        let options = self.options;
        if let Some(header) = options.header {
            return Ok(header);
        }
        if options.names.is_some() {
            return Ok(false);
        }
        let mark = self.fields.first().and_then(|field| field.chars().next());
        if let (Some(mark @ ('#' | '%')), None) = (mark, options.comment) {
            return Err(self.refused(format!(
                "it begins with {mark}: give comment('{mark}') if it is a comment, header(true) if \
                 it holds the columns' names"
            )));
        }
        match self.fields.iter().find(|field| is_value(field, options)) {
            Some(number) => Err(self.refused(format!(
                "\"{}\" in it is a number: give header(false) if the file has no header and this \
                 is a row, or header(true) if these are the columns' names",
                cut(number)
            ))),
            None => Ok(true),
        }
    }

    /// The columns' names, for rows of `width` fields without the index.
    pub(super) fn names(&self, has_header: bool, width: usize) -> Result<Vec<String>, CsvError> {
        match &self.options.names {
            Some(names) if names.len() == width => Ok(names.clone()),
            Some(names) => Err(self.refused(format!(
                "names has {} for {width} columns; give one for each{}",
                names.len(),
                match self.options.index_column {
                    true => " but the index",
                    false => "",
                }
            ))),
            None if has_header => {
                let fields = self.fields[self.fields.len() - width..].iter();
                Ok(fields.map(ToString::to_string).collect())
            }
            None => Ok((1..=width).map(|i| format!("column_{i}")).collect()),
        }
    }

    /// Refuses columns to read that have no name or the name of another column.
    pub(super) fn check_names(&self, places: &Places, names: &[String]) -> Result<(), CsvError> {
        for &place in places.numbers.iter().chain(&places.label) {
            let name = &names[place];
            // Pandas writes "Unnamed: 0", and R's readr "...1".
            let unnamed =
                name.is_empty() || name.starts_with("Unnamed: ") || name.starts_with("...");
            if unnamed && places.all {
                return Err(self.unnamed(place));
            }
            let mut others = (0..names.len()).filter(|&other| other != place);
            if let Some(other) = others.find(|&other| names[other] == *name) {
                let (one, two) = (place.min(other) + 1, place.max(other) + 1);
                return Err(self.refused(format!(
                    "columns {one} and {two} are both called \"{name}\": give your own names with \
                     names(&[..]) and header(true)"
                )));
            }
        }
        match places.numbers.is_empty() {
            true => Err(CsvError::Empty("no column of numbers; name at least one")),
            false => Ok(()),
        }
    }

    /// The error of a column without a name.
    pub(super) fn unnamed(&self, place: usize) -> CsvError {
        self.refused(match place {
            0 => {
                "its first column has no name, like the row numbers that pandas and R write: give \
                  index_column(true) to leave it out, or your own names with names(&[..]) and \
                  header(true)"
                    .to_string()
            }
            _ => format!(
                "column {} has no name: give your own names with names(&[..]) and header(true), or \
                 choose the columns with Columns::named",
                place + 1
            ),
        })
    }

    /// An error of this line, whose fields it quotes.
    pub(super) fn refused(&self, problem: String) -> CsvError {
        let fields: Vec<String> = self.fields.iter().take(6).map(|field| cut(field)).collect();
        let more = if self.fields.len() > 6 { ", …" } else { "" };
        CsvError::Line {
            line: self.line,
            problem: format!(
                "{problem} (CsvOptions; the line is \"{}{more}\")",
                fields.join(", ")
            ),
        }
    }
}

/// The beginning of a field, short enough for a message.
pub(crate) fn cut(field: &str) -> String {
    field.chars().take(64).collect()
}

/// The error of a row with another number of fields than the others.
///
/// `header` is the number of fields of the header, if there is one, and `title` says whether the first record
/// has one field only.
pub(crate) fn ragged(
    row: u64,
    fields: &Record,
    expected: usize,
    header: Option<usize>,
    title: bool,
) -> CsvError {
    let found = fields.len();
    let advice = if row == 1 && header.is_some_and(|width| found == width + 1) {
        if title {
            "give decimal(',') and delimiter(';') if the comma is a decimal comma, skip_rows(1) if that \
             line is a title, index_column(true) if each row begins with its number"
        } else if fields.get(found - 1).is_empty() {
            "give names(&[..]) with one more name and header(true) if each row ends with a delimiter, \
             index_column(true) if each row begins with its number or name"
        } else {
            "give index_column(true) if each row begins with its number or name, as R writes it; quote a \
             field that holds the delimiter"
        }
    } else if row == 1 && title {
        "give skip_rows(1) if that line is a title above the names"
    } else if fields.get(0).starts_with(['#', '%', '!']) {
        "give comment('#'), or the mark it begins with, if the line is a comment"
    } else {
        "complete the row or remove it; quote a field that holds the delimiter"
    };
    CsvError::Ragged {
        line: fields.line(),
        row,
        expected,
        found,
        advice,
    }
}
