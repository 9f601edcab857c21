//! Where numbers lie.

use burn::tensor::Tensor;

/// Whether the numbers of a tensor lie in the host's memory, on a backend with fused operations that is
/// compiled in: to read them then costs no transfer, and nothing waits.
///
/// ```
/// use burn::tensor::{Device, Tensor};
///
/// let x = Tensor::<1>::ones([3], &Device::default());
/// assert!(thalweg_kernels::is_on_host(&x));
/// ```
pub fn is_on_host<const D: usize>(x: &Tensor<D>) -> bool {
    #[cfg(feature = "host")]
    return crate::host::is_on_host(x);
    #[cfg(not(feature = "host"))]
    {
        let _ = x;
        false
    }
}
