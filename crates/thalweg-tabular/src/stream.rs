//! Scores of a file, in constant memory.

use thalweg_data::{Columns, CsvOptions, DataError, Place, Table, TableReader};
use thiserror::Error;

use crate::schema::{Known, Role};
use crate::{DensityError, FittedDensity, RowError};

/// Why a row of a file has no score.
///
/// ```
/// use thalweg_data::{Column, Table, TableReader};
/// use thalweg_tabular::{Density, RowError, ScoreError, ScoredRows};
///
/// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
/// # let columns = vec![Column::numbers("a", wave(1.3)), Column::numbers("b", wave(2.1))];
/// # let table = Table::new(columns)?;
/// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
/// # let network = network.with_layers(2).with_hidden(&[8]);
/// # let density = Density::of(["a", "b"]).members(1).network(network).steps(20);
/// let model = density.fit(&table)?;
/// let file = "a,b\n0.1,0.2\n0.3,zero\n,0.4\n".as_bytes();
/// let reader = TableReader::new(file, &model.csv_options())?.keep_refused(true);
/// let mut chunks = model.stream(reader, |model, rows, _| model.log_prob(rows));
/// let rows: ScoredRows<f64> = chunks.next().unwrap()?;
/// assert!(rows[0].1.is_ok());
/// assert!(matches!(rows[1].1, Err(ScoreError::Refused(_)))); // no number
/// assert!(matches!(rows[2].1, Err(ScoreError::Row(RowError::Missing(_)))));
/// # Ok::<(), thalweg_tabular::DensityError>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ScoreError {
    /// The row cannot be read.
    #[error(transparent)]
    Refused(#[from] DataError),

    /// The row has no density.
    #[error(transparent)]
    Row(#[from] RowError),
}

/// The rows of a chunk of a file, in order: the place of each in the file, and its score or why it has none.
///
/// See [`ScoreError`] for an example.
pub type ScoredRows<T> = Vec<(Place, Result<T, ScoreError>)>;

impl FittedDensity {
    /// How to read a CSV file for this density: its columns, with the types that it was fitted to. The dialect is
    /// detected.
    pub fn csv_options(&self) -> CsvOptions {
        Self::options(self.columns().iter())
    }

    /// How to read a CSV file of [conditions](Self::sample_given): them alone, with the types that the density was fitted
    /// to.
    ///
    /// ```
    /// use thalweg_data::{Column, Table};
    /// use thalweg_tabular::Density;
    ///
    /// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
    /// # let columns = vec![
    /// #     Column::numbers("a", wave(1.3)),
    /// #     Column::numbers("b", wave(2.1)),
    /// #     Column::numbers("c", wave(0.7)),
    /// # ];
    /// # let table = Table::new(columns)?;
    /// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
    /// # let network = network.with_layers(2).with_hidden(&[8]);
    /// # let density = Density::of(["a", "b"]).given(["c"]).members(1).network(network).steps(20);
    /// let model = density.fit(&table)?; // of `a` and `b` given `c`
    /// let given = Table::parse("c,d\n0.5,1\n-0.5,2\n".as_bytes(), &model.condition_options())?;
    /// assert_eq!(given.names(), ["c"]);
    /// assert_eq!(model.sample_given(&given, 10, 0)?.rows(), 20);
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    pub fn condition_options(&self) -> CsvOptions {
        let columns = self.columns().iter();
        let conditions = columns.filter(|known| known.role == Role::Condition);
        let names: Vec<&str> = conditions
            .clone()
            .map(|known| known.name.as_str())
            .collect();
        Self::options(conditions).columns(Columns::named(&names))
    }

    /// The types of these columns.
    fn options<'a>(columns: impl Iterator<Item = &'a Known>) -> CsvOptions {
        let types: Vec<_> = columns
            .map(|known| (&known.name, known.column_type()))
            .collect();
        CsvOptions::new().types(&types)
    }

    /// Scores a file of any length chunk by chunk: by [`anomaly_at`](Self::anomaly_at), by [`log_prob`](Self::log_prob) as in
    /// the example, or by any function of rows and their places in the file.
    ///
    /// Rows in are rows out, in order. Where the reader [keeps refused rows](TableReader::keep_refused), they are among them.
    ///
    /// ```no_run
    /// use thalweg_data::TableReader;
    /// use thalweg_tabular::FittedDensity;
    ///
    /// let model = FittedDensity::load("model.safetensors", &Default::default())?;
    /// let reader = TableReader::open("rows.csv.gz", &model.csv_options())?.keep_refused(true);
    /// for rows in model.stream(reader, |model, rows, _| model.log_prob(rows)) {
    ///     for (place, nats) in rows? {
    ///         match nats {
    ///             Ok(nats) => println!("{nats}"),
    ///             Err(problem) => eprintln!("{place}: {problem}"),
    ///         }
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the reader, and those of the function.
    pub fn stream<T>(
        &self,
        reader: TableReader,
        score: impl Fn(&Self, &Table, &[Place]) -> Result<Vec<Result<T, RowError>>, DensityError>,
    ) -> impl Iterator<Item = Result<ScoredRows<T>, DensityError>> {
        reader.map(move |chunk| {
            let chunk = chunk?;
            let scores = score(self, &chunk.table, &chunk.places)?.into_iter();
            let scores = scores.map(|score| score.map_err(ScoreError::from));
            let mut rows: ScoredRows<T> = chunk.places.into_iter().zip(scores).collect();
            let refused = chunk.refused.into_iter();
            rows.extend(refused.map(|(place, error)| (place, Err(error.into()))));
            rows.sort_by_key(|(place, _)| place.row);
            Ok(rows)
        })
    }
}
