//! From the unit cube to the whole space.

use burn::module::Module;
use burn::tensor::{DType, Tensor};

use crate::numerics::{Precision, positions, sigmoid, sum_features};
use crate::shape::guarded;
use crate::{Bijection, LogDet};

/// `y = α + (1 − 2α) x`, `z = ln y − ln(1 − y)`; `ln|det J| = Σ ln(1 − 2α) − ln y − ln(1 − y)`.
///
/// `α > 0` keeps the ends of the closed cube finite: `x ∈ [0, 1]` gives `|z| ≤ ln((1 − α)/α)`.
/// RealNVP's paper writes `α + (1 − α) x`, which is finite at 0 only.
///
/// The support is the interval `(−α/(1 − 2α), 1 + α/(1 − 2α))`: the open cube for `α = 0`, and 0.056
/// more on each side for `α = 0.05`. Outside, the log-determinant is `−∞` and the latent is that of
/// the nearest end, so that later layers compute with finite numbers.
///
/// Beside 1, f32 resolves latents up to 16.6 (`α = 0`), f64 up to 36.7. Larger latents map to the last
/// number before the end.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, Logit};
///
/// let logit = Logit::<2>::new(0.05);
/// let x = Tensor::<2>::from_floats([[0.0, 0.5, 1.0]], &Device::default());
/// let (z, _) = logit.forward(x.clone(), &());
/// let ends = z.to_data().try_to_vec::<f32>().unwrap();
/// assert!((ends[2] - 19.0_f32.ln()).abs() < 1e-5 && ends[1].abs() < 1e-6);
/// assert!((logit.inverse(z, &()).0 - x).abs().max().into_scalar::<f32>() < 1e-6);
/// ```
///
/// # Shapes
///
/// `[batch, ..]` to the same.
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
        guarded("Logit", None, x, |x| {
            let constant = (x.dims()[1] * positions(&x)) as f64 * self.width().ln();
            let Ends { inside, share, .. } = self.ends(x.dtype());
            let outside = x.clone().lower_elem(inside[0]);
            let outside = outside.bool_or(x.clone().greater_elem(inside[1]));
            let y = x.mul_scalar(self.width()).add_scalar(self.alpha);
            let y = y.clamp(share[0], share[1]);
            let (log_y, log_rest) = (y.clone().log(), y.neg().log1p());
            let cost = (log_y.clone() + log_rest.clone()).mask_fill(outside, f64::INFINITY);
            let log_det = sum_features(cost).neg().add_scalar(constant);
            (log_y - log_rest, log_det)
        })
    }

    fn inverse(&self, z: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        guarded("Logit", None, z, |z| {
            let constant = (z.dims()[1] * positions(&z)) as f64 * self.width().ln();
            // ln σ(z) + ln σ(−z), without overflow.
            let magnitude = z.clone().abs();
            let tail = magnitude.clone().neg().exp().log1p().mul_scalar(2.0);
            let log_derivative = (magnitude + tail).neg();
            // From the nearer end: beside 1, σ(z) rounds to 1 before 1 − σ(−z) does.
            let from_end = |z: Tensor<D>| {
                // Not `div_scalar`, whose gradient Burn computes in f32.
                let share = sigmoid(z).sub_scalar(self.alpha);
                share.mul_scalar(self.width().recip())
            };
            let upper = z.clone().greater_elem(0.0);
            let from_one = from_end(z.clone().neg()).neg().add_scalar(1.0);
            let x = from_end(z.clone()).mask_where(upper, from_one);
            let [low, high] = self.ends(z.dtype()).nearest;
            let log_det = sum_features(log_derivative).sub_scalar(constant);
            (x.clamp(low, high), log_det)
        })
    }
}

/// The ends of the domain in a dtype.
pub(crate) struct Ends {
    /// The least and the largest `x` of the support.
    pub(crate) inside: [f64; 2],
    /// The least and the largest `y` with finite `ln y` and `ln(1 − y)`.
    pub(crate) share: [f64; 2],
    /// The `x` of latents beyond the resolution of the dtype.
    pub(crate) nearest: [f64; 2],
}

impl<const D: usize> Logit<D> {
    pub(crate) fn ends(&self, dtype: DType) -> Ends {
        let Precision {
            smallest,
            tiny,
            epsilon,
        } = Precision::of(dtype);
        let below_one = 1.0 - 0.5 * epsilon;
        let share = [tiny, below_one];
        if self.alpha == 0.0 {
            return Ends {
                inside: [smallest, below_one],
                share,
                nearest: share,
            };
        }
        let beyond = self.alpha / self.width();
        let inside = [-beyond, 1.0 + beyond];
        Ends {
            inside,
            share,
            nearest: inside,
        }
    }
}
