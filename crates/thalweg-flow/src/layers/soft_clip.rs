//! From the whole space into a cube.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::numerics::{Precision, sum_features};
use crate::shape::guarded;
use crate::{Bijection, LogDet};

/// `z = x / (1 + |x|/B)`, between `−B` and `B`; `ln|det J| = −2 Σ ln(1 + |x|/B)`.
///
/// The inverse is `x = z / (1 − |z|/B)`. Latents from the last number before an end on count as that one.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, SoftClip};
///
/// let layer = SoftClip::<2>::new(5.0);
/// let x = Tensor::<2>::from_floats([[5.0, -15.0]], &Device::default());
/// let (z, _) = layer.forward(x.clone(), &());
/// assert_eq!(z.to_data().try_to_vec::<f32>().unwrap(), [2.5, -3.75]);
/// assert!((layer.inverse(z, &()).0 - x).abs().max().into_scalar::<f32>() < 1e-4);
/// ```
///
/// # Shapes
///
/// `[batch, ..]` to the same.
///
/// # References
///
/// Rozet and others: *Zuko: normalizing flows in PyTorch*, 2022, `SoftclipTransform`.
#[derive(Module, Debug)]
pub struct SoftClip<const D: usize = 2> {
    bound: f64,
}

impl<const D: usize> SoftClip<D> {
    /// Into the cube from `−bound` to `bound`.
    ///
    /// # Panics
    ///
    /// Unless `bound` is positive and finite.
    pub fn new(bound: f64) -> Self {
        assert!(
            bound > 0.0 && bound.is_finite(),
            "a cube needs a positive bound, got {bound}"
        );
        Self { bound }
    }

    pub(crate) fn bound(&self) -> f64 {
        self.bound
    }
}

impl<C, const D: usize> Bijection<C> for SoftClip<D> {
    type Data = Tensor<D>;
    type Latent = Tensor<D>;

    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        guarded("SoftClip", None, x, |x| {
            let share = x.clone().abs().mul_scalar(self.bound.recip());
            let log_det = sum_features(share.clone().log1p()).mul_scalar(-2.0);
            (x / share.add_scalar(1.0), log_det)
        })
    }

    fn inverse(&self, z: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        guarded("SoftClip", None, z, |z| {
            let Precision { epsilon, .. } = Precision::of(z.dtype());
            let most = 1.0 - epsilon;
            let share = z.mul_scalar(self.bound.recip()).clamp(-most, most);
            let rest = share.clone().abs().neg().add_scalar(1.0);
            let log_det = sum_features(rest.clone().log()).mul_scalar(-2.0);
            (share.mul_scalar(self.bound) / rest, log_det)
        })
    }
}
