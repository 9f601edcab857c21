//! `bijection_laws!`.

/// Writes one `#[test]` a law for each bijection, named like `affine_coupling::round_trip_from_data`.
///
/// `devices` is anything that borrows as `[Device]`. Each entry names a bijection and says how to
/// build it and what to feed it:
///
/// ```text
/// name: |device| expression, data: recipe
///     [, context: recipe]
///     [, volume_preserving]
///     [, options: an `Options`]
///     [, without_gradient: [path("reason"), …]]
///     [, skip: [law("reason"), …]];
/// ```
///
/// Recipes are [`Sample`](crate::Sample)s: [`normal`](crate::normal)`([5, 4])`, tuples of them, or
/// your own. Give two rows or more, or a leak between rows cannot show. The builder runs anew in
/// each test, and twice in `record_round_trip`. What is skipped is skipped by name with a reason,
/// which the test prints: also `compiled_agrees`, of a bijection that does not implement
/// [`Lower`](thalweg_flow::Lower).
///
/// The crate's documentation has an example.
#[macro_export]
macro_rules! bijection_laws {
    (
        devices: $devices:expr;
        $(
            $name:ident: $build:expr, data: $data:expr
            $(, context: $context:expr)?
            $(, volume_preserving $(($volume:literal))?)?
            $(, options: $options:expr)?
            $(, without_gradient: [$($path:literal($fixed:literal)),* $(,)?])?
            $(, skip: [$($law:ident($reason:literal)),* $(,)?])?
            $(,)?
        );* $(;)?
    ) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            // A program that is no test keeps the module without its tests.
            #[allow(dead_code)]
            fn check_law(law: $crate::Law) {
                let options = $crate::Options::default();
                $(let options = $options;)?
                $(
                    $(println!("the volume is preserved: {}", $volume);)?
                    let options = options.volume_preserving();
                )?
                $($(let options = options.without_gradient($path, $fixed);)*)?
                $($(let options = options.skip($crate::__law!($law), $reason);)*)?
                let devices = &$devices;
                let devices = ::core::convert::AsRef::<[$crate::Device]>::as_ref(devices);
                if law == $crate::Law::CompiledAgrees {
                    #[allow(unused_imports)]
                    use $crate::{HasCompiledForm as _, HasNoCompiledForm as _};
                    let subjects =
                        $crate::Compiled::all(devices, $build, $data, ($($context)?), &options);
                    return subjects.iter().for_each(|subject| (&subject).check(&options));
                }
                $crate::run_law(law, devices, $build, $data, ($($context)?), &options);
            }

            $crate::__law_tests! {
                round_trip_from_data, round_trip_from_latent, log_dets_cancel,
                log_det_is_jacobian, log_det_has_batch_shape, volume_as_declared,
                batch_rows_independent, dtype_and_device_kept, every_parameter_has_gradient,
                gradients_without_tape, record_round_trip, deterministic, finite_at_the_edges, initialization_passes_on,
                total_on_finite_inputs, refuses_other_shapes, empty_batch, compiled_agrees
                $(, context_matters @ $context)?
            }
        }
    )*};
}

/// The tests of one bijection.
#[doc(hidden)]
#[macro_export]
macro_rules! __law_tests {
    ($($law:ident $(@ $context:expr)?),*) => {$(
        #[test]
        fn $law() {
            check_law($crate::__law!($law));
        }
    )*};
}

/// The law of a name; an unknown name does not compile.
#[doc(hidden)]
#[macro_export]
macro_rules! __law {
    (round_trip_from_data) => {
        $crate::Law::RoundTripFromData
    };
    (round_trip_from_latent) => {
        $crate::Law::RoundTripFromLatent
    };
    (log_dets_cancel) => {
        $crate::Law::LogDetsCancel
    };
    (log_det_is_jacobian) => {
        $crate::Law::LogDetIsJacobian
    };
    (log_det_has_batch_shape) => {
        $crate::Law::LogDetHasBatchShape
    };
    (volume_as_declared) => {
        $crate::Law::VolumeAsDeclared
    };
    (batch_rows_independent) => {
        $crate::Law::BatchRowsIndependent
    };
    (dtype_and_device_kept) => {
        $crate::Law::DtypeAndDeviceKept
    };
    (every_parameter_has_gradient) => {
        $crate::Law::EveryParameterHasGradient
    };
    (gradients_without_tape) => {
        $crate::Law::GradientsWithoutTape
    };
    (record_round_trip) => {
        $crate::Law::RecordRoundTrip
    };
    (deterministic) => {
        $crate::Law::Deterministic
    };
    (finite_at_the_edges) => {
        $crate::Law::FiniteAtTheEdges
    };
    (initialization_passes_on) => {
        $crate::Law::InitializationPassesOn
    };
    (context_matters) => {
        $crate::Law::ContextMatters
    };
    (total_on_finite_inputs) => {
        $crate::Law::TotalOnFiniteInputs
    };
    (refuses_other_shapes) => {
        $crate::Law::RefusesOtherShapes
    };
    (empty_batch) => {
        $crate::Law::EmptyBatch
    };
    (compiled_agrees) => {
        $crate::Law::CompiledAgrees
    };
}
