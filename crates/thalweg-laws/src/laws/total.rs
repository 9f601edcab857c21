//! Finite inputs give numbers: at the edges of the domain, and at the ends of the dtype.

use burn::module::Module;
use burn::tensor::Gradients;
use thalweg_flow::Variable;

use super::Outcome;
use super::gradients::{Source, loss, of_parameters, weights};
use crate::extremes::{extreme_rows, is_huge, near_the_end};
use crate::sample::repeat_rows;
use crate::violation::{Site, host};
use crate::{Batched, Flat, Law, Testable, Violation};

/// Finite data and latents give no NaN: 0, the smallest numbers, the edges and their neighbours, and
/// numbers up to the largest of the dtype.
///
/// An overflow may be infinite or the largest number. A log-determinant is a number, or `−∞` where there is
/// no density or it underflows, never `+∞`. Where latents and log-determinant are finite, no gradient is
/// NaN, neither in the data nor, of one row alone, in a parameter. Gradients are not checked beyond a
/// hundred millionth of the largest number, since they multiply the data.
///
/// `edges` is a batch of any size, e.g. from [`edge_rows`](crate::edge_rows); the context is repeated
/// to its length.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::DiagonalScale;
/// use thalweg_laws::{Sample, laws, normal, scramble};
///
/// let device = Device::default().autodiff();
/// let layer = scramble(DiagonalScale::<2>::new(3, &device), 0.3);
/// let x = normal([4, 3]).sample(&device, DType::F32, 0);
/// let edges = thalweg_laws::edge_rows(&x, &[-30.0, 30.0]);
/// laws::total_on_finite_inputs(&layer, &edges, &())?;
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// Where a number is NaN, or a log-determinant `+∞`.
pub fn total_on_finite_inputs<C: Batched, B: Testable<C>>(
    bijection: &B,
    edges: &B::Data,
    context: &C,
) -> Result<(), Violation> {
    let site = Site::new(Law::TotalOnFiniteInputs, edges);
    let data = extreme_rows(edges, &host(edges.to_rows()));
    let rows = data.batch_size().unwrap_or(0);
    let context = repeat_rows(context, rows);
    let (z, log_det) = bijection.forward(data.clone(), &context);
    let found = Outcome::of(&site, (z.clone(), log_det))?;
    total(&site, "f(x)", &data, &found)?;

    let there = Outcome::of(&site, bijection.inverse(z.clone(), &context))?;
    total(&site, "f⁻¹(f(x))", &data, &there)?;
    let latents = extreme_rows(&z, &[]);
    let of_latents = repeat_rows(&context, latents.batch_size().unwrap_or(0));
    let back = Outcome::of(&site, bijection.inverse(latents.clone(), &of_latents))?;
    total(&site, "f⁻¹(z)", &latents, &back)?;

    let finite: Vec<usize> = (0..rows)
        .filter(|row| {
            let numbers = found.row(*row).iter().chain([&found.log_det[*row]]);
            numbers.copied().all(f64::is_finite)
        })
        .collect();
    let trained = bijection.clone().train();
    gradients(&site, &finite, &data, &|x, rows| {
        let (z, log_det) = trained.forward(x, &context.select_rows(rows));
        let (z_weights, weights) = weights(&z, &log_det);
        let gradients = loss(&z, log_det, z_weights, weights).backward();
        let nan = nan_gradient(&trained, &gradients);
        (gradients, nan)
    })
}

/// Values at the edges of the domain map to finite latents with finite log-determinants, and back to
/// finite data.
///
/// `edges` is a batch of any size, e.g. from [`edge_rows`](crate::edge_rows); the context is
/// repeated to its length.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::DiagonalScale;
/// use thalweg_laws::{Sample, laws, normal, scramble};
///
/// let device = Device::default().autodiff();
/// let layer = scramble(DiagonalScale::<2>::new(3, &device), 0.3);
/// let x = normal([4, 3]).sample(&device, DType::F32, 0);
/// let edges = thalweg_laws::edge_rows(&x, &[-30.0, 30.0]);
/// laws::finite_at_the_edges(&layer, &edges, &())?;
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// Where a number is infinite or NaN.
pub fn finite_at_the_edges<C: Batched, B: Testable<C>>(
    bijection: &B,
    edges: &B::Data,
    context: &C,
) -> Result<(), Violation> {
    let site = Site::new(Law::FiniteAtTheEdges, edges);
    let context = repeat_rows(context, edges.batch_size().unwrap_or(0));
    let (z, log_det) = bijection.forward(edges.clone(), &context);
    let forward = Outcome::of(&site, (z.clone(), log_det))?;
    finite(&site, "f(x)", &forward)?;
    let inverse = Outcome::of(&site, bijection.inverse(z, &context))?;
    finite(&site, "f⁻¹(f(x))", &inverse)
}

