//! How long a fit takes and how much memory, about.

use std::time::Instant;

use thalweg_data::Table;
use thalweg_train::Cost;

use crate::parts::KernelDensity;
use crate::split::{MANY, MOST_CALIBRATION};
use crate::{Density, DensityError};

/// Steps that are measured.
const STEPS: usize = 10;
/// Rows that are fitted: enough for the sizes of a large table.
const ROWS: usize = 2 * MANY;
/// Copies of the numbers of a table: as they were read, mapped, and in the units of the flow.
const COPIES: u64 = 4;

/// The work of a fit to `rows` rows beside its training. Kernels are most of it.
fn work(rows: usize) -> f64 {
    KernelDensity::work(rows * 7 / 10, MOST_CALIBRATION.min(rows / 2)).max(1.0)
}

impl Density {
    /// The time and the memory that [`fit`](Self::fit) would take, about, if no training stops before: by a fit of one
    /// member to some of the rows in ten steps.
    ///
    /// ```
    /// use thalweg_data::Table;
    /// use thalweg_tabular::Density;
    ///
    /// let weather = Table::embedded("weather")?;
    /// let cost = Density::of(["temp", "humid"]).steps(2000).cost(&weather)?;
    /// assert!(cost.seconds > 1000.0 * cost.step_seconds);
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`fit`](Self::fit), of some of the rows.
    pub fn cost(&self, table: &Table) -> Result<Cost, DensityError> {
        let plan = self.plan(table)?;
        let before = Cost::resident().unwrap_or(0);
        let rows = table.rows().min(ROWS);
        // Spread over all, as rows may be sorted.
        let some: Vec<usize> = (0..rows).map(|k| k * table.rows() / rows.max(1)).collect();
        let mut small = self.clone().members(1).steps(STEPS).progress(false);
        (small.resume, small.watch) = (None, None);
        small.network = small.network.or(plan.network);
        let start = Instant::now();
        let fitted = small.fit(&table.select(&some))?;
        let seconds = start.elapsed().as_secs_f64();
        let trainings = fitted.trainings().iter().flatten();
        let last = trainings.filter_map(|training| training.history.epochs().last());
        let (mut step_seconds, mut trained) = (0.0, 0.0);
        for epoch in last {
            step_seconds += epoch.seconds / epoch.step.max(1) as f64;
            trained += epoch.seconds;
        }
        // Kernels, and the rows that calibrate.
        let [all, measured] = [table.rows(), rows].map(work);
        let rest = (seconds - trained) * all / measured;
        let turns = plan.members.div_ceil(thalweg_kernels::threads().max(1)) as f64;
        let seconds = match plan.steps {
            Some(steps) => turns * (step_seconds * steps as f64 + rest),
            None => 60.0 * plan.minutes.unwrap_or_default(),
        };
        let grown = Cost::peak().map_or(0, |peak| peak.saturating_sub(before));
        let numbers = (table.rows() * table.columns().len()) as u64;
        Ok(Cost {
            step_seconds,
            seconds,
            bytes: before + grown + COPIES * 8 * numbers,
        })
    }
}
