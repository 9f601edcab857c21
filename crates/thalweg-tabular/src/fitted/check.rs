//! How far the flows of numbers and angles can be trusted.

use thalweg_check::{Check, Options};
use thalweg_data::Table;

use crate::member::Member;
use crate::{DensityError, FittedDensity};

impl FittedDensity {
    /// The number of flows of all members, which is that of the reports of [`check`](Self::check).
    ///
    /// See [`check`](Self::check) for an example.
    pub fn flow_count(&self) -> usize {
        let members = self.description.members.iter();
        members.map(Member::flow_count).sum()
    }

    /// Reports on the flows of each member, on rows of a table: round trips, log-determinants, scales. That of the numbers
    /// sees the rows in standard units without covariance, that of the angles sees radians. Rows without a density are left
    /// out.
    ///
    /// No report of a density without a flow.
    ///
    /// ```
    /// use thalweg_check::{Options, Verdict};
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
    /// let quick = Options { rows: 32, evaluations: 2000, ..Options::default() };
    /// let reports = model.check(&table, &quick)?;
    /// assert_eq!((reports.len(), model.flow_count()), (1, 1)); // that of the numbers
    /// assert_ne!(reports[0].verdict, Verdict::Failed);
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A column that the table lacks, or of another type, and a table without a row that has a density.
    pub fn check(&self, table: &Table, options: &Options) -> Result<Vec<Check>, DensityError> {
        let schema = &self.description.schema;
        let columns = schema.find(table, true)?;
        let members = self.description.members.iter().zip(&self.ensemble.members);
        let reports = |(member, model): (&Member, _)| {
            let all: Vec<usize> = (0..table.rows()).collect();
            let errors = member.encode(schema, &columns, &all);
            let errors = errors.targets.errors.iter().zip(&errors.conditions.errors);
            let good = errors.map(|(target, given)| target.is_none() && given.is_none());
            let good: Vec<usize> = good
                .zip(all)
                .filter_map(|(good, row)| good.then_some(row))
                .collect();
            let rows = member.encode(schema, &columns, &good);
            member.check_flows(schema, model, &rows, options, &self.device)
        };
        let reports = members.flat_map(reports);
        reports.map(|report| Ok(report?)).collect()
    }
}
