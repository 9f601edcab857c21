//! How far the flows of numbers and angles can be trusted.

use thalweg_check::{Check, Options};
use thalweg_data::Table;

use crate::member::Member;
use crate::{DensityError, FittedDensity};

impl FittedDensity {
    /// The number of flows of all members, which is that of the reports of [`check`](Self::check).
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
