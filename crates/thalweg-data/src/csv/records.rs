//! The records of a text: lines split into fields.
//!
//! The crate `csv` reads an unclosed quote or text after a closing one without an error, and so hides rows. It
//! also knows no runs of blanks, no blanks around quotes, and no delimiters beyond ASCII.

use std::io::BufRead;

use super::error::{CsvError, ReadError};
use super::lines::{Lines, MAX_RECORD};
use super::options::CsvOptions;
use super::record::Record;

/// Splits a text in UTF-8 into records.
///
/// A line ends with `\n`, `\r\n` or `\r`. Blank lines and comments are skipped.
pub(crate) struct Records<R> {
    lines: Lines<R>,
    /// The lines of the current record.
    text: String,
    bytes: Vec<u8>,
    /// A line that was read and belongs to the next record.
    kept: bool,
    marks: Marks,
}

/// The characters that have a meaning.
#[derive(Clone, Copy)]
struct Marks {
    delimiter: char,
    quote: Option<char>,
    comment: Option<char>,
}

impl<R: BufRead> Records<R> {
    pub(crate) fn new(source: R, options: &CsvOptions) -> Result<Self, ReadError> {
        let mut records = Self {
            lines: Lines::new(source),
            text: String::new(),
            bytes: Vec::new(),
            kept: false,
            marks: Marks {
                delimiter: options.delimiter.unwrap_or(','),
                quote: options.quote_char(),
                comment: options.comment,
            },
        };
        records.kept = records.add_line()?;
        if let Some(delimiter) = declared(&records.text) {
            records.kept = false;
            if options.delimiter.is_none() {
                records.marks.delimiter = delimiter;
            }
        }
        for _ in 0..options.skip_rows {
            records.advance()?;
            records.kept = false;
        }
        Ok(records)
    }

    /// The separator of fields.
    pub(crate) fn delimiter(&self) -> char {
        self.marks.delimiter
    }

    /// Reads the fields of the next record, without the blanks around them; a field in quotes keeps those
    /// inside. False after the last record.
    pub(crate) fn next(&mut self, record: &mut Record) -> Result<bool, ReadError> {
        loop {
            if !self.advance()? {
                return Ok(false);
            }
            self.kept = false;
            if !self.marks.skips(&self.text) {
                break;
            }
        }
        record.clear(self.lines.count);
        let quotes = |quote: char| self.text.contains(quote);
        if self.marks.quote.is_some_and(quotes) {
            return self.split_quoted(record).map(|()| true);
        }
        self.marks.split(&self.text, record);
        Ok(true)
    }

    /// Makes the next line the text of the record. False after the last line.
    fn advance(&mut self) -> Result<bool, ReadError> {
        if self.kept {
            return Ok(true);
        }
        self.text.clear();
        self.add_line()
    }

    /// Adds the next line to the text of the record.
    fn add_line(&mut self) -> Result<bool, ReadError> {
        self.bytes.clear();
        if !self.lines.next(&mut self.bytes)? {
            return Ok(false);
        }
        let line = self.lines.count;
        let text = str::from_utf8(&self.bytes).map_err(|error| {
            let byte = self.bytes[error.valid_up_to()];
            refused(
                line,
                format!(
                    "the byte {byte:02x} is not UTF-8; give encoding(Encoding::Latin1) if the file was \
                     saved by Excel or in Latin-1, or save it in UTF-8"
                ),
            )
        })?;
        if self.text.len() + text.len() > MAX_RECORD {
            let problem = format!(
                "the record here has more than {} MiB; give quote(None) if quotes are text, and check \
                 that the file has line ends",
                MAX_RECORD >> 20
            );
            return Err(refused(line, problem).into());
        }
        self.text.push_str(text);
        Ok(true)
    }

