//! Velocity first, then position by the new velocity.

use super::Phase;
use crate::state::{State, add_scaled};

/// One step of the semi-implicit (symplectic) Euler method for `q̈ + λ q̇ = a(q)`.
///
/// `v' = v + h (a(q) − λ v)`, `q' = q + h v'`. First order, one evaluation; symplectic without
/// friction: the energy stays within `O(h)` of its start for ever. With friction it is heavy-ball
/// momentum: `β = 1 − λh`, `α = h²`, see [`Momentum`](super::Momentum).
///
/// ```
/// use std::convert::Infallible;
/// use thalweg_ode::{Phase, semi_implicit_euler};
///
/// let mut spring = |q: &f64| Ok::<_, Infallible>(-q);
/// let start = Phase { position: 1.0, velocity: 0.0 };
/// let Ok(next) = semi_implicit_euler(&mut spring, &start, 0.5, 0.1);
/// assert_eq!(next, Phase { position: 1.0 - 0.1 * 0.1, velocity: -0.1 });
/// ```
///
/// # Errors
///
/// What the acceleration returns.
///
/// # References
///
/// Hairer, Lubich, Wanner: *Geometric numerical integration*, 2006, section I.1.2, equation (1.9).
pub fn semi_implicit_euler<S: State, E>(
    acceleration: &mut impl FnMut(&S) -> Result<S, E>,
    phase: &Phase<S>,
    friction: f64,
    h: f64,
) -> Result<Phase<S>, E> {
    let kick = acceleration(&phase.position)?;
    let kept = add_scaled(phase.velocity.clone(), &phase.velocity, -friction * h);
    let velocity = add_scaled(kept, &kick, h);
    let position = add_scaled(phase.position.clone(), &velocity, h);
    Ok(Phase { position, velocity })
}
