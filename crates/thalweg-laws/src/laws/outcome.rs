//! A result of a bijection on the host.

use thalweg_flow::LogDet;

use crate::violation::{Site, host};
use crate::{Flat, Violation};

/// The numbers of a value, row by row, and its log-determinants.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) values: Vec<f64>,
    pub(super) log_det: Vec<f64>,
    width: usize,
}

impl Outcome {
    /// Fails where there is not one log-determinant a row, which no other law could compare.
    pub(super) fn of<F: Flat>(
        site: &Site,
        (value, log_det): (F, LogDet),
    ) -> Result<Self, Violation> {
        let [batch, width] = value.to_rows().dims();
        if log_det.dims() != [batch] {
            return Err(site.violated(
                format!("a log-determinant of shape [{batch}]"),
                format!("{:?}", log_det.dims()),
            ));
        }
        Ok(Self {
            values: host(value.to_rows()),
            log_det: host(log_det),
            width,
        })
    }

    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.width..(row + 1) * self.width]
    }
}
