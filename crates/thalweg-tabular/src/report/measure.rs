//! Measures a density on rows that it did not see.

use thalweg_data::Table;

use super::builder::ReportBuilder;
use super::{LossPoint, Losses, Report};
use crate::member::Training;
use crate::{DensityError, FittedDensity};

/// Draws for each row.
pub(super) const DRAWS: usize = 100;

impl FittedDensity {
    /// How well the density describes rows: give rows that it was not fitted to.
    ///
    /// At most 2,000 of the rows are ranked among 100 draws each. Where the table has the column of weights that the density
    /// was fitted with, rows count by it.
    ///
    /// ```no_run
    /// let table = thalweg_data::Table::embedded("penguins")?;
    /// let (test, train): (Vec<usize>, Vec<usize>) = (0..table.rows()).partition(|row| row % 5 == 0);
    /// let [train, test] = [train, test].map(|rows| table.select(&rows));
    /// let model = thalweg_tabular::Density::of_all().missing(thalweg_tabular::Missing::Skip).fit(&train)?;
    /// let report = model.report(&test)?;
    /// println!("{report}");
    /// report.save("report.png")?;
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A column that the table lacks, or of another type; a table without rows, and one of which no row has a density;
    /// weights that are negative or not finite, or all 0.
    pub fn report(&self, table: &Table) -> Result<Report, DensityError> {
        let mut builder = self.reporting();
        builder.add(table)?;
        builder.finish()
    }

    /// [`report`](Self::report) of rows with these weights in place of the table's, which count by their proportions; a row of weight 0 is left out.
    ///
    /// ```
    /// use thalweg_data::{Column, Table};
    /// use thalweg_tabular::Density;
    ///
    /// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
    /// # let columns = vec![Column::numbers("a", wave(1.3)), Column::numbers("b", wave(2.1))];
    /// # let table = Table::new(columns)?;
    /// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
    /// # let network = network.with_layers(2).with_hidden(&[8]);
    /// # let density = Density::of(["a", "b"]).members(1).network(network).steps(20);
    /// let model = density.fit(&table)?;
    /// // The first half alone.
    /// let weights: Vec<f64> = (0..300).map(|row| if row < 150 { 2.5 } else { 0.0 }).collect();
    /// let weighted = model.report_weighted(&table, &weights)?;
    /// let half = model.report(&table.select(&(0..150).collect::<Vec<_>>()))?;
    /// assert!((weighted.nats.unwrap() - half.nats.unwrap()).abs() < 1e-6);
    /// // The same of rows that come in parts, here in one.
    /// let mut builder = model.reporting();
    /// builder.add_weighted(&table, &weights)?;
    /// assert_eq!((builder.finish()?.nats, weighted.rows), (weighted.nats, 150));
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`report`](Self::report), and a weight that is negative or not finite.
    ///
    /// # Panics
    ///
    /// If there is not one weight a row.
    pub fn report_weighted(&self, table: &Table, weights: &[f64]) -> Result<Report, DensityError> {
        let mut builder = self.reporting();
        builder.add_weighted(table, weights)?;
        builder.finish()
    }

    /// A report of rows that come in parts, in constant memory, see [`ReportBuilder`].
    pub fn reporting(&self) -> ReportBuilder<'_> {
        ReportBuilder::new(self)
    }

    /// A report without rows.
    pub(super) fn empty(&self) -> Report {
        let summary = self.summary();
        let finite = |x: f64| x.is_finite().then_some(x);
        let baselines = summary.baselines.as_ref();
        let losses = self
            .trainings()
            .iter()
            .enumerate()
            .flat_map(|(member, trainings)| {
                trainings
                    .iter()
                    .map(move |training| Losses::of(member + 1, training))
            });
        Report {
            rows: 0,
            errors: 0,
            first_error: None,
            impossible: 0,
            weights: None,
            nats: None,
            nats_error: None,
            fit: summary.to_string(),
            fit_nats: finite(summary.held_out),
            gaussian: baselines.and_then(|baselines| finite(baselines.gaussian)),
            independent: baselines.and_then(|baselines| finite(baselines.independent)),
            ranked: 0,
            draws: DRAWS,
            columns: vec![],
            losses: losses.collect(),
            corner: vec![],
        }
    }
}

impl Losses {
    fn of(member: usize, training: &Training) -> Self {
        let finite = |loss: Option<f64>| loss.filter(|loss| loss.is_finite());
        let epochs = training.history.epochs().iter();
        Self {
            part: training.part.clone(),
            member,
            outcome: training.outcome.clone(),
            points: epochs
                .map(|epoch| LossPoint {
                    step: epoch.step,
                    training: finite(epoch.loss),
                    held_out: finite(epoch.validation),
                })
                .collect(),
        }
    }
}
