//! A report of rows that come in parts.

use thalweg_data::Table;
use thalweg_metrics::{MetricError, RunningMean};

use super::Report;
use super::reservoir::Reservoir;
use crate::weights::{bad_weight, no_weight, some_weights_in};
use crate::{DensityError, FittedDensity, RowError};

/// Takes rows part by part and makes a [`Report`] of all of them, in constant memory: the mean of `ln p` and its error are
/// sums, and the rows that are ranked among draws are a random sample of at most 2,000, with the same seed each time.
///
/// How the rows are parted changes nothing but the last digits. [`FittedDensity::report`] is a report of one part.
///
/// ```no_run
/// use thalweg_data::TableReader;
/// use thalweg_tabular::FittedDensity;
///
/// let model = FittedDensity::load("model.safetensors", &Default::default())?;
/// let mut report = model.reporting();
/// for chunk in TableReader::open("rows.csv.gz", &model.csv_options())? {
///     report.add(&chunk?.table)?;
/// }
/// println!("{}", report.finish()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ReportBuilder<'m> {
    model: &'m FittedDensity,
    report: Report,
    nats: RunningMean,
    sample: Reservoir,
    /// Rows so far, those of weight 0 included.
    seen: usize,
    first: Option<(usize, RowError)>,
}

impl<'m> ReportBuilder<'m> {
    pub(super) fn new(model: &'m FittedDensity) -> Self {
        Self {
            model,
            report: model.empty(),
            nats: RunningMean::default(),
            sample: Reservoir::new(model),
            seen: 0,
            first: None,
        }
    }

    /// Adds rows. Where the first table has the column of weights that the density was fitted with, rows count by it.
    ///
    /// # Errors
    ///
    /// A column that the table lacks, or of another type; weights that are negative or not finite.
    pub fn add(&mut self, table: &Table) -> Result<(), DensityError> {
        let scores = self.model.log_prob(table)?;
        self.add_scored(table, scores)
    }

    /// Adds rows with these weights in place of the table's.
    ///
    /// See [`FittedDensity::report_weighted`] for an example.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add), and a weight that is negative or not finite.
    ///
    /// # Panics
    ///
    /// If there is not one weight a row.
    pub fn add_weighted(&mut self, table: &Table, weights: &[f64]) -> Result<(), DensityError> {
        let rows = table.rows();
        assert!(
            weights.len() == rows,
            "there must be one weight a row, got {} weights and {rows} rows",
            weights.len()
        );
        if let Some(row) = bad_weight(weights) {
            return Err(DensityError::Setting {
                name: "the weight of a row",
                value: format!("{} in row {}", weights[row], self.seen + row + 1),
                bound: "finite and not below 0",
            });
        }
        let scores = self.model.log_prob(table)?;
        self.take(table, scores, weights)
    }

    /// Adds rows whose scores by [`log_prob`](FittedDensity::log_prob) are known: threads can compute those of several parts
    /// at once.
    ///
    /// ```
    /// use thalweg_data::{Column, Table};
    /// use thalweg_tabular::{Density, ReportBuilder};
    ///
    /// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
    /// # let columns = vec![Column::numbers("a", wave(1.3)), Column::numbers("b", wave(2.1))];
    /// # let table = Table::new(columns)?;
    /// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
    /// # let network = network.with_layers(2).with_hidden(&[8]);
    /// # let density = Density::of(["a", "b"]).members(1).network(network).steps(20);
    /// let model = density.fit(&table)?;
    /// let mut parts: ReportBuilder<'_> = model.reporting();
    /// for rows in [0..100, 100..300] {
    ///     let part = table.select(&rows.collect::<Vec<_>>());
    ///     let scores = model.log_prob(&part)?; // on another thread, say
    ///     parts.add_scored(&part, scores)?;
    /// }
    /// let (parts, whole) = (parts.finish()?, model.report(&table)?);
    /// assert!((parts.nats.unwrap() - whole.nats.unwrap()).abs() < 1e-6);
    /// assert_eq!(parts.columns, whole.columns);
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add).
    ///
    /// # Panics
    ///
    /// If there is not one score a row.
    pub fn add_scored(
        &mut self,
        table: &Table,
        scores: Vec<Result<f64, RowError>>,
    ) -> Result<(), DensityError> {
        assert!(
            scores.len() == table.rows(),
            "there must be one score a row, got {} scores and {} rows",
            scores.len(),
            table.rows()
        );
        if self.seen == 0 {
            let column = self.model.weights_of(table);
            self.report.weights = column.map(|column| column.name().to_owned());
        }
        match &self.report.weights {
            None => self.take(table, scores, &vec![1.0; table.rows()]),
            Some(name) => {
                let weights = some_weights_in(table.require(name)?, self.seen)?;
                self.take(table, scores, weights)
            }
        }
    }

    fn take(
        &mut self,
        table: &Table,
        scores: Vec<Result<f64, RowError>>,
        weights: &[f64],
    ) -> Result<(), DensityError> {
        let mut known = vec![];
        let report = &mut self.report;
        let weighted = scores.into_iter().zip(weights).enumerate();
        for (row, (score, weight)) in weighted.filter(|(_, (_, weight))| **weight > 0.0) {
            report.rows += 1;
            match score {
                Ok(score) => {
                    known.push(row);
                    match score.is_finite() {
                        true => self.nats.add(score, *weight),
                        false => report.impossible += 1,
                    }
                }
                Err(problem) => {
                    report.errors += 1;
                    self.first.get_or_insert((self.seen + row + 1, problem));
                }
            }
        }
        self.seen += table.rows();
        self.sample.add(self.model, table, &known, weights)
    }

    /// The report of all rows.
    ///
    /// # Errors
    ///
    /// No row of weight above 0 that has a density.
    pub fn finish(self) -> Result<Report, DensityError> {
        let mut report = self.report;
        let first = self.first.as_ref();
        report.first_error = first.map(|(row, why)| format!("row {row}: {why}"));
        if report.rows == report.errors {
            return Err(match (self.first, &report.weights) {
                (Some((row, problem)), _) => DensityError::Row {
                    row,
                    column: column(&problem).to_owned(),
                    problem,
                },
                (None, Some(weights)) if self.seen > 0 => no_weight(weights),
                _ => DensityError::Metric(MetricError::TooFew {
                    what: "the rows of weight above 0 to report on",
                    got: 0,
                    needed: 1,
                }),
            });
        }
        report.nats = self.nats.mean();
        report.nats_error = self.nats.standard_error();
        let (rows, weights) = self.sample.finish();
        self.model.rank(&mut report, &rows, &weights)?;
        Ok(report)
    }
}

/// The column of an error.
fn column(problem: &RowError) -> &str {
    match problem {
        RowError::Missing(column)
        | RowError::NotFinite { column, .. }
        | RowError::Outside { column, .. } => column,
    }
}
