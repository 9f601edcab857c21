//! Finds the first layer whose output is not finite.
//!
//! [`first_non_finite`] runs a computation again and reads the output of each layer that calls
//! [`output`]. All layers of this crate call it in both directions; chains name their steps.

use std::cell::RefCell;
use std::fmt::Display;

use burn::tensor::Tensor;
use thalweg_kernels::largest_of;

use crate::LogDet;

thread_local! {
    static PROBE: RefCell<Option<Probe>> = const { RefCell::new(None) };
}

#[derive(Default)]
struct Probe {
    path: Vec<String>,
    found: Option<String>,
}

/// Runs a computation and names the first layer on this thread whose output is not finite, by its path of
/// steps and its type.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, DiagonalScale, Reverse, probe};
///
/// let device = Device::default();
/// let broken = Tensor::from_floats([0.0, f32::INFINITY], &device);
/// let broken = DiagonalScale::from_log_scale(broken);
/// let flow = (Reverse::<2> {}, vec![DiagonalScale::new(2, &device), broken]);
///
/// let x = Tensor::ones([3, 2], &device);
/// let found = probe::first_non_finite(&mut || drop(flow.forward(x.clone(), &())));
/// assert_eq!(found.as_deref(), Some("1.1 (DiagonalScale)"));
/// ```
pub fn first_non_finite(run: &mut dyn FnMut()) -> Option<String> {
    let outer = PROBE.replace(Some(Probe::default()));
    run();
    PROBE.replace(outer).and_then(|probe| probe.found)
}

/// Whether a probe watches this thread.
pub(crate) fn is_active() -> bool {
    PROBE.with_borrow(Option::is_some)
}

/// Shows the output of a layer to the probe, if one is active.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::probe;
///
/// // A computation of your own shows its steps, without bijections.
/// let x = Tensor::<1>::from_floats([-1.0], &Device::default());
/// let found = probe::first_non_finite(&mut || {
///     probe::output("square", &x.clone().powi_scalar(2));
///     probe::step("tail", || probe::output("log", &x.clone().log()));
/// });
/// assert_eq!(found.as_deref(), Some("tail (log)"));
/// ```
pub fn output<const D: usize>(layer: &str, tensor: &Tensor<D>) {
    PROBE.with_borrow_mut(|probe| {
        let Some(probe) = probe.as_mut().filter(|probe| probe.found.is_none()) else {
            return;
        };
        // `saturate` maps an overflow to the largest number of the dtype.
        let tensor = tensor.clone().inner();
        let finite = tensor
            .clone()
            .abs()
            .lower_elem(largest_of(tensor.dtype()))
            .all();
        // A read error is no finding.
        if !finite.try_into_scalar::<bool>().unwrap_or(true) {
            probe.found = Some(match probe.path.is_empty() {
                true => layer.to_owned(),
                false => format!("{} ({layer})", probe.path.join(".")),
            });
        }
    });
}

/// Shows the result of a bijection to the probe, and returns it.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::probe;
///
/// // The value is finite, the log-determinant is not.
/// let device = Device::default();
/// let result = (Tensor::<2>::ones([1, 3], &device), Tensor::<1>::full([1], f32::NAN, &device));
/// let found = probe::first_non_finite(&mut || drop(probe::layer("Mine", result.clone())));
/// assert_eq!(found.as_deref(), Some("Mine"));
/// ```
pub fn layer<const D: usize>(
    layer: &str,
    (value, log_det): (Tensor<D>, LogDet),
) -> (Tensor<D>, LogDet) {
    output(layer, &value);
    output(layer, &log_det);
    (value, log_det)
}

/// Runs a named step of a chain.
///
/// See [`output`] for an example.
pub fn step<R>(name: impl Display, run: impl FnOnce() -> R) -> R {
    let watched = PROBE.with_borrow_mut(|probe| match probe {
        Some(probe) => {
            probe.path.push(name.to_string());
            true
        }
        None => false,
    });
    let result = run();
    if watched {
        PROBE.with_borrow_mut(|probe| probe.as_mut().map(|probe| probe.path.pop()));
    }
    result
}
