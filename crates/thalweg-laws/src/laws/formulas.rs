//! The two directions are inverse to each other, and the log-determinant is the right one.

use super::Outcome;
use crate::jacobian::jacobians;
use crate::violation::{Site, host};
use crate::{Batched, Flat, Law, Testable, Violation};

/// Smaller log-determinants count as zero.
const VACUOUS: f64 = 1e-3;

/// Rows whose Jacobian is computed, at one evaluation an element.
const JACOBIAN_ROWS: usize = 3;

/// Both log-determinants have the shape `[batch]`, also where the Jacobian is constant.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::DiagonalScale;
/// use thalweg_laws::{Sample, laws, normal, scramble};
///
/// let device = Device::default().autodiff();
/// let layer = scramble(DiagonalScale::<2>::new(3, &device), 0.3);
/// let x = normal([4, 3]).sample(&device, DType::F32, 0);
/// laws::log_det_has_batch_shape(&layer, &x, &())?;
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// Where one has another shape, such as `[1]`, which would be broadcast.
pub fn log_det_has_batch_shape<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
) -> Result<(), Violation> {
    let site = Site::new(Law::LogDetHasBatchShape, data);
    let (z, log_det) = bijection.forward(data.clone(), context);
    Outcome::of(&site, (z.clone(), log_det))?;
    Outcome::of(&site, bijection.inverse(z, context))?;
    Ok(())
}

/// `ln |det ∂f/∂x| + ln |det ∂f⁻¹/∂z| = 0` at `z = f(x)`.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::DiagonalScale;
/// use thalweg_laws::{Sample, laws, normal, scramble};
///
/// let device = Device::default().autodiff();
/// let layer = scramble(DiagonalScale::<2>::new(3, &device), 0.3);
/// let x = normal([4, 3]).sample(&device, DType::F32, 0);
/// laws::log_dets_cancel(&layer, &x, &(), 1e-4)?;
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// Where the sum is not zero in a row.
pub fn log_dets_cancel<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
    tolerance: f64,
) -> Result<(), Violation> {
    let site = Site::new(Law::LogDetsCancel, data).within(tolerance);
    let (z, log_det) = bijection.forward(data.clone(), context);
    let there = Outcome::of(&site, (z.clone(), log_det))?;
    let back = Outcome::of(&site, bijection.inverse(z, context))?;
    let expected: Vec<f64> = there.log_det.iter().map(|l| -l).collect();
    site.close("the inverse log-determinant", &expected, &back.log_det)
}

/// The log-determinant equals `ln |det J|` of the Jacobian by autodiff, in the first three rows.
///
/// ```
/// use burn::module::Module;
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, LogDet};
/// use thalweg_laws::laws;
///
/// /// `z = 2 x`, with a sign too many.
/// #[derive(Module, Debug)]
/// struct Wrong {}
///
/// impl<C> Bijection<C> for Wrong {
///     type Data = Tensor<2>;
///     type Latent = Tensor<2>;
///
///     fn forward(&self, x: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
///         let log_det = Tensor::full([x.dims()[0]], -(2.0_f32.ln()), &x.device());
///         (x * 2.0, log_det)
///     }
///
///     fn inverse(&self, z: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
///         let log_det = Tensor::full([z.dims()[0]], 2.0_f32.ln(), &z.device());
///         (z * 0.5, log_det)
///     }
/// }
///
/// // Both ways agree; only the Jacobian tells.
/// let x = Tensor::<2>::from_floats([[1.0], [2.0]], &Device::default().autodiff());
/// assert!(laws::log_dets_cancel(&Wrong {}, &x, &(), 1e-5).is_ok());
/// assert!(laws::log_det_is_jacobian(&Wrong {}, &x, &(), 1e-5).is_err());
/// ```
///
/// # Errors
///
/// Where the two differ, or where data and latents have different numbers of elements.
pub fn log_det_is_jacobian<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
    tolerance: f64,
) -> Result<(), Violation> {
    let site = Site::new(Law::LogDetIsJacobian, data).within(tolerance);
    let (z, log_det) = bijection.forward(data.clone(), context);
    let (n, found) = (data.width(), z.width());
    if n != found {
        return Err(site.violated(format!("{n} latents a row"), format!("{found}")));
    }
    let outcome = Outcome::of(&site, (z, log_det))?;
    let rows: Vec<usize> = (0..outcome.log_det.len().min(JACOBIAN_ROWS)).collect();
    let expected: Vec<f64> = jacobians(bijection, data, context, &rows)
        .iter()
        .map(crate::Matrix::log_abs_det)
        .collect();
    site.close(
        "the log-determinant",
        &expected,
        &outcome.log_det[..rows.len()],
    )
}

