//! RealNVP's transformer.

use burn::module::Module;
use burn::tensor::Tensor;

use super::{ScaleMap, SoftBounded, Transformer};
use crate::LogDet;
use crate::numerics::sum_features;

/// `y = x ⊙ exp(s) + t`, `ln|det J| = Σ s`, where a scale map makes `s` of the conditioner's
/// second block and `t` is its first.
///
/// The inverse multiplies by `exp(−s)`; nothing is divided by a scale that could underflow. The
/// log-determinant depends on the kept features.
///
/// # References
///
/// Dinh, Sohl-Dickstein, Bengio: *Density estimation using Real NVP*, 2017, eq. 4–8.
#[derive(Module, Debug, Default)]
pub struct Affine<S: ScaleMap = SoftBounded> {
    pub(crate) scale_map: S,
}

impl Affine {
    /// With the default, softly bounded scale.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<S: ScaleMap> Affine<S> {
    /// With another scale map.
    pub fn with_scale_map(scale_map: S) -> Self {
        Self { scale_map }
    }

    fn shift_and_log_scale<const D: usize>(&self, parameters: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        let features = parameters.dims()[1] / 2;
        let shift = parameters.clone().narrow(1, 0, features);
        let raw = parameters.narrow(1, features, features);
        (shift, self.scale_map.log_scale(raw))
    }
}

impl<S: ScaleMap> Transformer for Affine<S> {
    fn parameters_per_feature(&self) -> usize {
        2
    }

    fn forward<const D: usize>(&self, x: Tensor<D>, parameters: Tensor<D>) -> (Tensor<D>, LogDet) {
        let (shift, log_scale) = self.shift_and_log_scale(parameters);
        (x * log_scale.clone().exp() + shift, sum_features(log_scale))
    }

    fn inverse<const D: usize>(&self, y: Tensor<D>, parameters: Tensor<D>) -> (Tensor<D>, LogDet) {
        let (shift, log_scale) = self.shift_and_log_scale(parameters);
        let log_scale = log_scale.neg();
        (
            (y - shift) * log_scale.clone().exp(),
            sum_features(log_scale),
        )
    }
}
