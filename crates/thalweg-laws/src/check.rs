//! One law, or all of them, on one bijection.

use crate::laws::*;
use crate::sample::edge_rows;
use crate::{Batch, Flat, Law, Options, Testable, Violation, scramble};

/// Everything that a law may look at.
pub(crate) struct Subject<'a, C: Batch, B: Testable<C>> {
    pub(crate) bijection: &'a B,
    /// Builds a bijection like this one, with other parameters.
    pub(crate) other: &'a dyn Fn() -> B,
    pub(crate) data: &'a B::Data,
    pub(crate) edges: &'a B::Data,
    pub(crate) context: &'a C,
}

impl<C: Batch, B: Testable<C>> Subject<'_, C, B> {
    pub(crate) fn check(&self, law: Law, options: &Options) -> Result<(), Violation> {
        let Self {
            bijection,
            other,
            data,
            edges,
            context,
        } = *self;
        let tolerance = options.tolerance(data.to_rows().dtype());
        match law {
            Law::RoundTripFromData => round_trip_from_data(bijection, data, context, tolerance),
            Law::RoundTripFromLatent => round_trip_from_latent(bijection, data, context, tolerance),
            Law::LogDetsCancel => log_dets_cancel(bijection, data, context, tolerance),
            Law::LogDetIsJacobian => log_det_is_jacobian(bijection, data, context, tolerance),
            Law::LogDetHasBatchShape => log_det_has_batch_shape(bijection, data, context),
            Law::VolumeAsDeclared => {
                let preserved = options.volume_preserving;
                volume_as_declared(bijection, data, context, preserved, tolerance)
            }
            Law::BatchRowsIndependent => {
                batch_rows_independent(bijection, data, context, tolerance)
            }
            Law::DtypeAndDeviceKept => dtype_and_device_kept(bijection, data, context),
            Law::EveryParameterHasGradient => {
                let exceptions = &options.without_gradient;
                every_parameter_has_gradient(bijection, data, context, exceptions)
            }
            Law::GradientsWithoutTape => {
                gradients_without_tape(bijection, data, context, tolerance)
            }
            Law::RecordRoundTrip => record_round_trip(bijection, other(), data, context),
            Law::Deterministic => deterministic(bijection, data, context),
            Law::FiniteAtTheEdges => finite_at_the_edges(bijection, edges, context),
            Law::InitializationPassesOn => initialization_passes_on(bijection, data, context),
            // Without a context there is nothing that could matter.
            Law::ContextMatters if context.batch_size().is_none() => Ok(()),
            Law::ContextMatters => context_matters(bijection, data, context),
            Law::TotalOnFiniteInputs => total_on_finite_inputs(bijection, edges, context),
            Law::RefusesOtherShapes => refuses_other_shapes(bijection, data, context),
            Law::EmptyBatch => empty_batch(bijection, data, context),
            // `Compiled` checks it, which knows that the bijection has the form.
            Law::CompiledAgrees => Ok(()),
        }
    }
}

/// Checks every law that `options` does not skip, on this bijection as it is.
///
/// The bijection is not scrambled, so that trained ones can be checked. The record is loaded into
/// a scrambled copy; a field that the record forgets shows only in a module built anew, see
/// [`record_round_trip`].
///
/// # Errors
///
/// The first violation, in the order of [`Law::ALL`].
pub fn check_all<C: Batch, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
    options: &Options,
) -> Result<(), Violation> {
    let subject = Subject {
        bijection,
        other: &|| scramble(bijection.clone(), options.amplitude),
        data,
        edges: &edge_rows(data, &options.edges),
        context,
    };
    Law::ALL
        .into_iter()
        .filter(|law| options.skipped(*law).is_none())
        .try_for_each(|law| subject.check(law, options))
}
