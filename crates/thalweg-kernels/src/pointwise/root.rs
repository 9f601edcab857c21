//! The root of an increasing function.

use crate::number::Real;

/// Steps of [`root`]. Every other one halves the bracket, and between them Newton's steps double the digits: 32 halvings
/// alone leave less than the last digit of 32-bit numbers.
const STEPS: usize = 64;

/// The `t` between two bounds with `f(t) = y`, of an increasing function by its value and its slope: Newton's steps,
/// which a bracket guards, each after a bisection.
///
/// Gradients do not pass it.
///
/// ```
/// let t = thalweg_kernels::root(&2.0, [0.0, 2.0], |t: f64| [t * t, 2.0 * t]);
/// assert!((t - 2.0_f64.sqrt()).abs() < 1e-12);
/// ```
pub fn root<R: Real>(y: &R, bounds: [R; 2], f: impl Fn(R) -> [R; 2]) -> R {
    let [mut low, mut high] = bounds.map(R::detached);
    let y = y.clone().detached();
    let middle = |low: &R, high: &R| (low.clone() + high.clone()) * low.like(0.5);
    let mut at = middle(&low, &high);
    for step in 0..STEPS {
        let [value, slope] = f(at.clone());
        let (value, slope) = (value.detached(), slope.detached());
        let below = value.less(&y);
        low = R::select(below.clone(), at.clone(), low);
        high = R::select(below, high, at.clone());
        let half = middle(&low, &high);
        at = match step % 2 {
            1 => half,
            _ => {
                // The slope of 0 of a flat piece leads out of the bracket.
                let slope = slope
                    .clone()
                    .largest_of(slope.like(f64::from(f32::MIN_POSITIVE)));
                let newton = at + (y.clone() - value) / slope;
                let inside = R::select(low.less(&newton), newton.clone(), half.clone());
                R::select(newton.less(&high), inside, half)
            }
        };
    }
    at
}

/// The root with its gradient: `dt = (dy − df) / f′(t)`, where only `y` and the parameters of `f` move.
pub(super) fn implicit<R: Real>(y: R, root: R, [value, slope]: [R; 2]) -> R {
    let slope = slope
        .clone()
        .largest_of(slope.like(f64::from(f32::MIN_POSITIVE)));
    let step = (y - value) / slope.detached();
    // A step of 0 that has a gradient.
    root.detached() + step.clone() - step.detached()
}
