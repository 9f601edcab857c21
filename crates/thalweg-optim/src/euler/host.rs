//! Updates in one pass, for tensors in the host's memory.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::{DType, Device, Element, Tensor, TensorData};
use thalweg_kernels::{most_double, most_single, share, vectorized};

use crate::finite::wrote;
use crate::{Operand, Rule};

/// Remembers for each device whether its tensors can be read and written without a copy.
#[derive(Debug, Clone, Default)]
pub(super) struct Host {
    known: Arc<Mutex<Vec<(Device, bool)>>>,
}

impl Host {
    /// Whether a tensor gives back the memory that it was made of. A small tensor finds out, once for
    /// each device.
    pub(super) fn shares(&self, device: &Device) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, shares)) = known.iter().find(|(other, _)| other == device) {
            return *shares;
        }
        let shares = probe(device);
        known.push((device.clone(), shares));
        shares
    }
}

fn probe(device: &Device) -> bool {
    let place = |data: &TensorData| data.as_slice::<f32>().ok().map(<[f32]>::as_ptr);
    let data = TensorData::new(vec![1f32; 64], [64]);
    let before = place(&data);
    let tensor = Tensor::<1>::from_data(data, (device, DType::F32));
    let after = tensor.try_into_data().ok();
    before.is_some() && after.is_some_and(|after| place(&after) == before)
}

/// The numbers of one chunk, for one thread: parameters, gradients and averages fit its cache
/// together.
const CHUNK: usize = 1 << 15;

/// `f32` or `f64`.
trait Real: Operand<Scalar = Self> + Copy + Element {
    const ZERO: Self;
    fn all_finite(x: &[Self]) -> bool;
}

impl Real for f32 {
    const ZERO: Self = 0.0;

    fn all_finite(x: &[Self]) -> bool {
        Self::from_bits(most_single(x)).is_finite()
    }
}

impl Real for f64 {
    const ZERO: Self = 0.0;

    fn all_finite(x: &[Self]) -> bool {
        Self::from_bits(most_double(x)).is_finite()
    }
}

/// `θ ← θ − h d` and the new averages in one pass, which reports whether `θ` stays
/// [finite](crate::finite::wrote). The first averages are zero.
pub(crate) fn update<R: Rule, const D: usize>(
    rule: &R,
    step: u64,
    h: f64,
    theta: Tensor<D>,
    gradient: Tensor<D>,
    averages: Vec<Tensor<D>>,
) -> (Tensor<D>, Vec<Tensor<D>>) {
    let (device, dtype) = (theta.device(), theta.dtype());
    let zeros = || Tensor::zeros(theta.dims(), (&device, dtype));
    let averages = match averages.is_empty() {
        true => (0..R::AVERAGES).map(|_| zeros()).collect(),
        false => averages,
    };
    let mut theta = theta.into_data();
    let gradient = gradient.into_data();
    let mut averages: Vec<TensorData> = averages.into_iter().map(Tensor::into_data).collect();
    wrote(match dtype {
        DType::F64 => pass::<R, f64>(rule, step, h, &mut theta, &gradient, &mut averages),
        _ => pass::<R, f32>(rule, step, h, &mut theta, &gradient, &mut averages),
    });
    let tensor = |data| Tensor::from_data(data, (&device, dtype));
    (tensor(theta), averages.into_iter().map(tensor).collect())
}

fn pass<R: Rule, T: Real>(
    rule: &R,
    step: u64,
    h: f64,
    theta: &mut TensorData,
    gradient: &TensorData,
    averages: &mut [TensorData],
) -> bool {
    const KIND: &str = "a tensor holds numbers of its own type";
    let (direction, h) = (rule.update::<T>(step), T::constant(h));
    let theta = theta.as_mut_slice::<T>().expect(KIND);
    let gradient = gradient.as_slice::<T>().expect(KIND);
    let mut averages = averages
        .iter_mut()
        .map(|average| average.as_mut_slice::<T>().expect(KIND));
    // An average that the rule does not keep has no chunks.
    let [mut a, mut b] = [averages.next(), averages.next()]
        .map(|average| average.unwrap_or_default().chunks_mut(CHUNK));
    let chunks = theta.chunks_mut(CHUNK).zip(gradient.chunks(CHUNK));
    let chunks = chunks.map(|(theta, gradient)| {
        let averages = [&mut a, &mut b].map(|average| average.next().unwrap_or_default());
        (theta, gradient, averages)
    });
    let finite = AtomicBool::new(true);
    share(chunks, |(theta, gradient, [a, b])| {
        // All instruction sets round alike.
        vectorized(
            #[inline(always)]
            || match R::AVERAGES {
                0 => {
                    for (theta, &g) in theta.iter_mut().zip(gradient) {
                        let unused = [&mut { T::ZERO }, &mut { T::ZERO }];
                        *theta = *theta - h * direction(*theta, g, unused);
                    }
                }
                1 => {
                    for ((theta, &g), a) in theta.iter_mut().zip(gradient).zip(&mut *a) {
                        *theta = *theta - h * direction(*theta, g, [a, &mut { T::ZERO }]);
                    }
                }
                _ => {
                    let averages = a.iter_mut().zip(&mut *b);
                    for ((theta, &g), (a, b)) in theta.iter_mut().zip(gradient).zip(averages) {
                        *theta = *theta - h * direction(*theta, g, [a, b]);
                    }
                }
            },
        );
        // The chunk is still in the cache.
        if !T::all_finite(theta) {
            finite.store(false, Ordering::Relaxed);
        }
    });
    finite.into_inner()
}

/// Whether the pass handles this type.
pub(super) fn is_real(dtype: DType) -> bool {
    matches!(dtype, DType::F32 | DType::F64)
}
