//! One matrix at every position.

#[cfg(feature = "host")]
mod host;
mod slices;

pub use slices::mix_channels;

use burn::tensor::Tensor;

use crate::numerics::{HEADROOM, saturate};

/// `W x` at each position: `W [outputs, inputs]`, `x [batch, inputs, ..]` to `[batch, outputs, ..]`.
///
/// A convolution takes twice as long. An overflow is the largest number of the dtype; sums that return
/// to its range do not overflow on the way.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::channel_mix;
///
/// let device = Device::default();
/// let weight = Tensor::<2>::from_floats([[0.0, 1.0], [1.0, 1.0]], &device);
/// // Two features at two positions.
/// let x = Tensor::<3>::from_floats([[[1.0, 2.0], [30.0, 40.0]]], &device);
/// let y = channel_mix(weight, x);
/// assert_eq!(y.into_data().try_to_vec::<f32>().unwrap(), [30.0, 40.0, 31.0, 42.0]);
/// ```
///
/// # Panics
///
/// When the matrix has another number of columns than `x` has features.
pub fn channel_mix<const D: usize>(weight: Tensor<2>, x: Tensor<D>) -> Tensor<D> {
    let ([_, inputs], dims) = (weight.dims(), x.dims());
    assert!(
        dims[1] == inputs,
        "the matrix is for {inputs} features, the data have {}, in {dims:?}",
        dims[1]
    );
    if dims[0] == 0 {
        let mut shape = dims;
        shape[1] = weight.dims()[0];
        return x.reshape(shape);
    }
    #[cfg(feature = "host")]
    if let Some(y) = host::run(&weight, &x) {
        return y;
    }
    #[cfg(not(feature = "host"))]
    crate::chain::without_host();
    plain(weight, x)
}

/// The same in operations of tensors.
#[doc(hidden)]
pub fn plain<const D: usize>(weight: Tensor<2>, x: Tensor<D>) -> Tensor<D> {
    let mut shape = x.dims();
    let [batch, inputs] = [shape[0], shape[1]];
    shape[1] = weight.dims()[0];
    let headroom = f64::from(HEADROOM);
    let weight = weight.mul_scalar(headroom.recip());
    let y: Tensor<D> = if D == 2 {
        let rows = x.reshape([batch, inputs]);
        rows.matmul(weight.transpose()).reshape(shape)
    } else {
        let columns = x.reshape([batch, inputs, shape[2..].iter().product()]);
        weight.unsqueeze::<3>().matmul(columns).reshape(shape)
    };
    saturate(y.mul_scalar(headroom))
}
