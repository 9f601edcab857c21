//! The same on slices.

use burn::backend::flex::FlexTensor;
use burn::tensor::{DType, Tensor};

use crate::host::Input;
use crate::share::map;
use crate::vectorized;

/// Numbers that one thread takes at a time: they fit its cache.
pub(super) const CHUNK: usize = 1 << 15;

/// Partial results of a loop, so that it runs in vectors.
const LANES: usize = 16;

pub(super) fn scaled_dot<const D: usize>(
    a: Tensor<D>,
    b: Tensor<D>,
    [s, t]: [f64; 2],
) -> Option<f64> {
    let (a, b) = (readable(&a)?.to_contiguous(), readable(&b)?.to_contiguous());
    let sums = match (a.dtype(), b.dtype()) {
        (DType::F64, DType::F64) => {
            let pairs = a.as_slice()?.chunks(CHUNK).zip(b.as_slice()?.chunks(CHUNK));
            map(pairs, |(a, b)| {
                products(a, b, |a: f64, b: f64| (a / s) * (b / t))
            })
        }
        (DType::F32, DType::F32) => {
            // The reciprocal of a scale of f32 is a number of f64.
            let (s, t) = (s.recip(), t.recip());
            let product = |a: f32, b: f32| (f64::from(a) * s) * (f64::from(b) * t);
            let pairs = a.as_slice()?.chunks(CHUNK).zip(b.as_slice()?.chunks(CHUNK));
            map(pairs, |(a, b)| products(a, b, product))
        }
        _ => return None,
    };
    Some(sums.into_iter().sum())
}

/// In f32 or f64: numbers of 16 bits are widened.
pub(super) fn readable<const D: usize>(x: &Tensor<D>) -> Option<FlexTensor> {
    match x.dtype() {
        DType::F32 | DType::F64 => Input::from(x).into_flex(),
        _ => Input::from(&x.clone().cast(DType::F32)).into_flex(),
    }
}

/// The tensor, copied unless its numbers fill its memory in some order, as those of a transposed one do.
pub(super) fn in_a_row(x: FlexTensor) -> FlexTensor {
    let layout = x.layout();
    let bytes = match x.dtype() {
        DType::F64 => size_of::<f64>(),
        _ => size_of::<f32>(),
    };
    let positive = layout.strides().iter().all(|stride| *stride > 0);
    let steps = layout.shape().iter().zip(layout.strides());
    let last: isize = steps
        .map(|(size, stride)| (*size as isize - 1) * stride)
        .sum();
    let whole = x.bytes().len() == layout.num_elements() * bytes;
    match positive && whole && last + 1 == layout.num_elements() as isize {
        true => x,
        false => x.to_contiguous(),
    }
}

/// The sum of the products of pairs, always in the same order.
pub(super) fn products<T: Copy>(a: &[T], b: &[T], product: impl Fn(T, T) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    vectorized(
        #[inline(always)]
        || {
            for (a, b) in a.iter().zip(b) {
                for (lane, (a, b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
                    *lane += product(*a, *b);
                }
            }
        },
    );
    let rest = a_rest.iter().zip(b_rest).map(|(a, b)| product(*a, *b));
    lanes.into_iter().chain(rest).sum()
}
