//! The records of a text: lines split into fields.

use std::borrow::Cow;

use super::error::CsvError;
use super::options::CsvOptions;

/// Splits a text into records.
///
/// A line ends with `\n`, `\r\n` or `\r`. Blank lines and comments are skipped.
pub(super) struct Records<'a> {
    text: &'a str,
    at: usize,
    /// The separator of fields.
    pub(super) delimiter: char,
    quote: Option<char>,
    comment: Option<char>,
}

impl<'a> Records<'a> {
    pub(super) fn new(text: &'a str, options: &CsvOptions) -> Self {
        let mut records = Self {
            text,
            at: 0,
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

    /// Reads the fields of the next record, without the blanks around them. Returns the offset of
    /// the record in the text.
    pub(super) fn next(
        &mut self,
        fields: &mut Vec<Cow<'a, str>>,
    ) -> Result<Option<usize>, CsvError> {
        fields.clear();
        while self.at < self.text.len() && self.is_skipped(self.line()) {
            self.skip_line();
        }
        if self.at == self.text.len() {
            return Ok(None);
        }
        let start = self.at;
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
                return Ok(Some(start));
            }
            if self.delimiter != ' ' {
                // `plain` and `quoted` stop at a delimiter or at the end of the line.
                self.at += self.delimiter.len_utf8();
            }
        }
    }

    /// The number of the line at an offset.
    pub(super) fn line_at(&self, offset: usize) -> usize {
        line_of(&self.text[..offset])
    }

    /// Skips the line `sep=;`, by which Excel declares its delimiter.
    fn read_declaration(&mut self, adopt: bool) {
        let mut declared = self.line().strip_prefix("sep=").unwrap_or("").chars();
        if let (Some(delimiter), None) = (declared.next(), declared.next()) {
            self.skip_line();
            if adopt {
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
        self.at += match self.rest().as_bytes() {
            [b'\r', b'\n', ..] => 2,
            [_, ..] => 1,
            [] => 0,
        };
    }

    fn is_skipped(&self, line: &str) -> bool {
        let begun = line.trim_start_matches(|c| self.is_blank(c));
        begun.is_empty() || self.comment.is_some_and(|mark| begun.starts_with(mark))
    }

    /// Whether a character is a blank: one around a field, or one of a run that separates fields.
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
        let end = match self.delimiter {
            ' ' => line.find(|c| self.is_blank(c)),
            mark => line.find(mark),
        };
        let field = &line[..end.unwrap_or(line.len())];
        self.at += field.len();
        Cow::Borrowed(field.trim())
    }

    /// A field in quotes; two quotes inside it are one.
    fn quoted(&mut self, quote: char) -> Result<Cow<'a, str>, CsvError> {
        let start = self.at;
        let mut field = String::new();
        loop {
            self.at += quote.len_utf8();
            let rest = self.rest();
            let Some(end) = rest.find(quote) else {
                let problem = format!(
                    "the quote {quote} that opens here has no closing one before the end of the \
                     file; add it, or give quote(None) if quotes are text"
                );
                return Err(self.refused(start, problem));
            };
            field.push_str(&rest[..end]);
            self.at += end + quote.len_utf8();
            if !self.rest().starts_with(quote) {
                break;
            }
            field.push(quote);
        }
        let closed = self.at;
        self.skip_blanks();
        let separated = self.delimiter == ' ' && self.at > closed;
        if separated || self.ends_line() || self.rest().starts_with(self.delimiter) {
            return Ok(Cow::Owned(field.trim().to_string()));
        }
        let after: String = self.line().chars().take(16).collect();
        let problem = format!(
            "after the closing quote {quote} comes \"{after}\"; write a quote inside a field \
             twice, or give quote(None) if quotes are text"
        );
        Err(self.refused(self.at, problem))
    }

    fn refused(&self, offset: usize, problem: String) -> CsvError {
        CsvError::Line {
            line: self.line_at(offset),
            problem,
        }
    }
}

/// The number of the line that continues after a text.
pub(super) fn line_of(text: &str) -> usize {
    1 + text.matches(['\n', '\r']).count() - text.matches("\r\n").count()
}
