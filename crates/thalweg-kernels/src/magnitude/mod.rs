//! How large the numbers of tensors are, read where they lie.

#[cfg(feature = "host")]
mod host;
#[cfg(feature = "host")]
mod many;
mod norm;

pub use norm::{Norm, largest_of, scale_to, wide};

use burn::tensor::Tensor;

/// Many tensors whose numbers are read where they lie, in one pass: threads share the work once for all of
/// them.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::Magnitudes;
///
/// let x = Tensor::<1>::from_floats([3.0, -4.0], &Device::default());
/// let mut both = Magnitudes::default();
/// if both.push(&x) && both.push(&(x * 2.0)) {
///     assert_eq!(both.largest(), [4.0, 8.0]);
/// }
/// ```
#[derive(Debug, Default)]
pub struct Magnitudes {
    #[cfg(feature = "host")]
    held: many::Held,
}

impl Magnitudes {
    /// Adds a tensor, copied only where its numbers have gaps or 16 bits; `false` where its numbers do not lie in the host's memory.
    pub fn push<const D: usize>(&mut self, x: &Tensor<D>) -> bool {
        #[cfg(feature = "host")]
        return self.held.push(x);
        #[cfg(not(feature = "host"))]
        {
            let _ = x;
            false
        }
    }

    /// `max |xᵢ|` of each tensor that was added: infinite or NaN where one of its numbers is, 0 without
    /// numbers.
    pub fn largest(&self) -> Vec<f64> {
        #[cfg(feature = "host")]
        return self.held.largest();
        #[cfg(not(feature = "host"))]
        vec![]
    }

    /// `Σ(xᵢ / s)²` over all of them for a scale `s`, added up in f64.
    fn squares(&self, scale: f64) -> f64 {
        #[cfg(feature = "host")]
        return self.held.squares(scale);
        #[cfg(not(feature = "host"))]
        {
            let _ = scale;
            0.0
        }
    }
}

/// `Σ aᵢ bᵢ / (s t)` for the scales `[s, t]`, added up in f64, where the numbers lie in the host's memory;
/// `None` elsewhere, and for tensors of two types.
///
/// With the largest numbers as scales no product overflows, and the sum does not vanish.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::scaled_dot;
///
/// let device = Device::default();
/// let a = Tensor::<1>::from_floats([1e30, 2e30], &device);
/// let b = Tensor::<1>::from_floats([3e30, -1e30], &device);
/// if let Some(dot) = scaled_dot(a, b, [2e30, 3e30]) {
///     assert!((dot - 1.0 / 6.0).abs() < 1e-6); // (1 · 3 − 2 · 1) / (2 · 3)
/// }
/// ```
pub fn scaled_dot<const D: usize>(a: Tensor<D>, b: Tensor<D>, scales: [f64; 2]) -> Option<f64> {
    #[cfg(feature = "host")]
    return host::scaled_dot(a, b, scales);
    #[cfg(not(feature = "host"))]
    {
        let _ = (a, b, scales);
        None
    }
}
