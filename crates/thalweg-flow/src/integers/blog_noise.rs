//! The noise of Su Jianlin's NICE code, which is not a dequantization.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::Noise;

/// `y = x − amplitude · u`, `u ~ U[0, 1)`, on data scaled to `[0, 1]`; `amplitude` is 0.01.
///
/// Negative, so that clipping a picture to `[0, 1]` removes it. Its width is not that of a bin
/// (1/255), so a log-density under it is no bound on the log-probability of the pixels: report
/// such a number as what it is and use [`Dequantize`](crate::Dequantize) for bits/dim.
///
/// # References
///
/// Su Jianlin: *Flow 1: NICE*, kexue.fm/archives/5776, 2018, and its `nice.py`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BlogNoise {
    /// Width of the noise, 0.01 in the blog.
    pub amplitude: f64,
}

impl Default for BlogNoise {
    fn default() -> Self {
        Self { amplitude: 0.01 }
    }
}

impl BlogNoise {
    /// `x − amplitude · u`. For training only: at test time the blog feeds `x` itself.
    pub fn apply<const D: usize>(&self, x: Tensor<D>, noise: &mut Noise) -> Tensor<D> {
        let u = noise.uniform(x.dims(), &x.device(), x.dtype());
        x - u.mul_scalar(self.amplitude)
    }
}