/// The log-determinants differ from zero, or are zero where the volume is declared to be preserved.
///
/// A log-determinant that is zero everywhere passes the other laws untested: the layer is still the
/// identity, or its formula is missing.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Reverse;
/// use thalweg_laws::laws;
///
/// let x = Tensor::<2>::from_floats([[1.0, 2.0], [3.0, 4.0]], &Device::default());
/// laws::volume_as_declared(&Reverse::<2> {}, &x, &(), true, 1e-6)?;
/// assert!(laws::volume_as_declared(&Reverse::<2> {}, &x, &(), false, 1e-6).is_err());
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// Where `max |ln |det J|| < 1e-3` although the volume should change, or exceeds `tolerance`
/// although it should be preserved.
pub fn volume_as_declared<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
    preserved: bool,
    tolerance: f64,
) -> Result<(), Violation> {
    let site = Site::new(Law::VolumeAsDeclared, data).within(tolerance);
    let outcome = Outcome::of(&site, bijection.forward(data.clone(), context))?;
    if preserved {
        let zeros = vec![0.0; outcome.log_det.len()];
        return site.close("the log-determinant", &zeros, &outcome.log_det);
    }
    let largest = outcome.log_det.iter().fold(0.0, |m: f64, l| m.max(l.abs()));
    match largest < VACUOUS {
        true => Err(site.violated(
            format!(
                "a log-determinant beyond ±{VACUOUS:e} (scramble the parameters, or declare the \
                 volume as preserved)"
            ),
            format!("at most {largest:e}"),
        )),
        false => Ok(()),
    }
}

/// `f⁻¹(f(x)) = x`.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::DiagonalScale;
/// use thalweg_laws::{Sample, laws, normal, scramble};
///
/// let device = Device::default().autodiff();
/// let layer = scramble(DiagonalScale::<2>::new(3, &device), 0.3);
/// let x = normal([4, 3]).sample(&device, DType::F32, 0);
/// laws::round_trip_from_data(&layer, &x, &(), 1e-4)?;
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// Where an element of `x` does not come back.
pub fn round_trip_from_data<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
    tolerance: f64,
) -> Result<(), Violation> {
    let site = Site::new(Law::RoundTripFromData, data).within(tolerance);
    let (z, _) = bijection.forward(data.clone(), context);
    let (x, _) = bijection.inverse(z, context);
    let (expected, found) = (host(data.to_rows()), host(x.to_rows()));
    site.close("f⁻¹(f(x))", &expected, &found)
}

/// `f(f⁻¹(z)) = z` at new latents: the midpoints of the latents of neighbouring rows, which lie in every
/// convex latent space.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::DiagonalScale;
/// use thalweg_laws::{Sample, laws, normal, scramble};
///
/// let device = Device::default().autodiff();
/// let layer = scramble(DiagonalScale::<2>::new(3, &device), 0.3);
/// let x = normal([4, 3]).sample(&device, DType::F32, 0);
/// laws::round_trip_from_latent(&layer, &x, &(), 1e-4)?;
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// Where an element of `z` does not come back.
pub fn round_trip_from_latent<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
    tolerance: f64,
) -> Result<(), Violation> {
    let site = Site::new(Law::RoundTripFromLatent, data).within(tolerance);
    let (z, _) = bijection.forward(data.clone(), context);
    let rows = z.to_rows().detach();
    let batch = rows.dims()[0];
    let next = rows.select_rows(&(0..batch).map(|r| (r + 1) % batch).collect::<Vec<_>>());
    let midway = (rows + next).mul_scalar(0.5);
    let z = z.with_rows(midway.clone());
    let (x, _) = bijection.inverse(z, context);
    let (back, _) = bijection.forward(x, context);
    site.close("f(f⁻¹(z))", &host(midway), &host(back.to_rows()))
}
