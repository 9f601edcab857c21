//! A scale and a shift for each feature.

#[cfg(feature = "host")]
mod host;

use burn::tensor::Tensor;

use crate::number::Number;
use crate::numerics::{factor, saturate};
use crate::vectorized::vectorized;

/// Which of the two comes first.
///
/// See [`channel_scale`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `(x − a) ⊙ exp(s)`: a small deviation around a large mean keeps its digits.
    CentreFirst,
    /// `x ⊙ exp(s) + a`.
    ScaleFirst,
}

/// `x` of `[batch, features, ..]` with one log-scale `s` and one shift `a` a feature, in this order.
/// A number that overflows becomes the largest of the dtype.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::{Order, channel_scale};
///
/// let device = Device::default();
/// let x = Tensor::<2>::from_floats([[1.0, -2.0]], &device);
/// let a = Tensor::<1>::from_floats([10.0, 20.0], &device);
/// let s = Tensor::<1>::from_floats([0.0, 0.5], &device);
/// let y = channel_scale(x.clone(), a.clone(), s.clone(), Order::ScaleFirst);
/// let back = channel_scale(y, a, s.neg(), Order::CentreFirst);
/// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-5);
/// ```
///
/// # Panics
///
/// When there are not as many of them as features.
pub fn channel_scale<const D: usize>(
    x: Tensor<D>,
    shift: Tensor<1>,
    log_scale: Tensor<1>,
    order: Order,
) -> Tensor<D> {
    let ([shifts], [scales], dims) = (shift.dims(), log_scale.dims(), x.dims());
    assert!(
        shifts == scales,
        "a map of features has as many shifts as log-scales, got {shifts} and {scales}"
    );
    assert!(
        dims[1] == scales,
        "a scale and a shift of {scales} features got {} of them, in {dims:?}",
        dims[1]
    );
    if dims[0] == 0 {
        return x;
    }
    #[cfg(feature = "host")]
    if let Some(y) = host::run(&x, &shift, &log_scale, order) {
        return y;
    }
    #[cfg(not(feature = "host"))]
    crate::chain::without_host();
    plain(x, shift, log_scale, order)
}

/// `x ← (x − centre) ⊙ scale + shift` of samples `[features, positions]`, feature by feature. A
/// number that overflows becomes the largest.
///
/// ```
/// // Two features at two positions.
/// let mut x = [1.0, 2.0, 30.0, 40.0];
/// let [centre, scale, shift] = [[1.0, 30.0], [2.0, 0.5], [0.0, 100.0]];
/// thalweg_kernels::scale_in_place(&mut x, [&centre, &scale, &shift], 2);
/// assert_eq!(x, [0.0, 2.0, 100.0, 105.0]);
/// ```
///
/// # Panics
///
/// Unless there are as many centres, scales and shifts, and the numbers are those of whole samples.
pub fn scale_in_place(x: &mut [f32], [centre, scale, shift]: [&[f32]; 3], positions: usize) {
    let (features, each) = (scale.len(), scale.len() * positions);
    assert!(
        centre.len() == features && shift.len() == features && x.len().is_multiple_of(each.max(1)),
        "{} centres, {features} scales and {} shifts at {positions} positions got {} numbers",
        centre.len(),
        shift.len(),
        x.len()
    );
    vectorized(
        #[inline(always)]
        || {
            for sample in x.chunks_exact_mut(each.max(1)) {
                let parameters = centre.iter().zip(scale).zip(shift);
                // A row of one number is no vector, so it is not a loop of its own.
                if positions == 1 {
                    for (x, ((c, s), t)) in sample.iter_mut().zip(parameters) {
                        *x = (*x - c).mul_add(*s, *t).saturated();
                    }
                    continue;
                }
                for (row, ((c, s), t)) in sample.chunks_exact_mut(positions).zip(parameters) {
                    row.iter_mut()
                        .for_each(|x| *x = (*x - c).mul_add(*s, *t).saturated());
                }
            }
        },
    );
}

/// The same in operations of tensors.
#[doc(hidden)]
pub fn plain<const D: usize>(
    x: Tensor<D>,
    shift: Tensor<1>,
    log_scale: Tensor<1>,
    order: Order,
) -> Tensor<D> {
    let along = |v: Tensor<1>| {
        let mut shape = [1; D];
        shape[1] = v.dims()[0];
        v.reshape(shape)
    };
    let (shift, scale) = (along(shift), along(factor(log_scale)));
    saturate(match order {
        Order::CentreFirst => (x - shift) * scale,
        Order::ScaleFirst => x * scale + shift,
    })
}
