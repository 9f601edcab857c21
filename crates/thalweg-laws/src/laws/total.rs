//! Numbers for all numbers.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Gradients, Tensor};
use thalweg_flow::Variable;

use super::outcome::Outcome;
use crate::extremes::{extreme_rows, is_huge, near_the_end};
use crate::sample::repeat_rows;
use crate::scramble::wave;
use crate::violation::{Site, host};
use crate::{Batched, Flat, Law, Testable, Violation};

/// Every finite number of the dtype, as data and as a latent, gives no NaN: 0, the smallest numbers,
/// the edges and what lies beside them, and numbers up to the largest.
///
/// What overflows may be infinite or as large as the dtype allows. A log-determinant is a number, or
/// `−∞` where there is no density or it underflows, never `+∞`. Where latents and log-determinant are
/// numbers, no gradient is NaN: neither in the data nor, of a row alone, in a parameter. Gradients
/// multiply the data, so those are not asked for within a hundred millionth of the largest number.
///
/// `edges` is a batch of any size, e.g. from [`edge_rows`](crate::edge_rows); the context is repeated
/// to its length.
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
        let z = z.to_rows();
        let z_weights = wave(z.dims(), 1.0, site.device(), z.dtype());
        let weights = wave(log_det.dims(), 2.0, site.device(), log_det.dtype());
        let loss = (z * z_weights).sum() + (log_det * weights).sum();
        let gradients = loss.backward();
        let nan = nan_gradient(&trained, &gradients);
        (gradients, nan)
    })
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

/// A logarithm of a density.
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

/// No gradient of these rows is NaN. `run` gives the gradients of a loss of some rows, and the path of
/// a parameter whose gradient is NaN.
///
/// Huge numbers go one row at a time: their gradients may be infinite, and sums of those over the
/// batch NaN.
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
    struct Look<'a> {
        gradients: &'a Gradients,
        path: Vec<String>,
        found: Option<String>,
    }
    impl ModuleVisitor for Look<'_> {
        fn enter_module(&mut self, name: &str, _container_type: &str) {
            self.path.push(name.into());
        }

        fn exit_module(&mut self, _name: &str, _container_type: &str) {
            self.path.pop();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let value = param.base();
            if self.found.is_some() || !value.is_require_grad() {
                return;
            }
            let gradient = value.grad(self.gradients).map(host);
            if gradient.is_some_and(|gradient| gradient.iter().any(|g| g.is_nan())) {
                self.found = Some(self.path.join("."));
            }
        }
    }
    let mut look = Look {
        gradients,
        path: Vec::new(),
        found: None,
    };
    module.visit(&mut look);
    look.found
}
