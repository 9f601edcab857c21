//! From the unit cube to the whole space.

use burn::module::Module;
use burn::tensor::{DType, Tensor};

use crate::numerics::{Precision, nothing, positions, sigmoid, sum_features};
use crate::{Bijection, LogDet, probe};

/// `y = α + (1 − 2α) x`, `z = ln y − ln(1 − y)`; `ln|det J| = Σ ln(1 − 2α) − ln y − ln(1 − y)`.
///
/// `α > 0` keeps the ends of the closed cube finite: `x ∈ [0, 1]` gives `|z| ≤ ln((1 − α)/α)`.
/// The log-determinant depends on `x`. RealNVP's paper writes `α + (1 − α) x`, which is finite at
/// 0 only; the symmetric form treats black and white alike.
///
/// What is mapped to all numbers, and so has a density, is the interval
/// `(−α/(1 − 2α), 1 + α/(1 − 2α))`, the open cube for `α = 0`: beyond the cube by 0.056 for
/// `α = 0.05`, where a model's own samples lie now and then. Outside, the log-determinant is `−∞`
/// and the latent that of the nearest end, so that the layers behind compute with numbers and the
/// log-density is `−∞`.
///
/// Near its ends the interval has no more numbers: beside 1, f32 tells latents apart up to 16.6
/// (`α = 0`), f64 up to 36.7. Latents beyond come from the last number before the end, which is
/// what they are rounded to, and have its latent.
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
        if let Some(nothing) = nothing(&x) {
            return nothing;
        }
        let constant = (x.dims()[1] * positions(&x)) as f64 * self.width().ln();
        let Ends { inside, share, .. } = self.ends(x.dtype());
        let outside = x.clone().lower_elem(inside[0]);
        let outside = outside.bool_or(x.clone().greater_elem(inside[1]));
        let y = x.mul_scalar(self.width()).add_scalar(self.alpha);
        let y = y.clamp(share[0], share[1]);
        let (log_y, log_rest) = (y.clone().log(), y.neg().log1p());
        let cost = (log_y.clone() + log_rest.clone()).mask_fill(outside, f64::INFINITY);
        let log_det = sum_features(cost).neg().add_scalar(constant);
        probe::layer("Logit", (log_y - log_rest, log_det))
    }

    fn inverse(&self, z: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        if let Some(nothing) = nothing(&z) {
            return nothing;
        }
        let constant = (z.dims()[1] * positions(&z)) as f64 * self.width().ln();
        // ln σ(z) + ln σ(−z), without overflow.
        let magnitude = z.clone().abs();
        let tail = magnitude.clone().neg().exp().log1p().mul_scalar(2.0);
        let log_slope = (magnitude + tail).neg();
        // From the end that is nearer: beside 1, σ(z) is 1 while 1 − σ(−z) is not yet.
        let from_end = |z: Tensor<D>| {
            // Not `div_scalar`, whose gradient Burn computes in f32.
            let share = sigmoid(z).sub_scalar(self.alpha);
            share.mul_scalar(self.width().recip())
        };
        let upper = z.clone().greater_elem(0.0);
        let from_one = from_end(z.clone().neg()).neg().add_scalar(1.0);
        let x = from_end(z.clone()).mask_where(upper, from_one);
        let [low, high] = self.ends(z.dtype()).nearest;
        let log_det = sum_features(log_slope).sub_scalar(constant);
        probe::layer("Logit", (x.clamp(low, high), log_det))
    }
}

/// Where the domain ends, in a dtype.
pub(crate) struct Ends {
    /// The least and the largest `x` that have a density.
    pub(crate) inside: [f64; 2],
    /// The least and the largest `y` whose logarithms, and those of `1 − y`, are numbers.
    pub(crate) share: [f64; 2],
    /// The `x` of latents that are too large for the dtype to tell theirs from an end.
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
