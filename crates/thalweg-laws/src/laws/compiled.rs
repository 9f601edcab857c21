//! The compiled form computes what the tensors compute.

use burn::tensor::Tensor;
use thalweg_flow::compiled::{CompiledBijection, CompiledContext, Direction, Lower, Scratch};

use crate::violation::{Site, host};
use crate::{Batched, Flat, Law, Testable, Violation};

/// Data that compiled forms take: tensors `[batch, channels, ..]`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_laws::laws::Compilable;
///
/// let device = Device::default();
/// assert_eq!(Tensor::<2>::ones([5, 3], &device).sample_shape(), [3, 1, 1]);
/// assert_eq!(Tensor::<4>::ones([5, 3, 8, 6], &device).sample_shape(), [3, 8, 6]);
/// ```
pub trait Compilable: Flat {
    /// `[channels, height, width]` of a sample; a vector is `[features, 1, 1]`.
    fn sample_shape(&self) -> [usize; 3];
}

impl<const D: usize> Compilable for Tensor<D> {
    fn sample_shape(&self) -> [usize; 3] {
        let dims = self.dims();
        let size = |axis: usize| dims.get(axis).copied().unwrap_or(1);
        [size(1), size(2), size(3)]
    }
}

/// The compiled form gives the latents, data and log-determinants of the tensors, both ways, for all samples
/// at once and one by one.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::DiagonalScale;
/// use thalweg_laws::{Sample, laws, normal, scramble};
///
/// let device = Device::default().autodiff();
/// let layer = scramble(DiagonalScale::<2>::new(3, &device), 0.3);
/// let x = normal([4, 3]).sample(&device, DType::F32, 0);
/// laws::compiled_agrees(&layer, &x, &(), 1e-4)?;
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// Where a number differs.
pub fn compiled_agrees<C, B>(
    bijection: &B,
    data: &B::Data,
    context: &C,
    tolerance: f64,
) -> Result<(), Violation>
where
    C: Batched + CompiledContext,
    B: Testable<C> + Lower<C>,
    B::Data: Compilable,
{
    let site = Site::new(Law::CompiledAgrees, data).within(tolerance);
    let (z, log_det) = bijection.forward(data.clone(), context);
    let (x, back) = bijection.inverse(z.clone(), context);
    let [data_rows, latents, data_again] = [data.to_rows(), z.to_rows(), x.to_rows()].map(host);
    let [log_det, back] = [log_det, back].map(host);

    let (shape, samples) = (data.sample_shape(), log_det.len());
    let width: usize = shape.iter().product();
    let compare = |batch: usize, rows: std::ops::Range<usize>| {
        let all: Vec<usize> = rows.clone().collect();
        let context = match context.batch_size() {
            Some(size) if size > 1 => context.select_rows(&all).to_host(),
            _ => context.to_host(),
        };
        let context = std::borrow::Borrow::borrow(&context);
        let compiled = CompiledBijection::<C>::new(bijection, shape, batch);
        let (numbers, scratch) = (
            rows.start * width..rows.end * width,
            &mut Scratch::default(),
        );
        let how = format!("of {} samples, {batch} at a time", rows.len());
        let single = |numbers: &[f64]| -> Vec<f32> { numbers.iter().map(|x| *x as f32).collect() };
        let wide = |numbers: &[f32]| -> Vec<f64> { numbers.iter().map(|x| (*x).into()).collect() };

        let mut found = single(&data_rows[numbers.clone()]);
        let mut log_dets = vec![0.0; rows.len()];
        compiled.apply(
            Direction::Forward,
            &mut found,
            context,
            &mut log_dets,
            scratch,
        );
        let part = &latents[numbers.clone()];
        site.close(&format!("compiled f(x) {how}"), part, &wide(&found))?;
        let part = &log_det[rows.clone()];
        site.close(&format!("compiled ln |det ∂f/∂x| {how}"), part, &log_dets)?;

        let mut found = single(&latents[numbers.clone()]);
        log_dets.fill(0.0);
        compiled.apply(
            Direction::Inverse,
            &mut found,
            context,
            &mut log_dets,
            scratch,
        );
        let part = &data_again[numbers];
        site.close(&format!("compiled f⁻¹(z) {how}"), part, &wide(&found))?;
        let part = &back[rows];
        site.close(&format!("compiled ln |det ∂f⁻¹/∂z| {how}"), part, &log_dets)
    };
    compare(samples, 0..samples)?;
    compare(1, 0..samples)?;
    (0..samples).try_for_each(|sample| compare(samples, sample..sample + 1))
}
