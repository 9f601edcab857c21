//! The Haar wavelet as a squeeze.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::numerics::{saturate, zero_log_det};
use crate::{Bijection, LogDet, Squeeze};

/// Maps blocks of 2 × 2 pixels `a b / c d` of each channel to four channels: the mean and three
/// differences, `½ (a + b + c + d)`, `½ (a − b + c − d)`, `½ (a + b − c − d)`, `½ (a − b − c + d)`.
///
/// The map is orthogonal: `ln|det J| = 0`. The order of the channels is
/// `c₀ mean, c₀ differences, c₁ mean, …`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, Haar};
///
/// let x = Tensor::<4>::from_floats([[[[1.0, 2.0], [3.0, 4.0]]]], &Device::default());
/// let (z, _) = Haar::new().forward(x.clone(), &());
/// assert_eq!(z.dims(), [1, 4, 1, 1]);
/// assert_eq!(z.to_data().try_to_vec::<f32>().unwrap(), [5.0, -1.0, -2.0, 0.0]);
/// assert_eq!(Haar::new().inverse(z, &()).0.to_data(), x.to_data());
/// ```
///
/// # Shapes
///
/// `[batch, c, h, w]` to `[batch, 4 c, h/2, w/2]`.
///
/// # Panics
///
/// In `forward` when height or width is odd, in `inverse` when the channels are no multiple of 4.
///
/// # References
///
/// Ardizzone, Lüth, Kruse, Rother, Köthe: *Guided image generation with conditional invertible
/// neural networks*, 2019, section 3.3.
#[derive(Module, Debug, Default)]
pub struct Haar {
    pub(crate) squeeze: Squeeze,
}

impl Haar {
    /// The wavelet on blocks of 2 × 2 pixels.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<C> Bijection<C> for Haar {
    type Data = Tensor<4>;
    type Latent = Tensor<4>;

    fn forward(&self, x: Tensor<4>, context: &C) -> (Tensor<4>, LogDet) {
        let (blocks, log_det) = self.squeeze.forward(x, context);
        (wavelet(blocks), log_det)
    }

    fn inverse(&self, z: Tensor<4>, context: &C) -> (Tensor<4>, LogDet) {
        assert!(
            z.dims()[1].is_multiple_of(4),
            "{} channels are no wavelet coefficients, of which an image has 4 for each channel, in {:?}",
            z.dims()[1],
            z.dims()
        );
        let (x, _) = self.squeeze.inverse(wavelet(z.clone()), context);
        (x, zero_log_det(&z))
    }
}

/// The Haar matrix on each four channels; it is its own inverse.
fn wavelet(x: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    if batch == 0 {
        return x;
    }
    // Halved first, so that the sum of four does not overflow.
    let fours = x
        .mul_scalar(0.5)
        .reshape([batch, channels / 4, 4, height * width]);
    let part = |k: usize| fours.clone().narrow(2, k, 1);
    let (a, b, c, d) = (part(0), part(1), part(2), part(3));
    // Two butterflies: eight additions in place of twelve.
    let (left, right) = (a.clone() + c.clone(), b.clone() + d.clone());
    let (upper, lower) = (a - c, b - d);
    let coefficients = vec![
        left.clone() + right.clone(),
        left - right,
        upper.clone() + lower.clone(),
        upper - lower,
    ];
    saturate(Tensor::cat(coefficients, 2)).reshape([batch, channels, height, width])
}
