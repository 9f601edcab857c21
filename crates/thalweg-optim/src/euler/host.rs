//! Updates in one pass, where tensors lie in the host's memory.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::wrote;
use burn::tensor::{DType, Device, Element, Tensor, TensorData};
use thalweg_kernels::{share, vectorized};

use super::kernel::{Kernel, Real};

/// Knows of each device whether its tensors can be had and given back without a copy.
#[derive(Debug, Clone, Default)]
pub(super) struct Host {
    known: Arc<Mutex<Vec<(Device, bool)>>>,
}

impl Host {
    /// Whether memory that a tensor is made of comes back as the tensor's: asked of the device
    /// once, by a small tensor and where its numbers lie.
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

/// Numbers that one thread takes at a time: what fits its cache, parameters, gradients and averages
/// together.
const CHUNK: usize = 1 << 15;

/// `θ ← θ − h d`, the averages moved, in one pass, which says whether `θ` stays
/// [finite](crate::wrote). Without averages yet, they start from zero.
pub(super) fn update<K: Kernel, const D: usize>(
    kernel: K,
    h: f64,
    theta: Tensor<D>,
    gradient: Tensor<D>,
    averages: Vec<Tensor<D>>,
) -> (Tensor<D>, Vec<Tensor<D>>) {
    let (device, dtype) = (theta.device(), theta.dtype());
    let zeros = || Tensor::zeros(theta.dims(), (&device, dtype));
    let averages = match averages.is_empty() {
        true => (0..K::AVERAGES).map(|_| zeros()).collect(),
        false => averages,
    };
    let mut theta = theta.into_data();
    let gradient = gradient.into_data();
    let mut averages: Vec<TensorData> = averages.into_iter().map(Tensor::into_data).collect();
    wrote(match dtype {
        DType::F64 => pass::<K, f64>(kernel, h, &mut theta, &gradient, &mut averages),
        _ => pass::<K, f32>(kernel, h, &mut theta, &gradient, &mut averages),
    });
    let tensor = |data| Tensor::from_data(data, (&device, dtype));
    (tensor(theta), averages.into_iter().map(tensor).collect())
}

fn pass<K: Kernel, T: Real + Element>(
    kernel: K,
    h: f64,
    theta: &mut TensorData,
    gradient: &TensorData,
    averages: &mut [TensorData],
) -> bool {
    const KIND: &str = "a tensor holds numbers of its own type";
    let (direction, h) = (kernel.in_type::<T>(), T::of(h));
    let theta = theta.as_mut_slice::<T>().expect(KIND);
    let gradient = gradient.as_slice::<T>().expect(KIND);
    let mut averages = averages
        .iter_mut()
        .map(|average| average.as_mut_slice::<T>().expect(KIND));
    // An average that the rule does not keep is empty.
    let [mut a, mut b] = [averages.next(), averages.next()]
        .map(|average| average.unwrap_or_default().chunks_mut(CHUNK));
    let chunks = theta.chunks_mut(CHUNK).zip(gradient.chunks(CHUNK));
    let chunks = chunks.map(|(theta, gradient)| {
        let averages = [&mut a, &mut b].map(|average| average.next().unwrap_or_default());
        (theta, gradient, averages)
    });
    let finite = AtomicBool::new(true);
    share(chunks, |(theta, gradient, [a, b])| {
        // The rounding is the same in all instruction sets.
        vectorized(
            #[inline(always)]
            || match K::AVERAGES {
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
        // While the chunk is in the cache.
        if !T::all_finite(theta) {
            finite.store(false, Ordering::Relaxed);
        }
    });
    finite.into_inner()
}

/// Whether the pass knows this type.
pub(super) fn is_real(dtype: DType) -> bool {
    matches!(dtype, DType::F32 | DType::F64)
}
