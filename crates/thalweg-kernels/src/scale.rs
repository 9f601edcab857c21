//! How an unbounded number becomes a log-scale.

use burn::tensor::Tensor;

use crate::number::Number;
use crate::pointwise::MapParameters;
use crate::{log_sigmoid, sigmoid, softplus};

/// `s(r)`, elementwise: the logarithm of the factor of an [`AffineMap`](crate::AffineMap) map.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::LogScale;
///
/// let bounded = LogScale::SoftBounded(1.0);
/// let r = Tensor::<2>::from_floats([[0.0, 3.0]], &Device::default());
/// assert_eq!(bounded.apply(r).into_data().try_to_vec::<f32>().unwrap(), [0.0, 0.75]);
/// assert_eq!((bounded.parameters(), LogScale::Tanh.parameters()), (1, 2));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LogScale {
    /// `s = r`.
    Plain,
    /// `s = r / (1 + |r|/b)`, between `−b` and `b`.
    SoftBounded(f64),
    /// `s = ln σ(r + shift)`, below 0.
    Sigmoid(f64),
    /// `s = a tanh r`: parameters `r`, then `a`.
    Tanh,
    /// `s = ln(σ(r + shift) + floor)`.
    FlooredSigmoid {
        /// Added to `r`.
        shift: f64,
        /// The least factor, above 0.
        floor: f64,
    },
    /// `s = ln(ln(1 + eʳ) + floor)`: the factor is a softplus, and at least this floor above 0.
    FlooredSoftplus(f64),
    /// `s = −ln σ(r + shift)`, above 0.
    InverseSigmoid(f64),
}

/// Parameters of an affine map: the raw log-scale, and the amplitude of [`LogScale::Tanh`].
const RAW: usize = 1;
const AMPLITUDE: usize = 2;

impl LogScale {
    /// Parameters of one log-scale.
    pub fn parameters(self) -> usize {
        if self == Self::Tanh { 2 } else { 1 }
    }

    /// `s(r)` as operations of tensors, of parameters along axis 1.
    pub fn apply<const D: usize>(self, raw: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Plain => raw,
            Self::SoftBounded(bound) => {
                // Not `div_scalar`, whose gradient Burn computes in f32.
                let divisor = raw.clone().abs().mul_scalar(bound.recip()).add_scalar(1.0);
                raw / divisor
            }
            Self::Sigmoid(shift) => log_sigmoid(raw.add_scalar(shift)),
            Self::Tanh => {
                let features = raw.dims()[1] / 2;
                let amplitude = raw.clone().narrow(1, features, features);
                raw.narrow(1, 0, features).tanh() * amplitude
            }
            Self::FlooredSigmoid { shift, floor } => {
                sigmoid(raw.add_scalar(shift)).add_scalar(floor).log()
            }
            Self::FlooredSoftplus(floor) => softplus(raw).add_scalar(floor).log(),
            Self::InverseSigmoid(shift) => softplus(raw.add_scalar(shift).neg()),
        }
    }

    /// `s`, of the parameters of an affine map.
    #[inline(always)]
    pub(crate) fn log_scale<N: Number>(self, p: &impl MapParameters<N>) -> N {
        let r = p.get(RAW);
        match self {
            Self::Plain => r,
            Self::SoftBounded(bound) => soft_bounded(r, bound),
            Self::Sigmoid(shift) => -(-(r + r.like(shift))).softplus(),
            Self::Tanh => r.tanh() * p.get(AMPLITUDE),
            Self::FlooredSigmoid { shift, floor } => {
                ((r + r.like(shift)).sigmoid() + r.like(floor)).ln()
            }
            Self::FlooredSoftplus(floor) => (r.softplus() + r.like(floor)).ln(),
            Self::InverseSigmoid(shift) => (-(r + r.like(shift))).softplus(),
        }
    }

    /// `eˢ` of a log-scale, bounded.
    #[inline(always)]
    pub(crate) fn factor<N: Number>(self, s: N, p: &impl MapParameters<N>) -> N {
        match self {
            Self::Sigmoid(shift) => bounded_argument(p.get(RAW), shift).sigmoid(),
            _ => s.within(s.largest_exponent()).exp(),
        }
    }

    /// `e⁻ˢ`, bounded.
    #[inline(always)]
    pub(crate) fn inverse_factor<N: Number>(self, s: N, p: &impl MapParameters<N>) -> N {
        match self {
            Self::Sigmoid(shift) => s.like(1.0) + (-bounded_argument(p.get(RAW), shift)).exp(),
            _ => (-s.within(s.largest_exponent())).exp(),
        }
    }

    /// From the gradient of `s` to those of its parameters, which it replaces.
    #[inline(always)]
    pub(crate) fn gradient<N: Number>(self, p: &mut impl MapParameters<N>, g: N) {
        let r = p.get(RAW);
        let slope = match self {
            Self::Plain => r.like(1.0),
            Self::SoftBounded(bound) => soft_bounded_slope(r, bound),
            Self::Sigmoid(shift) => (-(r + r.like(shift))).sigmoid(),
            Self::Tanh => {
                let (tanh, amplitude) = (r.tanh(), p.get(AMPLITUDE));
                p.set(AMPLITUDE, g * tanh);
                amplitude * (r.like(1.0) - tanh * tanh)
            }
            Self::FlooredSigmoid { shift, floor } => {
                let argument = r + r.like(shift);
                let (share, rest) = (argument.sigmoid(), (-argument).sigmoid());
                share * rest / (share + r.like(floor))
            }
            Self::FlooredSoftplus(floor) => r.sigmoid() / (r.softplus() + r.like(floor)),
            Self::InverseSigmoid(shift) => -(-(r + r.like(shift))).sigmoid(),
        };
        p.set(RAW, g * slope);
    }
}

/// `r / (1 + |r|/b)`.
#[inline(always)]
pub(crate) fn soft_bounded<N: Number>(r: N, bound: f64) -> N {
    r / divisor(r, bound)
}

/// The derivative of [`soft_bounded`].
#[inline(always)]
pub(crate) fn soft_bounded_slope<N: Number>(r: N, bound: f64) -> N {
    let divisor = divisor(r, bound);
    r.like(1.0) / (divisor * divisor)
}

#[inline(always)]
fn divisor<N: Number>(r: N, bound: f64) -> N {
    r.like(bound.recip()).mul_add(r.abs(), r.like(1.0))
}

/// The argument of a sigmoid that is a positive normal number.
#[inline(always)]
fn bounded_argument<N: Number>(r: N, shift: f64) -> N {
    (r + r.like(shift)).or_above(-r.largest_exponent())
}
