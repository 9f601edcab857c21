//! What was done and what was reached, in words.

use std::fmt;

use crate::FittedDensity;
use crate::fit::Summary;

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows", self.rows)?;
        if self.skipped > 0 {
            write!(f, " ({} more lack a value and were left out)", self.skipped)?;
        }
        let members = self.parts.len();
        match self.folds {
            1 => write!(
                f,
                ": {} to train on, {} to choose the weights, {} to calibrate with",
                self.train, self.validation, self.calibration
            )?,
            folds => write!(f, " in {folds} parts, of which each member held out one")?,
        }
        write!(f, ". ")?;
        match members {
            1 => write!(f, "One density")?,
            _ => write!(f, "The mean of {members} densities")?,
        }
        match &self.network {
            Some(network) => write!(f, " ({network}; with a Gaussian and kernels)")?,
            None => write!(f, " (a Gaussian and kernels)")?,
        }
        let parts = self.parts.first().map_or(&[][..], Vec::as_slice);
        for part in parts {
            write!(f, ", {}: {} steps, {}", part.part, part.steps, part.outcome)?;
        }
        write!(
            f,
            ", in {:.0} s. Held-out rows: {:.3} nats",
            self.seconds, self.held_out
        )?;
        if let Some(baselines) = &self.baselines {
            write!(
                f,
                "; a full Gaussian {:.3}, independent columns {:.3}",
                baselines.gaussian, baselines.independent
            )?;
        }
        write!(f, ".")
    }
}

/// Columns that are shown.
const SHOWN: usize = 20;

/// The columns, one a line, and what was reached.
impl fmt::Display for FittedDensity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for known in self.columns().iter().take(SHOWN) {
            writeln!(f, "{known}")?;
        }
        if let Some(more) = self.columns().len().checked_sub(SHOWN + 1) {
            writeln!(f, "and {} columns more", more + 1)?;
        }
        write!(f, "{}", self.summary())
    }
}
