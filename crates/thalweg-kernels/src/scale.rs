//! How an unbounded number becomes a log-scale.

use burn::tensor::Tensor;

use crate::log_sigmoid;

/// `s(r)`, elementwise: what an affine map takes the exponential of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LogScale {
    /// `s = r`.
    Plain,
    /// `s = r / (1 + |r|/b)`, between `−b` and `b`.
    SoftBounded(f64),
    /// `s = ln σ(r + shift)`, below 0.
    Sigmoid(f64),
}

impl LogScale {
    /// `s(r)`.
    pub fn apply<const D: usize>(self, raw: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Plain => raw,
            Self::SoftBounded(bound) => {
                // Not `div_scalar`, whose gradient Burn computes in f32.
                let divisor = raw.clone().abs().mul_scalar(bound.recip()).add_scalar(1.0);
                raw / divisor
            }
            Self::Sigmoid(shift) => log_sigmoid(raw.add_scalar(shift)),
        }
    }

    /// `s(r)` of one number.
    pub fn of(self, raw: f32) -> f32 {
        match self {
            Self::Plain => raw,
            Self::SoftBounded(bound) => raw / (raw.abs() * bound.recip() as f32 + 1.0),
            Self::Sigmoid(shift) => {
                let r = raw + shift as f32;
                r.clamp(f32::NEG_INFINITY, 0.0) - (-r.abs()).exp().ln_1p()
            }
        }
    }
}
