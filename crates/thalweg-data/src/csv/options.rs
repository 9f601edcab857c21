//! The dialect of a CSV file.

use std::io::Read;
use std::path::Path;

use super::text::Encoding;
use super::{numeric, text};
use crate::{ColumnType, Columns, DataError, NumericTable, read};

impl NumericTable {
    /// Reads columns of a CSV file with a header line, plain or compressed by gzip.
    ///
    /// Commas separate fields. Blanks around fields and empty lines are ignored. Classes are numbered
    /// in the alphabetical order of their names. For a file in another dialect, the error names the
    /// option of [`CsvOptions`] that reads it.
    ///
    /// ```
    /// use thalweg_data::{Columns, NumericTable};
    ///
    /// # let path = std::env::temp_dir().join(format!("thalweg-from-csv-{}.csv", std::process::id()));
    /// std::fs::write(&path, "x,y\n1,2\n3,4\n")?;
    /// let table = NumericTable::from_csv(&path, &Columns::all())?;
    /// # std::fs::remove_file(&path).ok();
    /// assert_eq!((table.rows(), table.values()), (2, &[1.0, 2.0, 3.0, 4.0][..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`CsvOptions::read`].
    pub fn from_csv(path: &Path, columns: &Columns) -> Result<Self, DataError> {
        CsvOptions::new().columns(columns.clone()).read(path)
    }
}

/// The dialect of a CSV file, and the columns to read.
///
/// The defaults fit the output of most programs: names in the first line, commas, decimal points,
/// UTF-8. The dialect is not guessed: a file that does not fit the options is an error, which names
/// the option to give. The exceptions are the declarations of the file itself: a byte order mark,
/// gzip, Excel's line `sep=;`, an empty last column after a delimiter at the end of each line.
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
    pub(crate) columns: Columns,
    pub(crate) delimiter: Option<char>,
    pub(crate) decimal: Option<char>,
    pub(crate) thousands: Option<char>,
    pub(crate) quote: Option<Option<char>>,
    pub(crate) comment: Option<char>,
    pub(crate) header: Option<bool>,
    pub(crate) names: Option<Vec<String>>,
    pub(crate) skip_rows: usize,
    pub(crate) skip_rows_after_header: usize,
    pub(crate) index_column: bool,
    pub(crate) missing_words: Vec<String>,
    pub(crate) drop_missing: bool,
    pub(crate) encoding: Encoding,
    pub(crate) types: Vec<(String, ColumnType)>,
}

impl CsvOptions {
    /// Commas, decimal points, names in the first line.
    pub fn new() -> Self {
        Self::default()
    }

    /// The columns to read; by default all, as numbers.
    pub fn columns(mut self, columns: Columns) -> Self {
        self.columns = columns;
        self
    }

    /// The separator of fields, `,` by default; a blank stands for any run of blanks and tabs.
    pub fn delimiter(mut self, delimiter: char) -> Self {
        self.delimiter = Some(delimiter);
        self
    }

    /// The decimal separator, `.` by default.
    pub fn decimal(mut self, decimal: char) -> Self {
        self.decimal = Some(decimal);
        self
    }

    /// The separator of groups of three digits; none by default.
    ///
    /// ```
    /// # #[cfg(feature = "tables")]
    /// # {
    /// use thalweg_data::{CsvOptions, Table};
    ///
    /// let options = CsvOptions::default().delimiter(';').thousands(',');
    /// let table = Table::parse("people;km\n1,250;3\n12,000;4\n".as_bytes(), &options)?;
    /// assert_eq!(table.numbers("people")?, [1250.0, 12000.0]);
    /// # }
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    pub fn thousands(mut self, thousands: char) -> Self {
        self.thousands = Some(thousands);
        self
    }

    /// The quote around a field with delimiters or line ends, `"` by default; `None` if quotes are
    /// text.
    ///
    /// ```
    /// # #[cfg(feature = "tables")]
    /// # {
    /// use thalweg_data::{CsvOptions, Table};
    ///
    /// let text = "'size, in mm',x\n1,2\n3,4\n";
    /// let table = Table::parse(text.as_bytes(), &CsvOptions::default().quote('\''))?;
    /// assert_eq!(table.names(), ["size, in mm", "x"]);
    /// # }
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    pub fn quote(mut self, quote: impl Into<Option<char>>) -> Self {
        self.quote = Some(quote.into());
        self
    }

