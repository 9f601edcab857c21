//! The leapfrog with both halves at whole steps.

use super::phase::{Kicked, Phase, acceleration_at};
use crate::state::{State, add_scaled};

/// One step of the leapfrog in its velocity form, for `q̈ = a(q)`.
///
/// `v½ = v + h/2 a(q)`, `q' = q + h v½`, `v' = v½ + h/2 a(q')`. Second order; symplectic and
/// reversible: the energy stays within `O(h²)` of its start for ever, and a step with `−h` undoes
/// it. Stable for `h ω ≤ 2`, `−ω²` the eigenvalues of `∂a/∂q`. `known` is `a(q)`, from the step
/// before.
///
/// ```
/// use std::convert::Infallible;
/// use thalweg_ode::{Phase, velocity_verlet};
///
/// let mut spring = |q: &f64| Ok::<_, Infallible>(-q);
/// let start = Phase { position: 1.0, velocity: 0.0 };
/// let Ok(there) = velocity_verlet(&mut spring, &start, None, 0.1);
/// let Ok(back) = velocity_verlet(&mut spring, &there.phase, Some(&there.acceleration), -0.1);
/// assert!((back.phase.position - 1.0).abs() < 1e-15);
/// ```
///
/// # Errors
///
/// What the acceleration returns, at its first failure.
///
/// # References
///
/// Verlet: *Computer "experiments" on classical fluids*, 1967; Swope, Andersen, Berens, Wilson: *A
/// computer simulation method for the calculation of equilibrium constants*, 1982, for this form.
pub fn velocity_verlet<S: State, E>(
    acceleration: &mut impl FnMut(&S) -> Result<S, E>,
    phase: &Phase<S>,
    known: Option<&S>,
    h: f64,
) -> Result<Kicked<S>, E> {
    let (first, before) = acceleration_at(acceleration, &phase.position, known)?;
    let half = add_scaled(phase.velocity.clone(), &first, h / 2.0);
    let position = add_scaled(phase.position.clone(), &half, h);
    let last = acceleration(&position)?;
    let velocity = add_scaled(half, &last, h / 2.0);
    Ok(Kicked {
        phase: Phase { position, velocity },
        acceleration: last,
        evaluations: before + 1,
    })
}
