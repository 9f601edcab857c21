//! Densities of independent numbers.

#[cfg(feature = "host")]
mod host;

use burn::tensor::Tensor;

use crate::number::Number;
use crate::sum::sum_of;
use crate::vectorized::vectorized;

/// A density of one number.
///
/// See [`log_density`] and [`log_prob`](Self::log_prob) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Density {
    /// `ln p(z) = −½ z² − ½ ln 2π`.
    Normal,
    /// `ln p(z) = −ln(1 + eᶻ) − ln(1 + e⁻ᶻ)`.
    Logistic,
}

impl Density {
    /// `−ln p(z)`, but for a constant.
    #[inline(always)]
    fn cost<N: Number>(self, z: N) -> N {
        match self {
            Self::Normal => z.like(0.5) * z * z,
            Self::Logistic => {
                // softplus(z) + softplus(−z): half the exponentials, no overflow.
                let magnitude = z.abs();
                z.like(2.0).mul_add((-magnitude).exp().ln_1p(), magnitude)
            }
        }
    }

    /// The derivative of [`cost`](Self::cost).
    #[cfg(feature = "host")]
    #[inline(always)]
    fn slope<N: Number>(self, z: N) -> N {
        match self {
            Self::Normal => z,
            Self::Logistic => (z.like(0.5) * z).tanh(),
        }
    }

    /// `Σ ln p(z)` of numbers in the host's memory.
    ///
    /// ```
    /// use thalweg_kernels::{Density, HALF_LN_TAU};
    ///
    /// let normal = Density::Normal.log_prob(&[0.0, 2.0]);
    /// assert!((normal + 2.0 * HALF_LN_TAU + 2.0).abs() < 1e-6);
    /// // The logistic density at 0 is ¼.
    /// assert!((Density::Logistic.log_prob(&[0.0]) - 0.25_f64.ln()).abs() < 1e-6);
    /// ```
    pub fn log_prob(self, z: &[f32]) -> f64 {
        let constant = match self {
            Self::Normal => HALF_LN_TAU,
            Self::Logistic => 0.0,
        };
        let mut sum = constant * z.len() as f64;
        vectorized(
            #[inline(always)]
            || {
                // Sums of many squares would lose digits in f32.
                for z in z.chunks(256) {
                    sum += f64::from(sum_of(z, z, |z, _| self.cost(z)));
                }
            },
        );
        -sum
    }
}

/// `½ ln 2π`: the negative log-density of a standard normal number at 0.
pub const HALF_LN_TAU: f64 = 0.918_938_533_204_672_7;

/// `Σ ln p(z)` over the numbers of each sample: `[batch, ..] → [batch]`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::{Density, HALF_LN_TAU, log_density};
///
/// let z = Tensor::<2>::from_floats([[0.0, 1.0]], &Device::default());
/// let log_prob = log_density(z, Density::Normal).into_scalar::<f32>();
/// assert!((f64::from(log_prob) + 2.0 * HALF_LN_TAU + 0.5).abs() < 1e-6);
/// ```
pub fn log_density<const D: usize>(z: Tensor<D>, density: Density) -> Tensor<1> {
    if z.dims()[0] == 0 {
        return crate::sum_features(z);
    }
    #[cfg(feature = "host")]
    if let Some(sum) = host::run(&z, density) {
        return sum;
    }
    #[cfg(not(feature = "host"))]
    crate::chain::without_host();
    plain(z, density)
}

/// The same in operations of tensors.
#[doc(hidden)]
pub fn plain<const D: usize>(z: Tensor<D>, density: Density) -> Tensor<1> {
    match density {
        Density::Normal => {
            let numbers: usize = z.dims()[1..].iter().product();
            let constant = numbers as f64 * HALF_LN_TAU;
            crate::sum_features(z.square())
                .mul_scalar(-0.5)
                .sub_scalar(constant)
        }
        Density::Logistic => {
            // softplus(z) + softplus(−z) = |z| + 2 ln(1 + e^−|z|): half the exponentials, no
            // overflow.
            let magnitude = z.abs();
            let tail = magnitude.clone().neg().exp().log1p().mul_scalar(2.0);
            crate::sum_features(magnitude + tail).neg()
        }
    }
}
