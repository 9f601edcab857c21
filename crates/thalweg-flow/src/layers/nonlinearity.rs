//! Fixed increasing functions of each number.

use std::f64::consts::{LN_2, PI};

use burn::module::Module;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::numerics::{Precision, sum_features};
use crate::shape::guarded;
use crate::{Bijection, LogDet};

/// The function of a [`Nonlinearity`].
///
/// See [`Nonlinearity`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Curve {
    /// `tanh x`.
    Tanh,
    /// `tanh x` up to a cut `c`, beyond it `±α ln(β │x│)` with `α = (1 − tanh tanh c) / c` and the `β` that joins them.
    LogTanh(f64),
    /// `x` from 0 on, `s x` below it.
    LeakySlope(f64),
    /// `½ + arctan(x) / π`.
    Cauchy,
}

impl Curve {
    /// `[c, α, ln β]` of a [`LogTanh`](Self::LogTanh).
    pub(crate) fn logarithm(cut: f64) -> [f64; 3] {
        let alpha = (1.0 - cut.tanh().tanh()) / cut;
        [cut, alpha, cut.tanh() / alpha - cut.ln()]
    }
}

/// `zᵢ = f(xᵢ)` of a fixed increasing function, [`Curve`]; `ln|det J| = Σ ln f′(xᵢ)`.
///
/// Latents outside the image of the function count as its nearest end.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, Curve, Nonlinearity};
///
/// let x = Tensor::<2>::from_floats([[0.5, -2.0]], &Device::default());
/// let layer = Nonlinearity::<2>::new(Curve::LeakySlope(0.25));
/// let (z, log_det) = layer.forward(x, &());
/// assert_eq!(z.into_data().try_to_vec::<f32>().unwrap(), [0.5, -0.5]);
/// assert!((log_det.into_scalar::<f32>() - 0.25_f32.ln()).abs() < 1e-6);
/// ```
///
/// # Shapes
///
/// `[batch, ..]` to the same.
///
/// # References
///
/// Durkan, Bekasov, Murray, Papamakarios: *nflows: normalizing flows in PyTorch*, 2020, `nflows.transforms`.
#[derive(Module, Debug)]
pub struct Nonlinearity<const D: usize = 2> {
    #[module(skip)]
    curve: Curve,
}

impl<const D: usize> Nonlinearity<D> {
    /// Of this function.
    ///
    /// # Panics
    ///
    /// Unless a cut or a slope is positive and finite.
    pub fn new(curve: Curve) -> Self {
        if let Curve::LogTanh(number) | Curve::LeakySlope(number) = curve {
            assert!(
                number > 0.0 && number.is_finite(),
                "a nonlinearity needs a positive cut or slope, got {curve:?}"
            );
        }
        Self { curve }
    }

    pub(crate) fn curve(&self) -> Curve {
        self.curve
    }
}

/// `x` where a mask holds of its magnitude, `inner` elsewhere.
fn beyond<const D: usize>(
    x: &Tensor<D>,
    end: f64,
    outer: Tensor<D>,
    inner: Tensor<D>,
) -> Tensor<D> {
    inner.mask_where(x.clone().abs().greater_elem(end), outer)
}

/// `tanh x` and `ln(1 − tanh² x)`.
fn tanh<const D: usize>(x: Tensor<D>) -> [Tensor<D>; 2] {
    let magnitude = x.clone().abs();
    let tail = magnitude.clone().mul_scalar(-2.0).exp().log1p();
    let log_slope = (magnitude + tail).neg().add_scalar(LN_2).mul_scalar(2.0);
    [x.tanh(), log_slope]
}

/// `artanh z` and the logarithm of its slope, of `│z│` below 1.
fn artanh<const D: usize>(z: Tensor<D>) -> [Tensor<D>; 2] {
    let (above, below) = (z.clone().log1p(), z.neg().log1p());
    let x = (above.clone() - below.clone()).mul_scalar(0.5);
    [x, (above + below).neg()]
}

/// `ln(1 + x²)`, without overflow.
fn log_of_one_and_square<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let magnitude = x.abs();
    let large = magnitude.clone().clamp_min(1.0);
    let ratio = magnitude.clamp_max(1.0) / large.clone();
    large.log().mul_scalar(2.0) + (ratio.clone() * ratio).log1p()
}

impl<C, const D: usize> Bijection<C> for Nonlinearity<D> {
    type Data = Tensor<D>;
    type Latent = Tensor<D>;

    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        guarded("Nonlinearity", None, x, |x| {
            let [z, log_slope] = match self.curve {
                Curve::Tanh => tanh(x),
                Curve::LogTanh(cut) => {
                    let [cut, alpha, log_beta] = Curve::logarithm(cut);
                    let log = x.clone().abs().clamp_min(cut).log();
                    let outer = log.clone().add_scalar(log_beta).mul_scalar(alpha);
                    let slope = log.neg().add_scalar(alpha.ln());
                    let [inner, inner_slope] = tanh(x.clone().clamp(-cut, cut));
                    [
                        beyond(&x, cut, outer * x.clone().sign(), inner),
                        beyond(&x, cut, slope, inner_slope),
                    ]
                }
                Curve::LeakySlope(slope) => leaky(x, slope),
                Curve::Cauchy => [
                    x.clone().atan().mul_scalar(PI.recip()).add_scalar(0.5),
                    log_of_one_and_square(x).neg().sub_scalar(PI.ln()),
                ],
            };
            (z, sum_features(log_slope))
        })
    }

    fn inverse(&self, z: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        guarded("Nonlinearity", None, z, |z| {
            let Precision { epsilon, tiny, .. } = Precision::of(z.dtype());
            let most = 1.0 - epsilon;
            let [x, log_slope] = match self.curve {
                Curve::Tanh => artanh(z.clamp(-most, most)),
                Curve::LogTanh(cut) => {
                    let [cut, alpha, log_beta] = Curve::logarithm(cut);
                    let end = cut.tanh();
                    let log = z.clone().abs().clamp_min(end).mul_scalar(alpha.recip());
                    // Beyond, `x` is the largest number.
                    let log = log.sub_scalar(log_beta).clamp_max(-tiny.ln());
                    let [inner, inner_slope] = artanh(z.clone().clamp(-end, end));
                    let outer = log.clone().exp() * z.clone().sign();
                    [
                        beyond(&z, end, outer, inner),
                        beyond(&z, end, log.sub_scalar(alpha.ln()), inner_slope),
                    ]
                }
                Curve::LeakySlope(slope) => leaky(z, slope.recip()),
                Curve::Cauchy => {
                    let x = z.clamp(tiny, most).sub_scalar(0.5).mul_scalar(PI).tan();
                    let log_slope = log_of_one_and_square(x.clone()).add_scalar(PI.ln());
                    [x, log_slope]
                }
            };
            (x, sum_features(log_slope))
        })
    }
}

fn leaky<const D: usize>(x: Tensor<D>, slope: f64) -> [Tensor<D>; 2] {
    let below = x.clone().lower_elem(0.0);
    let scaled = x.clone().mul_scalar(slope);
    let log_slope = x.zeros_like().mask_fill(below.clone(), slope.ln());
    [x.mask_where(below, scaled), log_slope]
}
