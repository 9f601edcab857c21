//! The affine map of RealNVP, and the shift of NICE.

use burn::tensor::Tensor;

use super::{MapParameters, Pointwise};
use crate::number::Number;
use crate::{Direction, LogScale, factor, saturate, sum_features};

/// `y = x eˢ + t`, `x = (y − t) e⁻ˢ`, `ln y′ = s`: parameters `t`, then the numbers of which a
/// [`LogScale`] makes `s`.
///
/// A number that overflows becomes the largest of the dtype, and `eˢ` is the [`factor`] of `s`, which is bounded
/// where `s` itself is not.
///
/// # References
///
/// Dinh, Sohl-Dickstein, Bengio: *Density estimation using Real NVP*, 2017, eq. 7 and 8.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AffineMap {
    scale: LogScale,
}

impl AffineMap {
    /// With log-scales of this kind.
    pub fn new(scale: LogScale) -> Self {
        Self { scale }
    }
}

impl Pointwise for AffineMap {
    const READS: bool = true;

    fn parameters(&self) -> usize {
        1 + self.scale.parameters()
    }

    #[inline(always)]
    fn value<N: Number>(
        &self,
        direction: Direction,
        x: N,
        p: &mut impl MapParameters<N>,
    ) -> [N; 2] {
        let (t, s) = (p.get(0), self.scale.log_scale(p));
        match direction {
            Direction::Forward => [x.mul_add(self.scale.factor(s, p), t).saturated(), s],
            Direction::Inverse => [((x - t) * self.scale.inverse_factor(s, p)).saturated(), -s],
        }
    }

    #[inline(always)]
    fn gradient<N: Number>(
        &self,
        direction: Direction,
        x: N,
        p: &mut impl MapParameters<N>,
        [g, of_slope]: [N; 2],
    ) -> N {
        let (t, s) = (p.get(0), self.scale.log_scale(p));
        // The factor comes before the number, which may be so large that their product overflows.
        let (to_x, to_t, through, of_log_scale) = match direction {
            Direction::Forward => {
                let to_x = g * self.scale.factor(s, p);
                (to_x, g, to_x * x, of_slope)
            }
            Direction::Inverse => {
                let to_x = g * self.scale.inverse_factor(s, p);
                (to_x, -to_x, -(to_x * (x - t)), -of_slope)
            }
        };
        // At its bound the factor has no slope; the log-scale has one.
        let bounded = s.largest_exponent().less(s.abs());
        let through = N::select(bounded, s.like(0.0), through);
        self.scale.gradient(p, through + of_log_scale);
        p.set(0, to_t);
        to_x
    }

    fn chain<const D: usize>(
        &self,
        direction: Direction,
        x: Tensor<D>,
        p: Tensor<D>,
    ) -> (Tensor<D>, Tensor<1>) {
        let features = x.dims()[1];
        let shift = p.clone().narrow(1, 0, features);
        let log_scale = self
            .scale
            .apply(p.narrow(1, features, self.scale.parameters() * features));
        let (y, log_scale) = match direction {
            Direction::Forward => (x * factor(log_scale.clone()) + shift, log_scale),
            Direction::Inverse => {
                let log_scale = log_scale.neg();
                ((x - shift) * factor(log_scale.clone()), log_scale)
            }
        };
        (saturate(y), sum_features(log_scale))
    }
}

/// `y = x + t`, or `x − t`: `ln y′ = 0`.
///
/// ```
/// use thalweg_kernels::{Direction, Pointwise, Shift};
///
/// let (shift, mut t) = (Shift { subtracts: true }, vec![3.0_f64]);
/// assert_eq!(shift.value(Direction::Forward, 5.0, &mut t), [2.0, 0.0]);
/// assert_eq!(shift.value(Direction::Inverse, 2.0, &mut t), [5.0, 0.0]);
/// ```
///
/// # References
///
/// Dinh, Krueger, Bengio: *NICE: Non-linear Independent Components Estimation*, 2014, section 3.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift {
    /// Whether the forward direction subtracts.
    pub subtracts: bool,
}

impl Shift {
    fn adds(self, direction: Direction) -> bool {
        self.subtracts == (direction == Direction::Inverse)
    }
}

impl Pointwise for Shift {
    const READS: bool = true;

    fn parameters(&self) -> usize {
        1
    }

    #[inline(always)]
    fn value<N: Number>(
        &self,
        direction: Direction,
        x: N,
        p: &mut impl MapParameters<N>,
    ) -> [N; 2] {
        let t = p.get(0);
        let y = if self.adds(direction) { x + t } else { x - t };
        [y.saturated(), x.like(0.0)]
    }

    #[inline(always)]
    fn gradient<N: Number>(
        &self,
        direction: Direction,
        _: N,
        p: &mut impl MapParameters<N>,
        [g, _]: [N; 2],
    ) -> N {
        p.set(0, if self.adds(direction) { g } else { -g });
        g
    }

    fn chain<const D: usize>(
        &self,
        direction: Direction,
        x: Tensor<D>,
        p: Tensor<D>,
    ) -> (Tensor<D>, Tensor<1>) {
        let log_det = Tensor::zeros([x.dims()[0]], (&x.device(), x.dtype()));
        let y = if self.adds(direction) { x + p } else { x - p };
        (saturate(y), log_det)
    }
}
