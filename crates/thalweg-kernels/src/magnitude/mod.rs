//! How large the numbers of tensors are, read where they lie.

#[cfg(feature = "host")]
mod host;
mod norm;

pub use norm::{Norm, largest_of, scale_to, wide};

use burn::tensor::Tensor;

/// `max |xᵢ|` where the numbers lie in the host's memory, without a copy and without waiting; `None`
/// elsewhere.
///
/// It is infinite or NaN where one of the numbers is; 0 without numbers.
pub fn largest<const D: usize>(x: &Tensor<D>) -> Option<f64> {
    #[cfg(feature = "host")]
    return host::largest(x);
    #[cfg(not(feature = "host"))]
    {
        let _ = x;
        None
    }
}

/// `Σ aᵢ bᵢ / (s t)` for the scales `[s, t]`, added up in f64, where the numbers lie in the host's memory;
/// `None` elsewhere, and for tensors of two types.
///
/// With the largest numbers as scales no product overflows, and the sum does not vanish.
pub fn scaled_dot<const D: usize>(a: Tensor<D>, b: Tensor<D>, scales: [f64; 2]) -> Option<f64> {
    #[cfg(feature = "host")]
    return host::scaled_dot(a, b, scales);
    #[cfg(not(feature = "host"))]
    {
        let _ = (a, b, scales);
        None
    }
}