    /// The mark of comments: lines that begin with it are ignored.
    ///
    /// ```
    /// # #[cfg(feature = "tables")]
    /// # {
    /// use thalweg_data::{CsvOptions, Table};
    ///
    /// let options = CsvOptions::default().comment('#');
    /// let table = Table::parse("x,y\n# broken sensor\n1,2\n3,4\n".as_bytes(), &options)?;
    /// assert_eq!(table.rows(), 2);
    /// # }
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    pub fn comment(mut self, comment: char) -> Self {
        self.comment = Some(comment);
        self
    }

    /// Whether the first line holds the columns' names.
    ///
    /// By default it does, and a number in it is an error, since the line may be a row. Without a
    /// header, columns are called `column_1`, `column_2`, … unless [`names`](Self::names) are given.
    ///
    /// ```
    /// # #[cfg(feature = "tables")]
    /// # {
    /// use thalweg_data::{CsvOptions, Table};
    ///
    /// let table = Table::parse("1,2\n3,4\n".as_bytes(), &CsvOptions::default().header(false))?;
    /// assert_eq!((table.rows(), table.names()), (2, vec!["column_1", "column_2"]));
    /// # }
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    pub fn header(mut self, header: bool) -> Self {
        self.header = Some(header);
        self
    }

    /// The columns' names, one for each. The first line of the file is then a row, or with
    /// [`header(true)`](Self::header) a header that they replace.
    ///
    /// ```
    /// # #[cfg(feature = "tables")]
    /// # {
    /// use thalweg_data::{CsvOptions, Table};
    ///
    /// let table = Table::parse("1,2\n3,4\n".as_bytes(), &CsvOptions::default().names(&["x", "y"]))?;
    /// assert_eq!((table.rows(), table.numbers("y")?), (2, &[2.0, 4.0][..]));
    /// # }
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    pub fn names(mut self, names: &[&str]) -> Self {
        self.names = Some(names.iter().map(ToString::to_string).collect());
        self
    }

    /// Skips the first `lines` lines of the file.
    ///
    /// ```
    /// # #[cfg(feature = "tables")]
    /// # {
    /// use thalweg_data::{CsvOptions, Table};
    ///
    /// let text = "Station 7 in the year 2013\nx,y\n1,2\n3,4\n";
    /// let table = Table::parse(text.as_bytes(), &CsvOptions::default().skip_rows(1))?;
    /// assert_eq!((table.rows(), table.names()), (2, vec!["x", "y"]));
    /// # }
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    pub fn skip_rows(mut self, lines: usize) -> Self {
        self.skip_rows = lines;
        self
    }

    /// Skips the first `rows` rows under the header, such as a row of units.
    ///
    /// ```
    /// # #[cfg(feature = "tables")]
    /// # {
    /// use thalweg_data::{CsvOptions, Table};
    ///
    /// let text = "width,mass\nmm,g\n1,2\n3,4\n";
    /// let table = Table::parse(text.as_bytes(), &CsvOptions::default().skip_rows_after_header(1))?;
    /// assert_eq!(table.numbers("mass")?, [2.0, 4.0]);
    /// # }
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    pub fn skip_rows_after_header(mut self, rows: usize) -> Self {
        self.skip_rows_after_header = rows;
        self
    }

    /// Whether the first field of each row is the number or the name of the row, and not a column.
    /// The header may have a field for it, as pandas writes, or none, as R writes.
    ///
    /// ```
    /// # #[cfg(feature = "tables")]
    /// # {
    /// use thalweg_data::{CsvOptions, Table};
    ///
    /// let options = CsvOptions::default().index_column(true);
    /// for text in [",x,y\n0,1.5,2\n1,3,4\n", "x,y\na,1.5,2\nb,3,4\n"] {
    ///     let table = Table::parse(text.as_bytes(), &options)?;
    ///     assert_eq!((table.names(), table.numbers("x")?), (vec!["x", "y"], &[1.5, 3.0][..]));
    /// }
    /// # }
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    pub fn index_column(mut self, index_column: bool) -> Self {
        self.index_column = index_column;
        self
    }

    /// Additional words for a missing value. Those that always count are an empty field, `NA`,
    /// `N/A`, `NaN`, `null`, `None`, `#N/A`, `<NA>`, `?`, `-`, `--` and `.`, in upper or lower case.
    ///
    /// ```
    /// # #[cfg(feature = "tables")]
    /// # {
    /// use thalweg_data::{CsvOptions, Table};
    ///
    /// let options = CsvOptions::default().missing_words(&["unknown"]);
    /// let table = Table::parse("x,y\n1,a\nunknown,b\n".as_bytes(), &options)?;
    /// assert!(table.numbers("x")?[1].is_nan());
    /// # }
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    pub fn missing_words(mut self, words: &[&str]) -> Self {
        self.missing_words = words.iter().map(ToString::to_string).collect();
        self
    }

