//! Which dialect of CSV a file is written in.

use std::io::Read;
use std::path::Path;

use super::text::Encoding;
use super::{rows, text};
use crate::{Columns, DataError, Table, read};

/// How to read a CSV file that another program has written.
///
/// The defaults read what most programs write: names in the first line, commas, decimal points,
/// UTF-8. No dialect is guessed: a file that the options do not fit is refused, and the error names
/// the option to give. Only what a file says of itself is taken from it: a byte order mark, gzip,
/// the line `sep=;` of Excel, an empty last column that a delimiter at the end of each line makes.
///
/// | pandas | here |
/// |---|---|
/// | `sep=";"`, `sep=r"\s+"` | [`delimiter`](Self::delimiter)`(';')`, `delimiter(' ')` |
/// | `decimal=","`, `thousands="."` | [`decimal`](Self::decimal)`(',')`, [`thousands`](Self::thousands)`('.')` |
/// | `header=None`, `names=[..]` | [`header`](Self::header)`(false)`, [`names`](Self::names)`(&[..])` |
/// | `index_col=0` | [`index_column`](Self::index_column)`(true)` |
/// | `usecols=[..]` | [`columns`](Self::columns)`(Columns::named(&[..]))` |
/// | `skiprows=2`, `skiprows=[1]` | [`skip_rows`](Self::skip_rows)`(2)`, [`skip_rows_after_header`](Self::skip_rows_after_header)`(1)` |
/// | `comment="#"`, `quotechar="'"` | [`comment`](Self::comment)`('#')`, [`quote`](Self::quote)`('\'')` |
/// | `na_values=["-999"]`, `.dropna()` | [`missing_words`](Self::missing_words)`(&["-999"])`, [`drop_missing`](Self::drop_missing)`(true)` |
/// | `encoding="latin-1"` | [`encoding`](Self::encoding)`(Encoding::Latin1)` |
///
/// ```no_run
/// use thalweg_data::{Columns, CsvOptions};
///
/// let table = CsvOptions::new()
///     .delimiter(';')
///     .decimal(',')
///     .columns(Columns::all().without(&["station"]))
///     .read("weather.csv".as_ref())?;
/// # Ok::<(), thalweg_data::DataError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CsvOptions {
    pub(super) columns: Columns,
    pub(super) delimiter: Option<char>,
    pub(super) decimal: Option<char>,
    pub(super) thousands: Option<char>,
    pub(super) quote: Option<Option<char>>,
    pub(super) comment: Option<char>,
    pub(super) header: Option<bool>,
    pub(super) names: Option<Vec<String>>,
    pub(super) skip_rows: usize,
    pub(super) skip_rows_after_header: usize,
    pub(super) index_column: bool,
    pub(super) missing_words: Vec<String>,
    pub(super) drop_missing: bool,
    pub(super) encoding: Encoding,
}

impl CsvOptions {
    /// Commas, decimal points, names in the first line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Which columns to read; by default all, as numbers.
    pub fn columns(mut self, columns: Columns) -> Self {
        self.columns = columns;
        self
    }

    /// What separates fields, `,` by default; a blank stands for any run of blanks and tabs.
    pub fn delimiter(mut self, delimiter: char) -> Self {
        self.delimiter = Some(delimiter);
        self
    }

    /// What separates the whole part of a number from its fraction, `.` by default.
    pub fn decimal(mut self, decimal: char) -> Self {
        self.decimal = Some(decimal);
        self
    }

    /// What stands between groups of three digits; none by default.
    pub fn thousands(mut self, thousands: char) -> Self {
        self.thousands = Some(thousands);
        self
    }

    /// What encloses a field that holds delimiters or line ends, `"` by default; `None` for a file
    /// in which quotes are text.
    pub fn quote(mut self, quote: impl Into<Option<char>>) -> Self {
        self.quote = Some(quote.into());
        self
    }

    /// Lines that begin with this are passed over.
    pub fn comment(mut self, comment: char) -> Self {
        self.comment = Some(comment);
        self
    }

    /// Whether the first line holds the columns' names.
    ///
    /// By default it does, and a first line with a number in it is refused, for it may be a row.
    /// Without a header, columns are called `column_1`, `column_2`, … unless
    /// [`names`](Self::names) are given.
    pub fn header(mut self, header: bool) -> Self {
        self.header = Some(header);
        self
    }