    /// The fields of a record with quotes, which may continue on the next lines.
    fn split_quoted(&mut self, record: &mut Record) -> Result<(), ReadError> {
        let mut at = 0;
        let mut field = String::new();
        loop {
            at += self.marks.blanks(&self.text[at..]);
            let quoted = self.marks.quote.filter(|&q| self.text[at..].starts_with(q));
            match quoted {
                Some(quote) => {
                    field.clear();
                    at = self.quoted(quote, at, &mut field)?;
                    record.push(&field, true);
                }
                None => {
                    let rest = &self.text[at..];
                    let plain = &rest[..self.marks.end(rest)];
                    record.push(plain.trim(), false);
                    at += plain.len();
                }
            }
            at += self.marks.blanks(&self.text[at..]);
            if at == self.text.len() {
                return Ok(());
            }
            if self.marks.delimiter != ' ' {
                // Both kinds of fields stop at a delimiter or at the end of the line.
                at += self.marks.delimiter.len_utf8();
            }
        }
    }

    /// Reads a field in quotes, where two quotes are one. Returns the place after it.
    fn quoted(&mut self, quote: char, at: usize, field: &mut String) -> Result<usize, ReadError> {
        let line = self.lines.count;
        let mut at = at;
        loop {
            at += quote.len_utf8();
            let end = loop {
                if let Some(end) = self.text[at..].find(quote) {
                    break end;
                }
                let end = self.lines.end;
                self.text.push_str(end);
                if end.is_empty() || !self.add_line()? {
                    let problem = format!(
                        "the quote {quote} that opens here has no closing one before the end of the \
                         file; add it, or give quote(None) if quotes are text"
                    );
                    return Err(refused(line, problem).into());
                }
            };
            field.push_str(&self.text[at..at + end]);
            at += end + quote.len_utf8();
            if !self.text[at..].starts_with(quote) {
                break;
            }
            field.push(quote);
        }
        let rest = &self.text[at..];
        let blanks = self.marks.blanks(rest);
        let after = &rest[blanks..];
        let separated = self.marks.delimiter == ' ' && blanks > 0;
        if separated || after.is_empty() || after.starts_with(self.marks.delimiter) {
            return Ok(at);
        }
        let after: String = after.chars().take(16).collect();
        let problem = format!(
            "after the closing quote {quote} comes \"{after}\"; write a quote inside a field twice, or \
             give quote(None) if quotes are text"
        );
        Err(refused(self.lines.count, problem).into())
    }
}

impl Marks {
    /// The fields of a line without quotes.
    fn split(&self, line: &str, record: &mut Record) {
        if self.delimiter == ' ' {
            let blank = |c| self.is_blank(c);
            for field in line.split(blank).filter(|field| !field.is_empty()) {
                record.push(field, false);
            }
            return;
        }
        for field in line.split(self.delimiter) {
            record.push(field.trim(), false);
        }
    }

    /// Whether a line holds no record.
    fn skips(&self, line: &str) -> bool {
        let begun = &line[self.blanks(line)..];
        begun.is_empty() || self.comment.is_some_and(|mark| begun.starts_with(mark))
    }

    /// The length of the field that begins a text.
    fn end(&self, text: &str) -> usize {
        let end = match self.delimiter {
            ' ' => text.find(|c| self.is_blank(c)),
            mark => text.find(mark),
        };
        end.unwrap_or(text.len())
    }

    /// The length of the blanks that begin a text.
    fn blanks(&self, text: &str) -> usize {
        text.len() - text.trim_start_matches(|c| self.is_blank(c)).len()
    }

    /// Whether a character is a blank: one around a field, or one of a run that separates fields.
    fn is_blank(&self, c: char) -> bool {
        c.is_whitespace() && (c != self.delimiter || c == ' ')
    }
}

/// The delimiter that Excel declares by the line `sep=;`.
fn declared(line: &str) -> Option<char> {
    let mut declared = line.strip_prefix("sep=")?.chars();
    declared.next().filter(|_| declared.next().is_none())
}

fn refused(line: u64, problem: String) -> CsvError {
    CsvError::Line { line, problem }
}
