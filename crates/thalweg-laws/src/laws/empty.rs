//! A batch without rows.

use burn::tensor::Tensor;
use thalweg_flow::{LogDet, Variable};

use super::shapes::panics;
use crate::violation::Site;
use crate::{Batched, Flat, Law, Testable, Violation};

/// A batch without rows gives latents and log-determinants without rows, both ways, and a loss of them
/// has a gradient.
///
/// The last batch of a filtered stream may be empty, and `sample(0)` is a batch as well.
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
    let (z, _) = without_rows(&site, "f(x)", || bijection.forward(none.clone(), &context))?;
    without_rows(&site, "f⁻¹(z)", || bijection.inverse(z, &context))?;
    let trained = bijection.clone().train();
    let (gradient, _) = without_rows(&site, "the gradient", || {
        let x = none.clone().leaf();
        let (z, log_det) = trained.forward(x.clone(), &context);
        let log_dets = log_det.clone();
        let loss = z.to_rows().sum() + log_det.sum();
        (x.gradient(&mut loss.backward()), log_dets)
    })?;
    drop(gradient);
    Ok(())
}

/// What `run` gives, whose rows are none.
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
