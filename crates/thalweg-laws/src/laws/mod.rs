//! The laws, one function each.
//!
//! Each checks a bijection on a batch of data with its context, and returns the
//! [`Violation`] that it finds. Expected `e` and found `f` agree where
//! `|f − e| ≤ tolerance · max(1, |e|)`.
//!
//! Check [scrambled](crate::scramble) parameters: a layer that starts as the identity passes most laws
//! with any formula. No law suffices alone: a wrong sign of the log-determinant breaks only
//! [`log_det_is_jacobian`], a dependence between rows only [`batch_rows_independent`].

mod batches;
mod bits;
mod compiled;
mod density;
mod formulas;
mod gradients;
mod shapes;
mod total;

pub use batches::{batch_rows_independent, context_matters, empty_batch};
pub use bits::{deterministic, initialization_passes_on, record_round_trip};
pub use compiled::{Compilable, compiled_agrees};
pub use density::{
    density_of_an_empty_batch, density_refuses_other_shapes, density_total_on_finite_inputs,
};
pub use formulas::{
    log_det_has_batch_shape, log_det_is_jacobian, log_dets_cancel, round_trip_from_data,
    round_trip_from_latent, volume_as_declared,
};
pub use gradients::{every_parameter_has_gradient, gradients_without_tape};
pub use shapes::{dtype_and_device_kept, refuses_other_shapes};
pub use total::{finite_at_the_edges, total_on_finite_inputs};

use thalweg_flow::LogDet;

use crate::violation::{Site, host};
use crate::{Flat, Violation};

/// A result of a bijection on the host: the numbers of a value, row by row, and its log-determinants.
#[derive(Debug)]
struct Outcome {
    values: Vec<f64>,
    log_det: Vec<f64>,
    width: usize,
}

impl Outcome {
    /// Fails unless there is one log-determinant a row.
    fn of<F: Flat>(site: &Site, (value, log_det): (F, LogDet)) -> Result<Self, Violation> {
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

    fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.width..(row + 1) * self.width]
    }
}
