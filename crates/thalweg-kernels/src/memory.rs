//! Numbers where they lie.

use burn::tensor::Tensor;

/// The numbers of a tensor.
#[derive(Debug, Clone, Copy)]
pub enum Numbers<'a> {
    /// In f32.
    Single(&'a [f32]),
    /// In f64.
    Double(&'a [f64]),
}

/// A function of the numbers of a tensor of f32 or f64, row by row, without its tape, where they lie in the
/// host's memory, on a backend with fused operations that is compiled in; `None` elsewhere.
///
/// It copies them only where they lie in another order.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::{Numbers, is_on_host, read};
///
/// let x = Tensor::<1>::from_floats([1.0, 2.0], &Device::default());
/// let count = read(&x, |numbers| match numbers {
///     Numbers::Single(numbers) => numbers.len(),
///     Numbers::Double(numbers) => numbers.len(),
/// });
/// assert!(count.is_none_or(|count| count == 2));
/// assert_eq!(count.is_some(), is_on_host(&x));
/// ```
pub fn read<const D: usize, R>(
    x: &Tensor<D>,
    function: impl FnOnce(Numbers<'_>) -> R,
) -> Option<R> {
    #[cfg(feature = "host")]
    return crate::host::read(x, crate::host::Order::Rows, function);
    #[cfg(not(feature = "host"))]
    {
        let _ = (x, function);
        None
    }
}

/// Whether the numbers of a tensor lie in the host's memory, on a backend with fused operations that is compiled in.
///
/// See [`read`] for an example.
pub fn is_on_host<const D: usize>(x: &Tensor<D>) -> bool {
    #[cfg(feature = "host")]
    return crate::host::is_on_host(x);
    #[cfg(not(feature = "host"))]
    {
        let _ = x;
        false
    }
}
