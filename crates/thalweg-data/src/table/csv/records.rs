//! The records of a text: lines cut into fields.

use std::borrow::Cow;
use std::path::Path;

use super::options::CsvOptions;
use crate::DataError;

/// Walks over the records of a text, and knows in which line each begins.
///
/// A line ends with `\n`, `\r\n` or `\r`. Lines of blanks and comments are passed over.
pub(super) struct Records<'a> {
    path: &'a Path,
    text: &'a str,
    at: usize,
    /// Lines that have ended before `at`.
    lines: usize,
    /// Records that have been read.
    count: usize,
    delimiter: char,
    quote: Option<char>,
    comment: Option<char>,
}

impl<'a> Records<'a> {
    pub(super) fn new(path: &'a Path, text: &'a str, options: &CsvOptions) -> Self {
        let mut records = Self {
            path,
            text,
            at: 0,
            lines: 0,
            count: 0,
            delimiter: options.delimiter.unwrap_or(','),
            quote: options.quote_char(),
            comment: options.comment,
        };
        records.read_declaration(options.delimiter.is_none());
        for _ in 0..options.skip_rows {
            records.skip_line();
        }
        records
    }

    /// What separates fields.
    pub(super) fn delimiter(&self) -> char {
        self.delimiter
    }

    /// The fields of the next record, without the blanks around them, and the line it begins in.
    pub(super) fn next(
        &mut self,
        fields: &mut Vec<Cow<'a, str>>,
    ) -> Result<Option<usize>, DataError> {
        fields.clear();
        while self.at < self.text.len() && self.is_passed_over(self.line()) {
            self.skip_line();
        }
        if self.at == self.text.len() {
            return Ok(None);
        }
        let line = self.lines + 1;
        loop {
            self.skip_blanks();
            let field = match self.quote.filter(|&quote| self.rest().starts_with(quote)) {
                Some(quote) => self.quoted(quote)?,
                None => self.plain(),
            };
            fields.push(field);
            self.skip_blanks();
            if self.ends_line() {
                self.skip_line();
                break;
            }
            if !self.blank_delimiter() {
                // `plain` and `quoted` end at a delimiter or at the end of the line.
                self.at += self.delimiter.len_utf8();
            }
        }
        self.count += 1;
        Ok(Some(line))
    }

    /// The line `sep=;` by which Excel says its delimiter.
    fn read_declaration(&mut self, heed: bool) {
        let mut said = self.line().strip_prefix("sep=").unwrap_or("").chars();
        if let (Some(delimiter), None) = (said.next(), said.next()) {
            self.skip_line();
            if heed {
                self.delimiter = delimiter;
            }
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The rest of the line, without its end.
    fn line(&self) -> &'a str {
        let rest = self.rest();
        &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())]
    }

    fn skip_line(&mut self) {
        self.at += self.line().len();
        let end = match self.rest().as_bytes() {
            [b'\r', b'\n', ..] => 2,
            [_, ..] => 1,
            [] => 0,
        };
        self.at += end;
        self.lines += usize::from(end > 0);
    }

    fn is_passed_over(&self, line: &str) -> bool {
        let begun = line.trim_start_matches(|c| self.is_blank(c));
        begun.is_empty() || self.comment.is_some_and(|mark| begun.starts_with(mark))
    }

    fn blank_delimiter(&self) -> bool {
        self.delimiter == ' '
    }

    /// Whether a character is a blank that separates nothing, or one of a run that does.
    fn is_blank(&self, c: char) -> bool {
        c.is_whitespace() && !matches!(c, '\n' | '\r') && (c != self.delimiter || c == ' ')
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(|c| self.is_blank(c)).len();
    }

    fn ends_line(&self) -> bool {
        matches!(self.rest().as_bytes(), [] | [b'\n' | b'\r', ..])
    }

    fn plain(&mut self) -> Cow<'a, str> {
        let line = self.line();
        let end = match self.blank_delimiter() {
            true => line.find(|c| self.is_blank(c)),
            false => line.find(self.delimiter),
        };
        let field = &line[..end.unwrap_or(line.len())];
        self.at += field.len();
        Cow::Borrowed(field.trim())
    }

    /// A field in quotes, in which two of them stand for one.
    fn quoted(&mut self, quote: char) -> Result<Cow<'a, str>, DataError> {
        let opened = self.lines + 1;
        self.at += quote.len_utf8();
        let mut field = String::new();
        loop {
            let rest = self.rest();
            let Some(end) = rest.find(quote) else {
                let what = format!(
                    "the quote {quote} that is opened here is not closed before the end of the \
                     file; close it, or give quote(None) if quotes are text"
                );
                return Err(self.refused(opened, what));
            };
            field.push_str(&rest[..end]);
            self.lines += line_ends(&rest[..end]);
            self.at += end + quote.len_utf8();
            if !self.rest().starts_with(quote) {
                break;
            }
            field.push(quote);
            self.at += quote.len_utf8();
        }
        let closed = self.at;
        self.skip_blanks();
        let separated = self.blank_delimiter() && self.at > closed;
        if separated || self.ends_line() || self.rest().starts_with(self.delimiter) {
            return Ok(Cow::Owned(field.trim().to_string()));
        }
        let after: String = self.line().chars().take(16).collect();
        let what = format!(
            "after the closing quote {quote} comes \"{after}\"; write a quote inside a field \
             twice, or give quote(None) if quotes are text"
        );
        Err(self.refused(self.lines + 1, what))
    }

    fn refused(&self, line: usize, what: String) -> DataError {
        DataError::Csv {
            path: self.path.to_path_buf(),
            line,
            row: self.count,
            what,
        }
    }
}

/// How many lines end in a text.
pub(super) fn line_ends(text: &str) -> usize {
    let bytes = text.as_bytes();
    let ends = |i: &usize| match bytes[*i] {
        b'\n' => true,
        b'\r' => bytes.get(i + 1) != Some(&b'\n'),
        _ => false,
    };
    (0..bytes.len()).filter(ends).count()
}
