//! The laws of base densities.

use burn::tensor::Tensor;
use thalweg_flow::{Base, Noise, Placement, Variable};

use super::batches::{unless_the_device_fails, without_rows};
use super::shapes::refuses;
use super::total::{gradients, nan_gradient, numbers_or_underflow};
use crate::extremes::extreme_rows;
use crate::sample::repeat_rows;
use crate::violation::{Site, host};
use crate::{Batched, Flat, Law, Violation};

/// [`total_on_finite_inputs`](super::total_on_finite_inputs) of a density: `log p(z)` of finite `z` is a
/// number, or `−∞` outside the support and where it underflows. Where it is finite, no gradient is NaN,
/// neither in `z` nor, of one row alone, in a parameter.
///
/// `edges` is a batch of any size, e.g. the ends of the support by [`edge_rows`](crate::edge_rows); the
/// context is repeated to its length.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::base::StandardNormal;
/// use thalweg_laws::{edge_rows, laws};
///
/// let template = Tensor::<2>::zeros([2, 3], &Device::default().autodiff());
/// let edges = edge_rows(&template, &[-30.0, 0.0, 30.0]);
/// laws::density_total_on_finite_inputs(&StandardNormal::new(3), &edges, &())?;
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// Where a log-density is NaN or `+∞`, or a gradient NaN.
pub fn density_total_on_finite_inputs<C, P>(
    density: &P,
    edges: &P::Latent,
    context: &C,
) -> Result<(), Violation>
where
    C: Batched,
    P: Base<C, Latent: Flat + Variable>,
{
    let site = Site::new(Law::TotalOnFiniteInputs, edges);
    let z = extreme_rows(edges, &host(edges.to_rows()));
    let context = repeat_rows(context, z.batch_size().unwrap_or(0));
    let (numbers, width) = (host(z.to_rows()), z.width());
    let found = host(density.log_prob(z.clone(), &context));
    for (row, log_prob) in found.iter().enumerate() {
        let of = &numbers[row * width..][..width.min(4)];
        numbers_or_underflow(&site, "the log-density", of, *log_prob)?;
    }
    let finite = found.iter().enumerate().filter(|(_, l)| l.is_finite());
    let finite: Vec<usize> = finite.map(|(row, _)| row).collect();
    let trained = density.clone().train();
    gradients(&site, &finite, &z, &|z, rows| {
        let log_prob = trained.log_prob(z, &context.select_rows(rows));
        let gradients = log_prob.sum().backward();
        let nan = nan_gradient(&trained, &gradients);
        (gradients, nan)
    })
}

/// [`refuses_other_shapes`](super::refuses_other_shapes) of a density.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::base::StandardNormal;
/// use thalweg_laws::laws;
///
/// let z = Tensor::<2>::zeros([2, 3], &Device::default());
/// laws::density_refuses_other_shapes(&StandardNormal::new(3), &z, &())?;
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// Where another shape passes, or the message names fewer than two numbers.
pub fn density_refuses_other_shapes<C, P>(
    density: &P,
    latents: &P::Latent,
    context: &C,
) -> Result<(), Violation>
where
    C: Batched,
    P: Base<C, Latent: Flat>,
{
    let site = Site::new(Law::RefusesOtherShapes, latents);
    refuses(&site, "log_prob", &latents.other_shapes(), |z| {
        drop(density.log_prob(z, context));
    })
}

/// [`empty_batch`](super::empty_batch) of a density: an empty batch has empty log-densities with a
/// gradient, and zero samples are an empty batch. A failure does not count where that of
/// [`empty_batch`](super::empty_batch) would not.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::base::StandardNormal;
/// use thalweg_laws::laws;
///
/// let z = Tensor::<2>::zeros([2, 3], &Device::default().autodiff());
/// laws::density_of_an_empty_batch(&StandardNormal::new(3), &z, &())?;
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// Where a call panics, or gives rows.
pub fn density_of_an_empty_batch<C, P>(
    density: &P,
    latents: &P::Latent,
    context: &C,
) -> Result<(), Violation>
where
    C: Batched,
    P: Base<C, Latent: Flat + Variable>,
{
    let site = Site::new(Law::EmptyBatch, latents);
    let none = latents.select_rows(&[]);
    let context = context.select_rows(&[]);
    let placement = Placement {
        device: site.device().clone(),
        dtype: site.dtype(),
    };
    unless_the_device_fails(&site, || {
        let (samples, _) = without_rows(&site, "samples", || {
            let mut noise = Noise::seeded(0);
            let samples = density.sample(0, 1.0, &mut noise, &placement, &context);
            (samples, Tensor::zeros([0], site.device()))
        })?;
        without_rows(&site, "the log-density", || {
            (none.clone(), density.log_prob(samples, &context))
        })?;
        let trained = density.clone().train();
        without_rows(&site, "the gradient of the log-density", || {
            let z = none.clone().leaf();
            let log_prob = trained.log_prob(z.clone(), &context);
            let gradient = z.gradient(&mut log_prob.clone().sum().backward());
            (gradient, log_prob)
        })?;
        Ok(())
    })
}
