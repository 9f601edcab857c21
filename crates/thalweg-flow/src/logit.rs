//! From the unit cube to the whole space.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::numerics::{positions, sigmoid, softplus, sum_features};
use crate::{Bijection, LogDet, probe};

/// `y = α + (1 − 2α) x`, `z = ln y − ln(1 − y)`; `ln|det J| = Σ ln(1 − 2α) − ln y − ln(1 − y)`.
///
/// `α > 0` keeps the ends of the closed cube finite: `x ∈ [0, 1]` gives `|z| ≤ ln((1 − α)/α)`.
/// The log-determinant depends on `x`. RealNVP's paper writes `α + (1 − α) x`, which is finite at
/// 0 only; the symmetric form treats black and white alike.
///
/// # Shapes
///
/// `[batch, ..]` to the same. Outside `[−α/(1 − 2α), 1 + α/(1 − 2α)]` the result is NaN.
///
/// # References
///
/// Dinh, Sohl-Dickstein, Bengio: *Density estimation using Real NVP*, 2017, section 4.1.
#[derive(Module, Debug)]
pub struct Logit<const D: usize = 2> {
    alpha: f64,
}

impl<const D: usize> Logit<D> {
    /// The logit with this `α`; 0.05 is RealNVP's choice for pixels, 0 the plain logit.
    ///
    /// # Panics
    ///
    /// Unless `0 ≤ α < ½`.
    pub fn new(alpha: f64) -> Self {
        assert!(
            (0.0..0.5).contains(&alpha),
            "logit needs 0 <= alpha < 0.5, got {alpha}"
        );
        Self { alpha }
    }

    pub(crate) fn alpha(&self) -> f64 {
        self.alpha
    }

    pub(crate) fn width(&self) -> f64 {
        1.0 - 2.0 * self.alpha
    }
}

impl<C, const D: usize> Bijection<C> for Logit<D> {
    type Data = Tensor<D>;
    type Latent = Tensor<D>;

    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        let constant = (x.dims()[1] * positions(&x)) as f64 * self.width().ln();
        let y = x.mul_scalar(self.width()).add_scalar(self.alpha);
        let (log_y, log_rest) = (y.clone().log(), y.neg().log1p());
        let log_det = sum_features(log_y.clone() + log_rest.clone())
            .neg()
            .add_scalar(constant);
        probe::layer("Logit", (log_y - log_rest, log_det))
    }

    fn inverse(&self, z: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        let constant = (z.dims()[1] * positions(&z)) as f64 * self.width().ln();
        // ln σ(z) + ln σ(−z) = −|z| − 2 ln(1 + e^−|z|), written by softplus on both sides.
        let log_slope = (softplus(z.clone()) + softplus(z.clone().neg())).neg();
        // Not `div_scalar`, whose gradient Burn computes in f32.
        let x = sigmoid(z)
            .sub_scalar(self.alpha)
            .mul_scalar(self.width().recip());
        probe::layer("Logit", (x, sum_features(log_slope).sub_scalar(constant)))
    }
}
