//! How far the flow of the numbers can be trusted.

use thalweg_check::{Check, Options};
use thalweg_data::Table;

use crate::{DensityError, FittedDensity};

impl FittedDensity {
    /// A report on the flow of the numbers of each member, on rows of a table: round trips, log-determinants, scales. It
    /// sees the rows in standard units without covariance, as the flow does. Rows without a density are left out.
    ///
    /// No report of a density without such a flow.
    ///
    /// # Errors
    ///
    /// A column that the table lacks, or of another type, and a table without a row that has a density.
    pub fn check(&self, table: &Table, options: &Options) -> Result<Vec<Check>, DensityError> {
        let schema = &self.description.schema;
        let columns = schema.find(table, true)?;
        let members = self.description.members.iter().zip(&self.ensemble.members);
        let report = |(member, model): (&crate::member::Member, _)| {
            let all: Vec<usize> = (0..table.rows()).collect();
            let errors = member.encode(schema, &columns, &all);
            let errors = errors.targets.errors.iter().zip(&errors.conditions.errors);
            let good = errors.map(|(target, given)| target.is_none() && given.is_none());
            let good: Vec<usize> = good
                .zip(all)
                .filter_map(|(good, row)| good.then_some(row))
                .collect();
            let rows = member.encode(schema, &columns, &good);
            Some(
                member
                    .check_flow(schema, model, &rows, options)?
                    .map_err(DensityError::from),
            )
        };
        members.filter_map(report).collect()
    }
}