    /// The columns' names, one for each. The file has none then, unless
    /// [`header(true)`](Self::header) says that its first line is to be replaced.
    pub fn names(mut self, names: &[&str]) -> Self {
        self.names = Some(names.iter().map(ToString::to_string).collect());
        self
    }

    /// Skips the first `lines` lines of the file.
    pub fn skip_rows(mut self, lines: usize) -> Self {
        self.skip_rows = lines;
        self
    }

    /// Skips the first `rows` rows under the header, such as a row of units.
    pub fn skip_rows_after_header(mut self, rows: usize) -> Self {
        self.skip_rows_after_header = rows;
        self
    }

    /// Whether the first field of each row numbers or names the row, and is no column. The header
    /// may have a field for it, as pandas writes, or none, as R does.
    pub fn index_column(mut self, index_column: bool) -> Self {
        self.index_column = index_column;
        self
    }

    /// Words that stand for a value that is missing, beside those that count as such always: an
    /// empty field, `NA`, `N/A`, `NaN`, `null`, `None`, `#N/A`, `?`, `-`, `--`, `.` and their
    /// spellings in small letters and capitals.
    pub fn missing_words(mut self, words: &[&str]) -> Self {
        self.missing_words = words.iter().map(ToString::to_string).collect();
        self
    }

    /// Whether rows that lack a value in a column that is read are left out; by default they are
    /// errors.
    pub fn drop_missing(mut self, drop_missing: bool) -> Self {
        self.drop_missing = drop_missing;
        self
    }

    /// How the file's bytes stand for letters, UTF-8 by default; a byte order mark goes before it.
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// Reads the file, plain or compressed by gzip.
    ///
    /// # Errors
    ///
    /// [`DataError::Read`], [`DataError::TooLarge`] above 4 GiB of text, [`DataError::Foreign`] for
    /// a file that is no text, [`DataError::Options`] for options that contradict each other,
    /// [`DataError::Csv`] for bytes and quotes that cannot be read, [`DataError::Delimiter`],
    /// [`DataError::Header`], [`DataError::Column`], [`DataError::Ragged`], [`DataError::Number`]
    /// for a field that is not a finite number, [`DataError::Digits`] and [`DataError::Empty`]
    /// without rows. Each names the file, the line, the column and the value where there is one,
    /// and the option to give.
    pub fn read(&self, path: &Path) -> Result<Table, DataError> {
        self.parse(path, read::open(path)?)
    }

    pub(super) fn parse(&self, path: &Path, reader: impl Read) -> Result<Table, DataError> {
        self.check()?;
        let text = text::read(path, reader, self.encoding)?;
        rows::parse(path, &text, self)
    }

    pub(super) fn quote_char(&self) -> Option<char> {
        self.quote.unwrap_or(Some('"'))
    }

    pub(super) fn decimal_char(&self) -> char {
        self.decimal.unwrap_or('.')
    }

    /// Whether the options can hold together.
    fn check(&self) -> Result<(), DataError> {
        let refused = |what: String| Err(DataError::Options { what });
        let delimiter = self.delimiter.unwrap_or(',');
        if self.delimiter.is_none() && self.decimal == Some(',') {
            return refused(
                "with decimal(',') a comma cannot separate fields too; give delimiter(';') or \
                 delimiter('\\t'), or delimiter(',') if such numbers are quoted"
                    .to_string(),
            );
        }
        let marks = [
            ("delimiter", Some(delimiter)),
            ("quote", self.quote_char()),
            ("comment", self.comment),
            ("decimal", Some(self.decimal_char())),
            ("thousands", self.thousands),
        ];
        for (name, mark) in marks {
            let Some(mark) = mark else { continue };
            if mark.is_alphanumeric()
                || "\r\n+".contains(mark)
                || (mark == '-' && name != "comment")
            {
                return refused(format!(
                    "{name}({mark:?}) may not be a letter, a digit, a sign or a line end"
                ));
            }
        }
        // A number may hold the delimiter if it is quoted; nothing else may play two parts.
        for (i, (first, mark)) in marks.iter().enumerate() {
            let same = |(_, other): &&(&str, Option<char>)| mark.is_some() && other == mark;
            let twice = marks[i + 1..].iter().find(same);
            match twice {
                Some((second, Some(mark))) if *first != "delimiter" || *second == "quote" => {
                    return refused(format!(
                        "{first}({mark:?}) and {second}({mark:?}) are the same; give another for \
                         one of them"
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
