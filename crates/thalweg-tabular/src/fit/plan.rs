//! What a fit is going to do, before it does it.

use std::fmt;

use thalweg_data::Table;

use super::defaults::Defaults;
use super::rows::{usable, weights};
use crate::parts::Network;
use crate::{Density, DensityError, Known};

/// What [`Density::fit`] is going to do: its own choices, and those that were made for it.
///
/// See [`Density::plan`] for an example.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FitPlan {
    /// The columns, and how each is modelled.
    pub columns: Vec<Known>,
    /// Rows to learn from.
    pub rows: usize,
    /// Rows that are left out for a missing value.
    pub skipped: usize,
    /// Densities that are fitted and averaged.
    pub members: usize,
    /// The largest number of steps of each training; none of a fit that ends by the clock.
    pub steps: Option<usize>,
    /// The time for all trainings together, if a fit ends by it.
    pub minutes: Option<f64>,
    /// The flow of the numbers; none of wide and short tables.
    pub network: Option<Network>,
}

impl Density {
    /// What [`fit`](Self::fit) would do with a table.
    ///
    /// ```
    /// use thalweg_data::Table;
    /// use thalweg_tabular::{Density, FitPlan};
    ///
    /// let plan: FitPlan = Density::of(["temp", "humid"]).steps(500).plan(&Table::embedded("weather")?)?;
    /// assert_eq!((plan.rows, plan.members, plan.steps), (23_006, 1, Some(500)));
    /// assert!(plan.to_string().starts_with("23006 rows to learn from; one density"));
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`fit`](Self::fit) that columns, rows and weights show before any training.
    pub fn plan(&self, table: &Table) -> Result<FitPlan, DensityError> {
        let schema = self.schema(table)?;
        let columns = schema.find(table, true)?;
        let (rows, skipped) = usable(&schema, &columns, &weights(self, table)?)?;
        let defaults = Defaults::of(rows.len(), schema.targets());
        Ok(FitPlan {
            columns: schema.columns,
            rows: rows.len(),
            skipped,
            members: self.members.unwrap_or(defaults.members),
            steps: match self.minutes {
                Some(_) => None,
                None => Some(self.steps.unwrap_or(defaults.steps)),
            },
            minutes: self.minutes,
            network: self.network.clone().or(defaults.network),
        })
    }
}

impl fmt::Display for FitPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows to learn from", self.rows)?;
        if self.skipped > 0 {
            write!(f, " ({} more lack a value and are left out)", self.skipped)?;
        }
        match self.members {
            1 => write!(f, "; one density")?,
            members => write!(f, "; the mean of {members} densities")?,
        }
        match &self.network {
            Some(network) => write!(f, " ({network}; with a Gaussian and kernels)")?,
            None => write!(f, " (a Gaussian and kernels)")?,
        }
        if let Some(steps) = self.steps {
            write!(f, ", each trained for at most {steps} steps")?;
        }
        match (self.minutes, self.members) {
            (Some(minutes), 1) => write!(f, ", trained for at most {minutes} minutes"),
            (Some(minutes), _) => write!(f, ", trained for at most {minutes} minutes together"),
            (None, _) => Ok(()),
        }
    }
}
