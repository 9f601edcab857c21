//! Log-scales for loops that know which.

use crate::host::elementary::{exp, ln_1p, sigmoid};
use crate::numerics::EXPONENTS;

/// Beyond it, a log-scale is as at it: its exponential, or its inverse's, would be no number.
const MOST: f32 = EXPONENTS as f32;

/// A log-scale, its exponential and its derivative, for a loop that knows which.
pub(crate) trait Scale: Copy + Sync {
    /// `s(r)`.
    fn log(self, r: f32) -> f32;
    /// `e^{s(r)}`.
    fn scale(self, r: f32) -> f32;
    /// `e^−s(r)`.
    #[inline(always)]
    fn inverse(self, r: f32) -> f32 {
        exp(-self.log(r))
    }
    /// `s′(r)`.
    fn slope(self, r: f32) -> f32;
}

#[derive(Clone, Copy)]
pub(crate) struct Plain;

impl Scale for Plain {
    #[inline(always)]
    fn log(self, r: f32) -> f32 {
        let r = if r > MOST { MOST } else { r };
        if r < -MOST { -MOST } else { r }
    }

    #[inline(always)]
    fn scale(self, r: f32) -> f32 {
        exp(self.log(r))
    }

    #[inline(always)]
    fn slope(self, r: f32) -> f32 {
        if r.abs() > MOST { 0.0 } else { 1.0 }
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
    fn scale(self, r: f32) -> f32 {
        exp(self.log(r))
    }

    #[inline(always)]
    fn slope(self, r: f32) -> f32 {
        let divisor = self.steepness.mul_add(r.abs(), 1.0);
        1.0 / (divisor * divisor)
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Sigmoid {
    pub(crate) shift: f32,
}

impl Sigmoid {
    #[inline(always)]
    fn argument(self, r: f32) -> f32 {
        let a = r + self.shift;
        if a < -MOST { -MOST } else { a }
    }
}

impl Scale for Sigmoid {
    #[inline(always)]
    fn log(self, r: f32) -> f32 {
        let a = self.argument(r);
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
        let a = r + self.shift;
        if a < -MOST { 0.0 } else { sigmoid(-a) }
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
