//! Products with triangular factors of a matrix, and their inverses by substitution.

mod chain;
#[cfg(feature = "host")]
mod gradient;
#[cfg(feature = "host")]
mod host;
#[cfg(feature = "host")]
mod packed;
mod rows;
#[cfg(feature = "host")]
mod samples;
#[cfg(feature = "host")]
mod slab;

pub use chain::chain;
pub use rows::PluRows;

use burn::tensor::{Int, Tensor};

use crate::Direction;

/// The factors of `W = P L (U + diag(d))`.
///
/// See [`plu`] for an example.
#[derive(Debug, Clone)]
pub struct Plu {
    /// Row `i` of `W` is row `order[i]` of `L (U + diag(d))`: each of `0..features` once.
    pub order: Tensor<1, Int>,
    /// `L`, `[features, features]`: the part below the diagonal is read, the diagonal is 1.
    pub lower: Tensor<2>,
    /// `U`, `[features, features]`: the part above the diagonal is read.
    pub upper: Tensor<2>,
    /// `d`, `[features]`.
    pub diagonal: Tensor<1>,
}

/// `W x` of each row, or `W⁻¹ x`, one factor after the other: `[batch, features]` to the same.
///
/// `W` is never formed, and neither is an inverse: a pass takes `O(batch · features²)`, as many multiplications as a
/// product with `W`. It is differentiable in `x` and the factors, in both directions. An overflow is the largest
/// number of the dtype; sums that return to its range do not overflow on the way.
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use thalweg_kernels::{Direction, Plu, plu};
///
/// // The rows of L (U + diag(d)) are (3, 4) and (6, 13), those of W the same in the other order.
/// let device = Device::default();
/// let factors = Plu {
///     order: Tensor::<1, Int>::from_ints([1, 0], &device),
///     lower: Tensor::from_floats([[0.0, 0.0], [2.0, 0.0]], &device),
///     upper: Tensor::from_floats([[0.0, 4.0], [0.0, 0.0]], &device),
///     diagonal: Tensor::from_floats([3.0, 5.0], &device),
/// };
/// let x = Tensor::<2>::ones([1, 2], &device);
/// let y = plu(Direction::Forward, &factors, x.clone());
/// assert_eq!(y.to_data().try_to_vec::<f32>().unwrap(), [19.0, 7.0]);
/// let back = plu(Direction::Inverse, &factors, y);
/// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-5);
/// ```
///
/// # Panics
///
/// When the factors are for another number of features than `x` has.
pub fn plu(direction: Direction, factors: &Plu, x: Tensor<2>) -> Tensor<2> {
    let ([batch, features], [size]) = (x.dims(), factors.diagonal.dims());
    assert!(
        size == features,
        "the matrix is for {size} features, the data have {features}, in {:?}",
        x.dims()
    );
    let Plu {
        order,
        lower,
        upper,
        ..
    } = factors;
    assert!(
        order.dims() == [size] && lower.dims() == [size; 2] && upper.dims() == [size; 2],
        "the factors of a matrix of {size} features have other sizes: order {:?}, lower {:?}, upper {:?}",
        order.dims(),
        lower.dims(),
        upper.dims()
    );
    if batch == 0 || features == 0 {
        return x;
    }
    #[cfg(feature = "host")]
    if let Some(y) = host::run(direction, factors, &x) {
        return y;
    }
    #[cfg(not(feature = "host"))]
    crate::chain::without_host();
    chain(direction, factors, x)
}
