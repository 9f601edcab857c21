//! Each row is mapped by itself and its context, also in a batch without rows.

use burn::tensor::Tensor;
use thalweg_flow::{LogDet, Variable};

use super::Outcome;
use super::shapes::panics;
use crate::violation::{Site, host};
use crate::{Batched, Flat, Law, Testable, Violation};

/// A row has the same image and log-determinant in the batch, alone, and in a batch of another order, in
/// both directions.
///
/// The Jacobian of one sample does not show a dependence on others, such as a mean over the batch inside
/// a conditioner.
///
/// ```
/// use burn::module::Module;
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, LogDet};
/// use thalweg_laws::laws;
///
/// /// `z = x + mean of the batch`: a row depends on the others.
/// #[derive(Module, Debug)]
/// struct Leaky {}
///
/// impl<C> Bijection<C> for Leaky {
///     type Data = Tensor<2>;
///     type Latent = Tensor<2>;
///
///     fn forward(&self, x: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
///         let log_det = x.clone().sum_dim(1).squeeze_dim(1).zeros_like();
///         (x.clone() + x.mean_dim(0), log_det)
///     }
///
///     fn inverse(&self, z: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
///         let log_det = z.clone().sum_dim(1).squeeze_dim(1).zeros_like();
///         (z.clone() - z.mean_dim(0) / 2.0, log_det)
///     }
/// }
///
/// let x = Tensor::<2>::from_floats([[1.0], [2.0], [6.0]], &Device::default());
/// assert!(laws::round_trip_from_data(&Leaky {}, &x, &(), 1e-5).is_ok());
/// assert!(laws::batch_rows_independent(&Leaky {}, &x, &(), 1e-5).is_err());
/// ```
///
/// # Errors
///
/// Where a row depends on another one, or where there are fewer than two.
pub fn batch_rows_independent<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
    tolerance: f64,
) -> Result<(), Violation> {
    let site = Site::new(Law::BatchRowsIndependent, data).within(tolerance);
    let (z, _) = bijection.forward(data.clone(), context);
    independent(&site, "forward", data, context, |x, c| {
        Outcome::of(&site, bijection.forward(x, c))
    })?;
    independent(&site, "inverse", &z, context, |z, c| {
        Outcome::of(&site, bijection.inverse(z, c))
    })
}

fn independent<F: Flat, C: Batched>(
    site: &Site,
    direction: &str,
    input: &F,
    context: &C,
    map: impl Fn(F, &C) -> Result<Outcome, Violation>,
) -> Result<(), Violation> {
    let batch = input.batch_size().unwrap_or(0);
    if batch < 2 {
        return Err(site.violated("data of two rows or more", format!("{batch}")));
    }
    let whole = map(input.clone(), context)?;
    let compare = |rows: &[usize], what: &str| {
        let part = map(input.select_rows(rows), &context.select_rows(rows))?;
        for (i, row) in rows.iter().enumerate() {
            let what = format!("{direction} of row {row} {what}");
            site.close(&what, whole.row(*row), part.row(i))?;
            let what = format!("log-determinant of {what}");
            site.close(&what, &[whole.log_det[*row]], &[part.log_det[i]])?;
        }
        Ok(())
    };
    for row in 0..batch {
        compare(&[row], "alone")?;
    }
    let others_reversed: Vec<usize> = std::iter::once(0).chain((1..batch).rev()).collect();
    compare(&others_reversed, "among the others in another order")
}

/// A smaller change of a latent may be rounding.
const ROUNDING: f64 = 1e-5;

