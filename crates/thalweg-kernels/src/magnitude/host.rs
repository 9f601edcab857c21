//! The same on slices.

use burn::tensor::{DType, Tensor};

use crate::Numbers;
use crate::host::{Order, read};
use crate::share::map;
use crate::vectorized;

/// Numbers that one thread takes at a time: they fit its cache.
pub(super) const CHUNK: usize = 1 << 15;

/// Partial results of a loop, so that it runs in vectors.
const LANES: usize = 16;

pub(super) fn scaled_dot<const D: usize>(
    a: Tensor<D>,
    b: Tensor<D>,
    scales: [f64; 2],
) -> Option<f64> {
    read(&wide(&a), Order::Rows, |a| {
        read(&wide(&b), Order::Rows, |b| dot(a, b, scales)).flatten()
    })
    .flatten()
}

fn dot(a: Numbers<'_>, b: Numbers<'_>, [s, t]: [f64; 2]) -> Option<f64> {
    let sums = match (a, b) {
        (Numbers::Double(a), Numbers::Double(b)) => {
            let pairs = a.chunks(CHUNK).zip(b.chunks(CHUNK));
            map(pairs, |(a, b)| {
                products(a, b, |a: f64, b: f64| (a / s) * (b / t))
            })
        }
        (Numbers::Single(a), Numbers::Single(b)) => {
            // The reciprocal of a scale of f32 is a number of f64.
            let (s, t) = (s.recip(), t.recip());
            let product = |a: f32, b: f32| (f64::from(a) * s) * (f64::from(b) * t);
            let pairs = a.chunks(CHUNK).zip(b.chunks(CHUNK));
            map(pairs, |(a, b)| products(a, b, product))
        }
        _ => return None,
    };
    Some(sums.into_iter().sum())
}

/// In f32 or f64: numbers of 16 bits are widened.
pub(super) fn wide<const D: usize>(x: &Tensor<D>) -> Tensor<D> {
    match x.dtype() {
        DType::F32 | DType::F64 => x.clone(),
        _ => x.clone().cast(DType::F32),
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
