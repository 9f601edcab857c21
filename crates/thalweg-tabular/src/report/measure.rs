//! Measures a density on rows that it did not see.

use thalweg_data::Table;
use thalweg_metrics::MetricError;

use super::ranks::Ranks;
use super::{LossPoint, Losses, Report};
use crate::columns::Kind;
use crate::member::Training;
use crate::schema::{Known, Role};
use crate::sheet::{Pair, chosen, mean};
use crate::weights::{bad_weight, weights_in};
use crate::{DensityError, FittedDensity, RowError};

/// Draws for each row.
const DRAWS: usize = 100;
/// Rows that are ranked: at this number the share of a bin of 20 has an error of half a percent.
const ROWS: usize = 2000;
/// Values that are drawn at most, where this leaves [`FEWEST`] rows.
const VALUES: usize = 20_000_000;
const FEWEST: usize = 200;
/// Rows whose draws are held in memory together.
const CHUNK: usize = 100;
/// The stream of random numbers.
const STREAM: u64 = 0x7265_706f;

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
        match self.weights_of(table) {
            Some(column) => Ok(Report {
                weights: Some(column.name().to_owned()),
                ..self.report_weighted(table, &weights_in(column)?)?
            }),
            None => self.report_weighted(table, &vec![1.0; table.rows()]),
        }
    }

    /// [`report`](Self::report) of rows with these weights in place of the table's, which count by their proportions; a row of weight 0 is left out.
    ///
    /// # Errors
    ///
    /// As [`report`](Self::report), and a weight that is negative or not finite.
    ///
    /// # Panics
    ///
    /// If there is not one weight a row.
    pub fn report_weighted(&self, table: &Table, weights: &[f64]) -> Result<Report, DensityError> {
        let rows = table.rows();
        assert!(
            weights.len() == rows,
            "there must be one weight a row, got {} weights and {rows} rows",
            weights.len()
        );
        if let Some(row) = bad_weight(weights) {
            return Err(DensityError::Setting {
                name: "the weight of a row",
                value: format!("{} in row {}", weights[row], row + 1),
                bound: "finite and not below 0",
            });
        }
        let scores = self.log_prob(table)?;
        let mut report = self.empty();
        let (mut known, mut finite, mut first) = (vec![], vec![], None);
        let weighted = scores
            .into_iter()
            .enumerate()
            .filter(|(row, _)| weights[*row] > 0.0);
        for (row, score) in weighted {
            report.rows += 1;
            match score {
                Ok(score) => {
                    known.push(row);
                    match score.is_finite() {
                        true => finite.push((score, weights[row])),
                        false => report.impossible += 1,
                    }
                }
                Err(problem) => {
                    report.errors += 1;
                    first.get_or_insert((row + 1, problem));
                }
            }
        }
        report.first_error = first.as_ref().map(|(row, why)| format!("row {row}: {why}"));
        if known.is_empty() {
            return Err(match first {
                Some((row, problem)) => DensityError::Row {
                    row,
                    column: column(&problem).to_owned(),
                    problem,
                },
                None => DensityError::Metric(MetricError::TooFew {
                    what: "the rows of weight above 0 to report on",
                    got: 0,
                    needed: 1,
                }),
            });
        }
        let (values, of_finite): (Vec<f64>, Vec<f64>) = finite.into_iter().unzip();
        (report.nats, report.nats_error) = mean(&values, &of_finite);
        self.rank(&mut report, table, &known, weights)?;
        Ok(report)
    }

    /// A report without rows.
    fn empty(&self) -> Report {
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

    /// Ranks rows among draws given their conditions.
    fn rank(
        &self,
        report: &mut Report,
        table: &Table,
        known: &[usize],
        weights: &[f64],
    ) -> Result<(), DensityError> {
        let targets = |known: &&Known| known.role == Role::Target && known.kind != Kind::Constant;
        let targets: Vec<&Known> = self.columns().iter().filter(targets).collect();
        let rng = &mut self.rng(STREAM);
        let of: Vec<f64> = known.iter().map(|row| weights[*row]).collect();
        let most = (VALUES / (DRAWS * self.columns().len())).clamp(FEWEST, ROWS);
        let rows = chosen(&of, most, rng).into_iter().map(|place| known[place]);
        let rows: Vec<usize> = rows.collect();
        let mut ranks: Vec<Ranks<'_>> = targets.iter().map(|known| Ranks::of(known)).collect();
        for (chunk, rows) in rows.chunks(CHUNK).enumerate() {
            let given = table.select(rows);
            let drawn = self.drawn_for(&given, DRAWS, STREAM + 1 + chunk as u64)?;
            for (ranks, known) in ranks.iter_mut().zip(&targets) {
                let columns = [given.require(&known.name)?, drawn.require(&known.name)?];
                ranks.add(columns[0], columns[1], DRAWS, rng);
            }
        }
        report.ranked = rows.len();
        for ranks in ranks {
            report.columns.push(ranks.report()?);
        }
        let given = table.select(&rows);
        let drawn = self.drawn_for(&given, 1, STREAM)?;
        for known in targets {
            let columns = [given.require(&known.name)?, drawn.require(&known.name)?];
            let category = known.kind == Kind::Category;
            report
                .corner
                .push(Pair::of(columns[0], columns[1], category));
        }
        Ok(())
    }

    /// Draws for each row of a table: given its conditions, where there are any.
    fn drawn_for(&self, rows: &Table, draws: usize, seed: u64) -> Result<Table, DensityError> {
        let conditions = self
            .columns()
            .iter()
            .any(|known| known.role == Role::Condition);
        match conditions {
            true => self.sample_given(rows, draws, seed),
            false => self.sample(rows.rows() * draws, seed),
        }
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
