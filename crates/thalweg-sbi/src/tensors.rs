//! Between tensors and the host's memory.

use burn::tensor::Tensor;

use crate::SbiError;

/// The numbers of a tensor, with or without a tape.
pub(crate) fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f64>, SbiError> {
    let plain = match tensor.is_tracked() {
        true => tensor.inner(),
        false => tensor,
    };
    let read = plain.try_into_vec_as::<f64>();
    read.map_err(|problem| SbiError::Device(problem.to_string()))
}

/// The log-densities of rows by a function of the caller's.
///
/// # Panics
///
/// Where the function gives other than one number a row.
pub(crate) fn log_densities(function: &impl Fn(Tensor<2>) -> Tensor<1>, x: Tensor<2>) -> Tensor<1> {
    let [rows, dims] = x.dims();
    let logs = function(x);
    assert_eq!(
        logs.dims(),
        [rows],
        "the log-density of rows [{rows}, {dims}] has the shape [{rows}], got {:?}",
        logs.dims()
    );
    logs
}
