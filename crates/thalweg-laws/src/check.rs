//! One law or all laws, on one bijection or on every device.

use burn::tensor::{DType, Device};
use thalweg_flow::precision::{cast, f64_is_sound};

use crate::laws::*;
use crate::sample::edge_rows;
use crate::{Batched, Flat, Law, Options, Sample, Testable, Violation, scramble};

/// The inputs of a law.
pub(crate) struct Subject<'a, C: Batched, B: Testable<C>> {
    pub(crate) bijection: &'a B,
    /// Builds the same bijection with other parameters.
    pub(crate) other: &'a dyn Fn() -> B,
    pub(crate) data: &'a B::Data,
    pub(crate) edges: &'a B::Data,
    pub(crate) context: &'a C,
}

impl<C: Batched, B: Testable<C>> Subject<'_, C, B> {
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
            Law::ContextMatters if context.batch_size().is_none() => Ok(()),
            Law::ContextMatters => context_matters(bijection, data, context),
            Law::TotalOnFiniteInputs => total_on_finite_inputs(bijection, edges, context),
            Law::RefusesOtherShapes => refuses_other_shapes(bijection, data, context),
            Law::EmptyBatch => empty_batch(bijection, data, context),
            // `bijection_laws!` checks it through `Compiled`, where the type has the form.
            Law::CompiledAgrees => Ok(()),
        }
    }
}

/// Checks every law that `options` does not skip, on this bijection as it is.
///
/// The bijection is not scrambled, so that trained ones can be checked. The record is loaded into a
/// scrambled copy, which does not show a field missing from the record; see [`record_round_trip`].
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::{ActNorm, DiagonalScale, Reverse};
/// use thalweg_laws::{Law, Options, Sample, check_all, normal, scramble};
///
/// let device = Device::default().autodiff();
/// let layer = scramble((ActNorm::<2>::identity(3, &device), Reverse::<2> {}), 0.3);
/// let x = normal([4, 3]).sample(&device, DType::F64, 0);
/// # let layer = thalweg_flow::precision::cast(layer, DType::F64).unwrap();
/// check_all(&layer, &x, &(), &Options::default())?;
///
/// // The scales of one: the log-determinant is 0 and shows nothing.
/// let plain = DiagonalScale::<2>::new(3, &device);
/// # let plain = thalweg_flow::precision::cast(plain, DType::F64).unwrap();
/// let violation = check_all(&plain, &x, &(), &Options::default()).unwrap_err();
/// assert_eq!(violation.law, Law::VolumeAsDeclared);
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// The first violation, in the order of [`Law::ALL`].
pub fn check_all<C: Batched, B: Testable<C>>(
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

/// Checks one law on every device, in 64 and in 32 bits, with scrambled parameters: the body of the tests
/// of [`bijection_laws!`](crate::bijection_laws).
///
/// Skips 64 bits, with a line on the standard output, on a device with wrong 64-bit arithmetic.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_flow::DiagonalScale;
/// use thalweg_laws::{Law, Options, normal, run_law};
///
/// let build = |device: &Device| DiagonalScale::<2>::new(3, device);
/// let devices = [Device::default()];
/// run_law(Law::LogDetIsJacobian, &devices, build, normal([4, 3]), (), &Options::default());
/// ```
///
/// # Panics
///
/// Where the law is broken, and where there is no device.
pub fn run_law<C, B, S, K>(
    law: Law,
    devices: &[Device],
    build: impl Fn(&Device) -> B,
    data: S,
    context: K,
    options: &Options,
) where
    C: Batched,
    B: Testable<C>,
    S: Sample<Value = B::Data>,
    K: Sample<Value = C>,
{
    assert!(!devices.is_empty(), "without a device nothing is tested");
    if let Some(reason) = options.skipped(law) {
        println!("{law} is skipped: {reason}");
        return;
    }
    for (path, reason) in &options.without_gradient {
        println!("{path} needs no gradient: {reason}");
    }
    for device in devices {
        for dtype in [DType::F64, DType::F32] {
            if dtype == DType::F64 && !f64_is_sound(device) {
                println!("{law} is skipped in F64: {device:?} computes it wrongly");
                continue;
            }
            let build = |amplitude| match cast(scramble(build(device), amplitude), dtype) {
                Ok(bijection) => bijection,
                Err(error) => panic!("{error}"),
            };
            let subject = Subject {
                bijection: &build(options.amplitude),
                other: &|| build(0.5 * options.amplitude),
                data: &data.sample(device, dtype, 1),
                edges: &data.edges(device, dtype),
                context: &context.sample(device, dtype, 2),
            };
            if let Err(violation) = subject.check(law, options) {
                panic!("{violation}");
            }
        }
    }
}