fn finite(site: &Site, what: &str, outcome: &Outcome) -> Result<(), Violation> {
    for (row, log_det) in outcome.log_det.iter().enumerate() {
        let mut values = outcome.row(row).iter();
        if let Some(value) = values.find(|value| !value.is_finite()) {
            return Err(site.violated(
                format!("finite numbers as {what} in row {row} of the edges"),
                format!("{value}"),
            ));
        }
        if !log_det.is_finite() {
            return Err(site.violated(
                format!("a finite log-determinant of {what} in row {row} of the edges"),
                format!("{log_det}"),
            ));
        }
    }
    Ok(())
}

/// No value is NaN, and no log-determinant that or `+∞`.
fn total<F: Flat>(site: &Site, what: &str, inputs: &F, outcome: &Outcome) -> Result<(), Violation> {
    let width = inputs.width();
    let inputs = host(inputs.to_rows());
    for (row, log_det) in outcome.log_det.iter().enumerate() {
        let of = &inputs[row * width..][..width.min(4)];
        if outcome.row(row).iter().any(|value| value.is_nan()) {
            return Err(site.violated(format!("numbers as {what} of {of:?}"), "NaN"));
        }
        numbers_or_underflow(
            site,
            &format!("the log-determinant of {what}"),
            of,
            *log_det,
        )?;
    }
    Ok(())
}

/// `value` is a number or `−∞`.
pub(super) fn numbers_or_underflow(
    site: &Site,
    what: &str,
    of: &[f64],
    value: f64,
) -> Result<(), Violation> {
    match value.is_nan() || value == f64::INFINITY {
        true => Err(site.violated(
            format!("a number or -inf as {what} of {of:?}"),
            format!("{value}"),
        )),
        false => Ok(()),
    }
}

/// The gradients of a loss, and the path of a parameter whose gradient is NaN.
pub(super) type Found = (Gradients, Option<String>);

/// No gradient of these rows is NaN. `run` returns the gradients of the loss of some rows.
///
/// Huge numbers are checked one row at a time: their gradients may be infinite, with NaN as their sum.
pub(super) fn gradients<F: Flat + Variable>(
    site: &Site,
    rows: &[usize],
    inputs: &F,
    run: &dyn Fn(F, &[usize]) -> Found,
) -> Result<(), Violation> {
    let width = inputs.width();
    let numbers = host(inputs.to_rows());
    let row = |row: usize| &numbers[row * width..(row + 1) * width];
    let (huge, moderate): (Vec<usize>, Vec<usize>) = rows
        .iter()
        .filter(|index| !row(**index).iter().any(|x| near_the_end(*x, site.dtype())))
        .partition(|index| row(**index).iter().copied().any(is_huge));
    let groups = huge.chunks(1).chain([&moderate[..]]);
    for group in groups.filter(|group| !group.is_empty()) {
        let x = inputs.select_rows(group).leaf();
        let (mut gradients, nan) = run(x.clone(), group);
        let of_input = host(x.gradient(&mut gradients).to_rows());
        let of = &row(group[0])[..width.min(4)];
        if let Some(index) = of_input.iter().position(|g| g.is_nan()) {
            let of = &row(group[index / width])[..width.min(4)];
            return Err(site.violated(format!("a gradient in the input {of:?}"), "NaN"));
        }
        if let Some(path) = nan {
            return Err(site.violated(
                format!(
                    "a gradient of {path} for {} rows from {of:?} on",
                    group.len()
                ),
                "NaN",
            ));
        }
    }
    Ok(())
}

/// The path of a parameter whose gradient is NaN, if there is one.
pub(super) fn nan_gradient<M: Module>(module: &M, gradients: &Gradients) -> Option<String> {
    let nan =
        |(_, gradient): &(String, Option<Vec<f64>>)| gradient.iter().flatten().any(|g| g.is_nan());
    let mut parameters = of_parameters(module, &Source::Tape(gradients)).into_iter();
    parameters.find(nan).map(|(path, _)| path)
}
