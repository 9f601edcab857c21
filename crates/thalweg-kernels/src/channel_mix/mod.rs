//! One matrix at every position.

#[cfg(feature = "flex")]
mod host;

use burn::tensor::Tensor;

/// `W x` at each position: `W [outputs, inputs]`, `x [batch, inputs, ..]` to `[batch, outputs, ..]`.
///
/// As products of matrices it takes half the time of the same map as a convolution.
///
/// # Panics
///
/// When the matrix has another number of columns than `x` has features.
pub fn channel_mix<const D: usize>(weight: Tensor<2>, x: Tensor<D>) -> Tensor<D> {
    let ([_, inputs], features) = (weight.dims(), x.dims()[1]);
    assert_eq!(
        features, inputs,
        "the matrix is for {inputs} features, the data have {features}"
    );
    #[cfg(feature = "flex")]
    if let Some(y) = host::run(&weight, &x) {
        return y;
    }
    plain(weight, x)
}

/// The same in operations of tensors.
#[doc(hidden)]
pub fn plain<const D: usize>(weight: Tensor<2>, x: Tensor<D>) -> Tensor<D> {
    let mut shape = x.dims();
    let [batch, inputs] = [shape[0], shape[1]];
    shape[1] = weight.dims()[0];
    if D == 2 {
        let rows = x.reshape([batch, inputs]);
        return rows.matmul(weight.transpose()).reshape(shape);
    }
    let columns = x.reshape([batch, inputs, shape[2..].iter().product()]);
    weight.unsqueeze::<3>().matmul(columns).reshape(shape)
}
