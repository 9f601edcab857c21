//! Maps that are written once, for lanes, for their gradients and for tensors.

use std::fmt::Debug;

use burn::tensor::Tensor;

use super::{MapParameters, Pointwise};
use crate::number::{Dual, Number, Real};
use crate::{Direction, sum_features};

/// A map by one formula, from which [`Pointwise`] follows: the gradient by forward differentiation, one evaluation a
/// parameter, and the form of tensors.
///
/// ```
/// use thalweg_kernels::{Direction, Formula, Pointwise, Real};
///
/// /// `y = x eˢ`.
/// #[derive(Debug, Clone)]
/// struct Scale;
///
/// impl Formula for Scale {
///     fn parameters(&self) -> usize {
///         1
///     }
///
///     fn evaluate<R: Real>(&self, direction: Direction, x: R, p: &impl Fn(usize) -> R) -> [R; 2] {
///         let s = match direction {
///             Direction::Forward => p(0),
///             Direction::Inverse => -p(0),
///         };
///         [x * s.clone().exp(), s]
///     }
/// }
///
/// // At x = 2 and s = 0: dy/dx = eˢ and dy/ds = x eˢ.
/// let mut p = vec![0.0_f64];
/// assert_eq!(Scale.gradient(Direction::Forward, 2.0, &mut p, [1.0, 0.0]), 1.0);
/// assert_eq!(p, [2.0]);
/// ```
pub trait Formula: Debug + Clone + Send + Sync + 'static {
    /// How many parameters each number has.
    fn parameters(&self) -> usize;

    /// `τ(x)` and `ln τ′(x)`, or `τ⁻¹(x)` and `ln (τ⁻¹)′(x)`.
    fn evaluate<R: Real>(&self, direction: Direction, x: R, p: &impl Fn(usize) -> R) -> [R; 2];
}

impl<F: Formula> Pointwise for F {
    const READS: bool = true;

    fn parameters(&self) -> usize {
        Formula::parameters(self)
    }

    #[inline(always)]
    fn value<N: Number>(
        &self,
        direction: Direction,
        x: N,
        p: &mut impl MapParameters<N>,
    ) -> [N; 2] {
        self.evaluate(direction, x, &|k| p.get(k))
    }

    #[inline(always)]
    fn gradient<N: Number>(
        &self,
        direction: Direction,
        x: N,
        p: &mut impl MapParameters<N>,
        [g, of_slope]: [N; 2],
    ) -> N {
        let all = Formula::parameters(self);
        let read = |k: usize| p.get(k);
        let upstream = [g, of_slope];
        let to_x = along(self, direction, Dual::variable(x), all, &read, upstream);
        let mut gradients = Vec::with_capacity(all);
        for k in 0..all {
            let x = Dual::constant_of(x);
            gradients.push(along(self, direction, x, k, &read, upstream));
        }
        for (k, gradient) in gradients.into_iter().enumerate() {
            p.set(k, gradient);
        }
        to_x
    }

    fn chain<const D: usize>(
        &self,
        direction: Direction,
        x: Tensor<D>,
        p: Tensor<D>,
    ) -> (Tensor<D>, Tensor<1>) {
        let dims = x.dims();
        let columns = dims[1..].iter().product::<usize>();
        let p: Tensor<3> = p.reshape([dims[0], Formula::parameters(self), columns]);
        let parameter =
            |k: usize| -> Tensor<2> { p.clone().narrow(1, k, 1).reshape([dims[0], columns]) };
        let x: Tensor<2> = x.reshape([dims[0], columns]);
        let [y, log_slope] = self.evaluate(direction, x, &parameter);
        (y.reshape(dims), sum_features(log_slope))
    }
}

/// The gradient along one parameter, or along `x` where it is the variable and `variable` is no parameter.
#[inline(always)]
fn along<N: Number>(
    formula: &impl Formula,
    direction: Direction,
    x: Dual<N>,
    variable: usize,
    p: &impl Fn(usize) -> N,
    [g, of_slope]: [N; 2],
) -> N {
    let parameter = |k: usize| match k == variable {
        true => Dual::variable(p(k)),
        false => Dual::constant_of(p(k)),
    };
    let [y, log_slope] = formula.evaluate(direction, x, &parameter);
    g * y.slope + of_slope * log_slope.slope
}
