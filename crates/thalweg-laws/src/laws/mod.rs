//! The laws, one function each.
//!
//! Each takes the bijection, a batch of data and its context, and answers `Ok(())` or the
//! [`Violation`](crate::Violation) that it found. Numbers `e` (expected) and `f` (found) agree
//! where `|f − e| ≤ tolerance · max(1, |e|)`.
//!
//! Check scrambled parameters ([`scramble`](crate::scramble)): a layer that starts as the identity
//! passes most laws, whatever its formulas say. No law sees everything; a wrong sign of the
//! log-determinant passes all but [`log_det_is_jacobian`], and a leak between the rows all but
//! [`batch_rows_independent`].

mod compiled;
mod context;
mod density;
mod deterministic;
mod edges;
mod empty;
mod gradient;
mod initialization;
mod kept;
mod log_det;
mod outcome;
mod record;
mod round_trip;
mod rows;
mod shapes;
mod tape;
mod total;

pub use compiled::{Compilable, compiled_agrees};
pub use context::context_matters;
pub use density::{
    density_of_an_empty_batch, density_refuses_other_shapes, density_total_on_finite_inputs,
};
pub use deterministic::deterministic;
pub use edges::finite_at_the_edges;
pub use empty::empty_batch;
pub use gradient::every_parameter_has_gradient;
pub use initialization::initialization_passes_on;
pub use kept::dtype_and_device_kept;
pub use log_det::{
    log_det_has_batch_shape, log_det_is_jacobian, log_dets_cancel, volume_as_declared,
};
pub use record::record_round_trip;
pub use round_trip::{round_trip_from_data, round_trip_from_latent};
pub use rows::batch_rows_independent;
pub use shapes::refuses_other_shapes;
pub use tape::gradients_without_tape;
pub use total::total_on_finite_inputs;
