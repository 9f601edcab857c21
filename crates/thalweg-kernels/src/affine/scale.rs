//! Log-scales for loops that know which.

use crate::host::elementary::{exp, ln_1p, sigmoid};
use crate::numerics::EXPONENTS;

/// Where [`factor`](crate::numerics::factor) is bounded.
const MOST: f32 = EXPONENTS as f32;

#[inline(always)]
fn bounded(log_scale: f32) -> f32 {
    // Not `clamp`, which is slower where NaN has to stay NaN.
    let s = if log_scale > MOST { MOST } else { log_scale };
    if s < -MOST { -MOST } else { s }
}

/// A log-scale, its factor and its derivative, for a loop that knows which.
pub(crate) trait Scale: Copy + Sync {
    /// `s(r)`.
    fn log(self, r: f32) -> f32;
    /// `e^{s(r)}`, bounded.
    #[inline(always)]
    fn scale(self, r: f32) -> f32 {
        exp(bounded(self.log(r)))
    }
    /// `e^−s(r)`, bounded.
    #[inline(always)]
    fn inverse(self, r: f32) -> f32 {
        exp(-bounded(self.log(r)))
    }
    /// `s′(r)`.
    fn slope(self, r: f32) -> f32;
    /// Whether the factor is at its bound, where it has no slope.
    fn is_bounded(self, r: f32) -> bool;
}

#[derive(Clone, Copy)]
pub(crate) struct Plain;

impl Scale for Plain {
    #[inline(always)]
    fn log(self, r: f32) -> f32 {
        r
    }

    #[inline(always)]
    fn slope(self, _: f32) -> f32 {
        1.0
    }

    #[inline(always)]
    fn is_bounded(self, r: f32) -> bool {
        r.abs() > MOST
    }
}

#[derive(Clone, Copy)]
pub(crate) struct SoftBounded {
    pub(crate) steepness: f32,
}

impl Scale for SoftBounded {
    #[inline(always)]
    fn log(self, r: f32) -> f32 {
        r / self.steepness.mul_add(r.abs(), 1.0)
    }

    #[inline(always)]
    fn slope(self, r: f32) -> f32 {
        let divisor = self.steepness.mul_add(r.abs(), 1.0);
        1.0 / (divisor * divisor)
    }

    #[inline(always)]
    fn is_bounded(self, r: f32) -> bool {
        // Not where the bound itself is less: the usual case, without a division.
        self.steepness * MOST < 1.0 && self.log(r).abs() > MOST
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Sigmoid {
    pub(crate) shift: f32,
}

impl Sigmoid {
    /// Of the bounded factor.
    #[inline(always)]
    fn argument(self, r: f32) -> f32 {
        let a = r + self.shift;
        if a < -MOST { -MOST } else { a }
    }
}

impl Scale for Sigmoid {
    #[inline(always)]
    fn log(self, r: f32) -> f32 {
        let a = r + self.shift;
        // `min` would turn NaN into 0.
        let negative = if a > 0.0 { 0.0 } else { a };
        negative - ln_1p(exp(-a.abs()))
    }

    #[inline(always)]
    fn scale(self, r: f32) -> f32 {
        sigmoid(self.argument(r))
    }

    #[inline(always)]
    fn inverse(self, r: f32) -> f32 {
        1.0 + exp(-self.argument(r))
    }

    #[inline(always)]
    fn slope(self, r: f32) -> f32 {
        sigmoid(-(r + self.shift))
    }

    #[inline(always)]
    fn is_bounded(self, r: f32) -> bool {
        r + self.shift < -MOST
    }
}

/// One body for each scale, compiled for several instruction sets, the best of which is chosen when
/// it runs.
macro_rules! with_scale {
    ($work:expr, $scale:ident => $body:expr) => {
        match $work.scale {
            LogScale::Plain => {
                let $scale = Plain;
                vectorized(
                    #[inline(always)]
                    || $body,
                )
            }
            LogScale::SoftBounded(bound) => {
                let $scale = SoftBounded {
                    steepness: bound.recip() as f32,
                };
                vectorized(
                    #[inline(always)]
                    || $body,
                )
            }
            LogScale::Sigmoid(shift) => {
                let $scale = Sigmoid {
                    shift: shift as f32,
                };
                vectorized(
                    #[inline(always)]
                    || $body,
                )
            }
        }
    };
}

pub(crate) use with_scale;