/// The latents change when each row gets the context of the next one.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Reverse;
/// use thalweg_laws::laws;
///
/// // A layer that ignores its context.
/// let device = Device::default();
/// let x = Tensor::<2>::from_floats([[1.0, 2.0], [3.0, 4.0]], &device);
/// let context = Tensor::<2>::from_floats([[0.0], [1.0]], &device);
/// assert!(laws::context_matters(&Reverse::<2> {}, &x, &context).is_err());
/// ```
///
/// # Errors
///
/// Where they do not change, or where the context has fewer than two rows.
pub fn context_matters<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
) -> Result<(), Violation> {
    let site = Site::new(Law::ContextMatters, data);
    let batch = context.batch_size().unwrap_or(0);
    if batch < 2 {
        return Err(site.violated("a context of two rows or more", format!("{batch}")));
    }
    let next: Vec<usize> = (0..batch).map(|row| (row + 1) % batch).collect();
    let (z, _) = bijection.forward(data.clone(), context);
    let (other, _) = bijection.forward(data.clone(), &context.select_rows(&next));
    let change = host(z.to_rows())
        .iter()
        .zip(host(other.to_rows()))
        .fold(0.0, |m: f64, (a, b)| m.max((a - b).abs()));
    match change > ROUNDING {
        true => Ok(()),
        false => Err(site.violated(
            format!("latents that change by more than {ROUNDING:e} with the context"),
            format!("a change of at most {change:e}"),
        )),
    }
}

/// An empty batch gives empty latents and log-determinants, in both directions, and a loss of them has a
/// gradient.
///
/// A failure does not count on a device whose own operations panic on a tensor without rows, as those of `wgpu` do in a debug
/// build.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::DiagonalScale;
/// use thalweg_laws::{Sample, laws, normal, scramble};
///
/// let device = Device::default().autodiff();
/// let layer = scramble(DiagonalScale::<2>::new(3, &device), 0.3);
/// let x = normal([4, 3]).sample(&device, DType::F32, 0);
/// laws::empty_batch(&layer, &x, &())?;
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// Where a call panics, or gives rows.
pub fn empty_batch<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
) -> Result<(), Violation> {
    let site = Site::new(Law::EmptyBatch, data);
    let none = data.select_rows(&[]);
    let context = context.select_rows(&[]);
    unless_the_device_fails(&site, || {
        let (z, _) = without_rows(&site, "f(x)", || bijection.forward(none.clone(), &context))?;
        without_rows(&site, "f⁻¹(z)", || bijection.inverse(z, &context))?;
        let trained = bijection.clone().train();
        without_rows(&site, "the gradient", || {
            let x = none.clone().leaf();
            let (z, log_det) = trained.forward(x.clone(), &context);
            let log_dets = log_det.clone();
            let loss = z.to_rows().sum() + log_det.sum();
            (x.gradient(&mut loss.backward()), log_dets)
        })?;
        Ok(())
    })
}

/// What `check` finds; or nothing, if it fails on a device whose own operations panic on a tensor without rows.
pub(super) fn unless_the_device_fails(
    site: &Site,
    check: impl FnOnce() -> Result<(), Violation>,
) -> Result<(), Violation> {
    let operations = || {
        let none = Tensor::<2>::zeros([0, 2], site.device());
        drop((none.exp() * 2.0 + 1.0).sum_dim(1));
    };
    check().or_else(|violation| match panics(operations) {
        None => Err(violation),
        Some(_) => Ok(()),
    })
}

/// The result of `run`, an empty batch.
pub(super) fn without_rows<F: Flat>(
    site: &Site,
    what: &str,
    run: impl FnOnce() -> (F, LogDet),
) -> Result<(F, LogDet), Violation> {
    let (mut found, mut log_det) = (None, Tensor::zeros([0], site.device()));
    let panicked = panics(|| {
        let (value, of_value) = run();
        (found, log_det) = (Some(value), of_value);
    });
    let expected = || format!("{what} of a batch without rows, without rows");
    match (panicked, found) {
        (Some(message), _) => Err(site.violated(expected(), message)),
        (None, Some(value)) if value.batch_size() == Some(0) && log_det.dims() == [0] => {
            Ok((value, log_det))
        }
        (None, value) => Err(site.violated(
            expected(),
            format!(
                "{:?} rows and log-determinants {:?}",
                value.and_then(|value| value.batch_size()),
                log_det.dims()
            ),
        )),
    }
}
