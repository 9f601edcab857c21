//! Wrong shapes panic; dtype and device are kept.

use std::any::Any;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::tensor::{DType, Device};

use crate::violation::Site;
use crate::{Batched, Flat, Law, Testable, Violation};

/// Data and latents with one feature more, one less, or one in all panic, and so do contexts with one row
/// more or, down to two, one less. The message names the expected and the given size.
///
/// Backends broadcast: without a check, a layer of two features accepts one column and returns a wrong
/// density.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::DiagonalScale;
/// use thalweg_laws::{Sample, laws, normal, scramble};
///
/// let device = Device::default().autodiff();
/// let layer = scramble(DiagonalScale::<2>::new(3, &device), 0.3);
/// let x = normal([4, 3]).sample(&device, DType::F32, 0);
/// laws::refuses_other_shapes(&layer, &x, &())?;
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// Where another shape passes, where the message is the backend's or names fewer than two numbers,
/// and where neither data nor latents have other shapes to try. A layer that takes any number of
/// features skips this law.
pub fn refuses_other_shapes<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
) -> Result<(), Violation> {
    let site = Site::new(Law::RefusesOtherShapes, data);
    let (z, _) = bijection.forward(data.clone(), context);
    refuses(&site, "forward", &data.other_shapes(), |x| {
        drop(bijection.forward(x, context));
    })?;
    refuses(&site, "inverse", &z.other_shapes(), |z| {
        drop(bijection.inverse(z, context));
    })?;
    let rows = context.batch_size().unwrap_or(0);
    for count in [rows + 1, rows.saturating_sub(1)] {
        // One row may be meant for all samples.
        if rows > 1 && count > 1 {
            let others: Vec<usize> = (0..count).map(|row| row % rows).collect();
            let context = context.select_rows(&others);
            let what = format!("{count} rows of context for {rows} samples");
            refused(&site, &what, || {
                drop(bijection.forward(data.clone(), &context));
            })?;
        }
    }
    Ok(())
}

/// Latents, data and log-determinants have the dtype and the device of the input.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::DiagonalScale;
/// use thalweg_laws::{Sample, laws, normal, scramble};
///
/// let device = Device::default().autodiff();
/// let layer = scramble(DiagonalScale::<2>::new(3, &device), 0.3);
/// let x = normal([4, 3]).sample(&device, DType::F32, 0);
/// laws::dtype_and_device_kept(&layer, &x, &())?;
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// Where one of them has another, e.g. because the layer always computes in 32 bits.
pub fn dtype_and_device_kept<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
) -> Result<(), Violation> {
    let site = Site::new(Law::DtypeAndDeviceKept, data);
    let (z, log_det) = bijection.forward(data.clone(), context);
    kept(&site, "latents", z.kinds())?;
    kept(&site, "log-determinant", log_det.kinds())?;
    let (x, log_det) = bijection.inverse(z, context);
    kept(&site, "data", x.kinds())?;
    kept(&site, "inverse log-determinant", log_det.kinds())
}

fn kept(site: &Site, what: &str, kinds: Vec<(DType, Device)>) -> Result<(), Violation> {
    for (dtype, device) in kinds {
        if (dtype, &device) != (site.dtype(), site.device()) {
            return Err(site.violated(
                format!("{what} in {:?} on {:?}", site.dtype(), site.device()),
                format!("{dtype:?} on {device:?}"),
            ));
        }
    }
    Ok(())
}

/// `run` panics for each of `others`.
pub(super) fn refuses<F: Flat>(
    site: &Site,
    direction: &str,
    others: &[F],
    run: impl Fn(F),
) -> Result<(), Violation> {
    if others.is_empty() {
        return Err(site.violated(
            "other shapes to try (implement `Flat::other_shapes`, or skip the law)",
            "none",
        ));
    }
    others.iter().try_for_each(|other| {
        let what = format!("{direction} of rows of {} numbers", other.width());
        refused(site, &what, || run(other.clone()))
    })
}

fn refused(site: &Site, what: &str, run: impl FnOnce()) -> Result<(), Violation> {
    let expected = format!("a panic that names two numbers for {what}");
    let Some(message) = panics(run) else {
        return Err(site.violated(expected, "a result"));
    };
    match names_two_numbers(&message) {
        true => Ok(()),
        false => Err(site.violated(expected, message)),
    }
}

/// The message of the panic, if there is one.
pub(super) fn panics(run: impl FnOnce()) -> Option<String> {
    let payload = catch_unwind(AssertUnwindSafe(run)).err()?;
    Some(text(&*payload))
}

fn text(payload: &(dyn Any + Send)) -> String {
    let literal = payload.downcast_ref::<&str>().copied();
    let owned = payload.downcast_ref::<String>().map(String::as_str);
    literal
        .or(owned)
        .unwrap_or("a panic without a text")
        .to_owned()
}

/// Whether a message of the layer names the expected and the found size.
fn names_two_numbers(message: &str) -> bool {
    const OF_THE_BACKEND: &str = "=== Tensor Operation Error ===";
    let numbers = message.split(|c: char| !c.is_ascii_digit());
    let numbers: BTreeSet<&str> = numbers.filter(|n| !n.is_empty()).collect();
    numbers.len() > 1 && !message.contains(OF_THE_BACKEND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_what_is_expected_and_what_is_found() {
        assert!(names_two_numbers("made for [batch, 2] and got [4, 1]"));
        assert!(!names_two_numbers("2 shifts for 2 features"));
        assert!(!names_two_numbers(
            "=== Tensor Operation Error ===\n 3 and 4"
        ));
    }

    #[test]
    fn a_panic_is_caught_with_its_text() {
        assert_eq!(
            panics(|| panic!("{} of them", 3)).as_deref(),
            Some("3 of them")
        );
        assert_eq!(panics(|| panic!("none")).as_deref(), Some("none"));
        assert_eq!(panics(|| ()), None);
    }
}
