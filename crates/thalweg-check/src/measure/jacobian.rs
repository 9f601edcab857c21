//! Log-determinants against Jacobians by autodiff.

use burn::tensor::Tensor;
use serde::Serialize;
use thalweg_flow::{Bijection, Condition};
use thalweg_laws::{Matrix, jacobians_of};

use super::deviation::distance;
use super::{Case, flat, host, restored, row};
use crate::{Measured, Subject};

/// `|ln |det J| − autodiff|` in a few rows.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_check::{LogDetError, Options, check};
/// use thalweg_flow::{DiagonalScale, Flow, Noise, base::StandardNormal};
///
/// let device = Device::default();
/// let flow = Flow::new(DiagonalScale::<2>::new(2, &device), StandardNormal::new(2));
/// let rows = Noise::seeded(0).normal::<2>([20, 2], &device, DType::F32);
/// let report = check(&flow, &rows, &Options { evaluations: 20_000, jacobians: 3, ..Options::default() })?;
/// let LogDetError { rows, largest, each } = report.log_det.done().expect("two numbers a row");
/// assert_eq!((*rows, *each), (3, largest / 2.0));
/// assert!(*largest < 1e-6);
/// # Ok::<(), thalweg_check::CheckError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LogDetError {
    /// Rows compared.
    pub rows: usize,
    /// The largest difference, in nats.
    pub largest: f64,
    /// The largest difference for each of the `D` numbers of a sample, which contributes one logarithm.
    pub each: f64,
}

/// The difference in one row, under one row of context; `None` where data and latents differ in size, which no
/// bijection does.
pub(super) fn difference<C, B: Bijection<C>>(
    bijection: &B,
    x: &B::Data,
    context: &C,
) -> Option<f64> {
    let rows = flat(x);
    let [_, n] = rows.dims();
    let (z, log_det) = bijection.forward(x.clone(), context);
    if flat(&z).dims() != [1, n] || log_det.dims() != [1] {
        return None;
    }
    let copies = rows.repeat_dim(0, n);
    let forward = |copies: Tensor<2>| flat(&bijection.forward(restored(x, copies), context).0);
    let expected = jacobians_of(copies, forward);
    let expected = expected.first().map(Matrix::log_abs_det)?;
    Some(distance(expected, host(log_det)[0]))
}

pub(crate) fn log_det<S: Subject<D>, const D: usize>(case: &Case<S, D>) -> Measured<LogDetError> {
    let (n, most) = (case.numbers(), case.options.jacobian_width);
    if n > most {
        return Measured::Skipped(format!(
            "a Jacobian of {n} × {n} numbers costs {n} backward passes; the bound is {most}"
        ));
    }
    let (x, _) = case.model.enter(case.x.clone());
    let rows = case.rows().min(case.options.jacobians);
    let differences = (0..rows).map(|index| {
        let context = case.context.part_of(index..index + 1, case.rows());
        let bijection = &case.model.flow().bijection;
        difference(bijection, &row(&x, index), &context).unwrap_or(f64::INFINITY)
    });
    let largest = differences.fold(0.0, f64::max);
    Measured::Done(LogDetError {
        rows,
        largest,
        each: largest / n as f64,
    })
}
