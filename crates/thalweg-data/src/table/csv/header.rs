//! What the columns of a file are called.

use std::borrow::Cow;
use std::path::Path;

use super::number::is_value;
use super::options::CsvOptions;
use crate::DataError;

/// The first record of a file and the line it stands in.
pub(super) struct First<'a> {
    pub(super) path: &'a Path,
    pub(super) line: usize,
    pub(super) fields: Vec<Cow<'a, str>>,
}

/// Names that programs give to a column of row numbers, where it does hold row numbers.
const INDEX_NAMES: [&str; 5] = ["index", "X", "rowname", "rownames", "row.names"];

/// Whether a column without a name of its own was made by a program: pandas, or R's readr.
pub(super) fn is_unnamed(name: &str) -> bool {
    name.is_empty() || name.starts_with("Unnamed: ") || name.starts_with("...")
}

/// Whether a column holds 0, 1, 2, … or 1, 2, 3, … under a name of row numbers.
pub(super) fn is_index(name: &str, values: impl Iterator<Item = f64>) -> bool {
    let counts = |(row, value): (usize, f64)| value - row as f64;
    INDEX_NAMES.contains(&name) && {
        let mut offsets = values.enumerate().map(counts);
        let first = offsets.next().unwrap_or(2.0);
        (first == 0.0 || first == 1.0) && offsets.all(|offset| offset == first)
    }
}

impl First<'_> {
    /// The file's own delimiter is another one, if all of this is one field.
    pub(super) fn check_delimiter(
        &self,
        delimiter: char,
        options: &CsvOptions,
    ) -> Result<(), DataError> {
        let [field] = self.fields.as_slice() else {
            return Ok(());
        };
        let other = [';', '\t', '|', ',']
            .into_iter()
            .find(|&mark| field.contains(mark));
        match other {
            Some(other) if options.header != Some(true) && other != delimiter => {
                Err(DataError::Delimiter {
                    path: self.path.to_path_buf(),
                    line: self.line,
                    text: cut(field),
                    delimiter,
                    other,
                })
            }
            _ => Ok(()),
        }
    }

    /// Whether this record is a header: as the options say, or because nothing else can be meant.
    pub(super) fn is_header(&self, options: &CsvOptions) -> Result<bool, DataError> {
        if let Some(header) = options.header {
            return Ok(header);
        }
        if options.names.is_some() {
            return Ok(false);
        }
        let first = self.fields.first().map_or("", |field| field);
        if first.starts_with(['#', '%']) && options.comment.is_none() {
            let mark: String = first.chars().take(1).collect();
            return Err(self.refused(format!(
                "it begins with {mark}: give comment('{mark}') if it is a comment, \
                 header(true) if it holds the columns' names"
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
    pub(super) fn names(
        &self,
        has_header: bool,
        width: usize,
        options: &CsvOptions,
    ) -> Result<Vec<String>, DataError> {
        if let Some(names) = &options.names {
            if names.len() != width {
                return Err(self.refused(format!(
                    "names has {} for {width} columns; give one for each{}",
                    names.len(),
                    match options.index_column {
                        true => " but the index",
                        false => "",
                    }
                )));
            }
            return Ok(names.clone());
        }
        if !has_header {
            return Ok((1..=width).map(|i| format!("column_{i}")).collect());
        }
        let fields = self.fields[self.fields.len() - width..].iter();
        Ok(fields.map(ToString::to_string).collect())
    }

    pub(super) fn refused(&self, what: String) -> DataError {
        let line: Vec<String> = self.fields.iter().take(6).map(|field| cut(field)).collect();
        let more = if self.fields.len() > 6 { ", …" } else { "" };
        DataError::Header {
            path: self.path.to_path_buf(),
            line: self.line,
            text: line.join(", ") + more,
            what,
        }
    }
}

/// A field that is short enough for a message.
pub(super) fn cut(field: &str) -> String {
    field.chars().take(64).collect()
}