    /// Whether to leave out rows with a missing value in a column to read; by default they are
    /// errors.
    ///
    /// ```
    /// # #[cfg(feature = "tables")]
    /// # {
    /// use thalweg_data::{CsvOptions, Table};
    ///
    /// let text = "x,y\n1,2\n,4\n5,6\n";
    /// let table = Table::parse(text.as_bytes(), &CsvOptions::default().drop_missing(true))?;
    /// assert_eq!(table.rows(), 2);
    /// # }
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    pub fn drop_missing(mut self, drop_missing: bool) -> Self {
        self.drop_missing = drop_missing;
        self
    }

    /// The encoding of the file, UTF-8 by default; a byte order mark overrides it.
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// What the values of these columns are, for tables of any columns; by default the reader decides.
    ///
    /// ```
    /// # #[cfg(feature = "tables")]
    /// # {
    /// use thalweg_data::{ColumnType, CsvOptions, Table};
    ///
    /// // Postcodes are words.
    /// let options = CsvOptions::default().types(&[("code", ColumnType::Text)]);
    /// let table = Table::parse("code,x\n1234,1\n5678,2\n".as_bytes(), &options)?;
    /// assert_eq!(table.require("code")?.values().column_type(), ColumnType::Text);
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn types<S: AsRef<str>>(mut self, types: &[(S, ColumnType)]) -> Self {
        let types = types.iter();
        self.types = types
            .map(|(name, kind)| (name.as_ref().to_owned(), *kind))
            .collect();
        self
    }

    /// Reads the file as finite numbers, plain or compressed by gzip.
    ///
    /// # Errors
    ///
    /// [`DataError::Options`] for options that contradict each other, [`DataError::File`] for a file
    /// that cannot be read, is not text or is larger than 4 GiB, [`DataError::Csv`] for text that is
    /// not a table of finite numbers in this dialect. Each names the file, the line, the column and
    /// the value if there is one, and the option to give.
    pub fn read(&self, path: &Path) -> Result<NumericTable, DataError> {
        let reader = read::open(path).map_err(|problem| problem.at(path));
        self.parse(path, reader?)
    }

    /// Reads a stream; the path is for errors.
    pub(crate) fn parse(&self, path: &Path, reader: impl Read) -> Result<NumericTable, DataError> {
        self.check()?;
        let text = text::read(reader, self.encoding);
        let table = text.and_then(|text| numeric::parse(&text, self));
        table.map_err(|problem| problem.at(path))
    }

    pub(crate) fn quote_char(&self) -> Option<char> {
        self.quote.unwrap_or(Some('"'))
    }

    pub(crate) fn decimal_char(&self) -> char {
        self.decimal.unwrap_or('.')
    }

    /// Whether a word is one of the missing words of this file.
    pub(crate) fn is_missing_word(&self, text: &str) -> bool {
        self.missing_words.iter().any(|word| word == text)
    }

    /// Whether the options fit together, where an open one has its default.
    fn check(&self) -> Result<(), DataError> {
        if self.delimiter.is_none() && self.decimal == Some(',') {
            return Err(DataError::Options(
                "with decimal(',') a comma cannot separate fields too; give delimiter(';') or \
                 delimiter('\\t'), or delimiter(',') if such numbers are quoted"
                    .to_string(),
            ));
        }
        self.clone()
            .delimiter(self.delimiter.unwrap_or(','))
            .check_given()
    }

    /// Whether the options that are given fit together.
    pub(crate) fn check_given(&self) -> Result<(), DataError> {
        let refused = |problem: String| Err(DataError::Options(problem));
        let marks = [
            ("delimiter", self.delimiter),
            ("quote", self.quote_char()),
            ("comment", self.comment),
            ("decimal", Some(self.decimal_char())),
            ("thousands", self.thousands),
        ];
        let marks = marks.map(|(name, mark)| Some((name, mark?)));
        let marks: Vec<(&str, char)> = marks.into_iter().flatten().collect();
        for (i, &(name, mark)) in marks.iter().enumerate() {
            let sign = "\r\n+".contains(mark) || (mark == '-' && name != "comment");
            if sign || mark.is_alphanumeric() {
                return refused(format!(
                    "{name}({mark:?}) may not be a letter, a digit, a sign or a line end"
                ));
            }
            // A quoted number may hold the delimiter; all other marks must differ.
            let clash = |(other, same): &&(&str, char)| {
                *same == mark && (name != "delimiter" || *other == "quote")
            };
            if let Some((other, _)) = marks[i + 1..].iter().find(clash) {
                return refused(format!(
                    "{name}({mark:?}) and {other}({mark:?}) are the same; change one of them"
                ));
            }
        }
        Ok(())
    }
}
