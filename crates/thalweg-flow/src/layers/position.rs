//! A mean and a scale at each position of an image.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use crate::numerics::{centre_and_scale, scale_and_shift};
use crate::shape::assert_alike;
use crate::walk::{Detail, Visitor};
use crate::{Bijection, LogDet, probe};

/// `z = (x − μ) ⊙ exp(s)`, `ln|det J| = Σ s`, with a learned `μ` and `s` for each channel at each position.
///
/// In front of a standard normal density it is the normal density with the mean `μ` and the deviation `e⁻ˢ` of each number.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, PositionAffine};
///
/// let device = Device::default();
/// let mean = Tensor::<3>::from_floats([[[1.0, 2.0]]], &device);
/// let layer = PositionAffine::from_parameters(mean, Tensor::zeros([1, 1, 2], &device));
/// let (z, log_det) = layer.forward(Tensor::<4>::ones([3, 1, 1, 2], &device), &());
/// assert_eq!(z.sum().into_scalar::<f32>(), -3.0);
/// assert_eq!(log_det.dims(), [3]);
/// ```
///
/// # Shapes
///
/// `[batch, channels, height, width]` to the same.
///
/// # Panics
///
/// For images of another size.
#[derive(Module, Debug)]
pub struct PositionAffine {
    mean: Param<Tensor<3>>,
    log_scale: Param<Tensor<3>>,
}

impl PositionAffine {
    /// The identity on images of `[channels, height, width]`.
    pub fn identity(shape: [usize; 3], device: &Device) -> Self {
        Self::from_parameters(Tensor::zeros(shape, device), Tensor::zeros(shape, device))
    }

    /// Given means and log-scales, each `[channels, height, width]`.
    ///
    /// # Panics
    ///
    /// When their shapes differ.
    pub fn from_parameters(mean: Tensor<3>, log_scale: Tensor<3>) -> Self {
        assert_alike(
            "an affine map of positions",
            ["means", "log-scales"],
            [mean.dims(), log_scale.dims()],
        );
        Self {
            mean: Param::from_tensor(mean),
            log_scale: Param::from_tensor(log_scale),
        }
    }

    /// `μ` and `s` of the numbers of an image, one after the other.
    pub(crate) fn numbers(&self) -> [Tensor<1>; 2] {
        [&self.mean, &self.log_scale].map(|part| part.val().flatten(0, 2))
    }

    /// Applies a map of vectors to images.
    fn at_each(
        &self,
        x: Tensor<4>,
        map: impl FnOnce(Tensor<2>) -> (Tensor<2>, LogDet),
    ) -> (Tensor<4>, LogDet) {
        let (found, expected) = (x.dims(), self.mean.dims());
        assert!(
            found[1..] == expected,
            "an affine map of positions takes images of {expected:?}, got {found:?}"
        );
        let (z, log_det) = map(x.flatten(1, 3));
        (z.reshape(found), log_det)
    }
}

impl<C> Bijection<C> for PositionAffine {
    type Data = Tensor<4>;
    type Latent = Tensor<4>;

    fn forward(&self, x: Tensor<4>, _: &C) -> (Tensor<4>, LogDet) {
        let [mean, log_scale] = self.numbers();
        let mapped = self.at_each(x, |x| centre_and_scale(x, mean, log_scale));
        probe::layer("PositionAffine", mapped)
    }

    fn inverse(&self, z: Tensor<4>, _: &C) -> (Tensor<4>, LogDet) {
        let [mean, log_scale] = self.numbers();
        let mapped = self.at_each(z, |z| scale_and_shift(z, log_scale.neg(), mean));
        probe::layer("PositionAffine", mapped)
    }

    fn walk<V: Visitor>(&self, x: Tensor<4>, context: &C, visitor: &mut V) -> Tensor<4> {
        let [_, log_scale] = self.numbers();
        visitor.layer(self, x, context, vec![Detail::Diagonal(log_scale)])
    }
}
