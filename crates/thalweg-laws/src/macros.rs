//! `bijection_laws!`.

/// Writes one `#[test]` a law for each bijection, named like `affine_coupling::round_trip_from_data`.
///
/// `devices` is an `AsRef<[Device]>`. Each entry names a bijection, its constructor and its inputs:
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
/// A recipe is a [`Sample`](crate::Sample), e.g. [`normal`](crate::normal)`([5, 4])` or a tuple of
/// recipes, of two rows or more, so that a dependence between rows shows. Each test builds the bijection
/// anew, `record_round_trip` twice, and prints the reasons of skipped laws. A bijection that does not
/// implement [`Lower`](thalweg_flow::Lower) skips `compiled_agrees` with its reason.
///
/// For an example see the [crate](crate).
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

            // Unused outside tests.
            #[allow(dead_code)]
            fn check_law(law: $crate::Law) {
                let options = $crate::Options::default();
                $(let options = $options;)?
                $(
                    $(println!("the volume is preserved: {}", $volume);)?
                    let options = options.volume_preserving();
                )?
                $($(let options = options.without_gradient($path, $fixed);)*)?
                $($(let options = options.skip($crate::Law::$law, $reason);)*)?
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
            check_law($crate::Law::$law);
        }
    )*};
}
