//! Euler's method with noise.

use crate::method::Start;
use crate::state::{State, add_scaled};

/// One step of the Euler-Maruyama method for `dy = f(t, y) dt + σ dW`.
///
/// `y' = y + h f(t, y) + σ √h ξ`, `ξ` the noise: standard normal numbers, new ones each step. With
/// constant `σ` of strong order 1. For `f = −∇L` it samples, up to `O(h)`, the density
/// `∝ exp(−2L/σ²)`; on `f = −k y` the variance of its samples is `σ²/(2k − k²h)` exactly.
///
/// ```
/// use thalweg_ode::{Start, euler_maruyama, infallible};
///
/// let mut pull = infallible(|_, y: &f64| -y);
/// let start = Start { t: 0.0, y: &1.0, slope: None };
/// let Ok(next) = euler_maruyama(&mut pull, start, 0.25, 0.1, 2.0);
/// assert_eq!(next, 1.0 - 0.25 + 0.1 * 0.5 * 2.0);
/// ```
///
/// # Errors
///
/// What the field returns.
///
/// # Panics
///
/// For a negative step, which a stochastic equation does not have.
///
/// # References
///
/// Maruyama: *Continuous Markov processes and stochastic equations*, 1955; Kloeden, Platen:
/// *Numerical solution of stochastic differential equations*, 1992, equation (10.2.4).
pub fn euler_maruyama<S: State, E>(
    field: &mut impl FnMut(f64, &S) -> Result<S, E>,
    start: Start<'_, S>,
    h: f64,
    sigma: f64,
    noise: S,
) -> Result<S, E> {
    assert!(h >= 0.0, "a stochastic equation has no step back, got {h}");
    let Start { t, y, slope } = start;
    let slope = match slope {
        Some(slope) => slope.clone(),
        None => field(t, y)?,
    };
    let moved = add_scaled(y.clone(), &slope, h);
    Ok(add_scaled(moved, &noise, sigma * h.sqrt()))
}
