//! Friction apart from motion.

use super::phase::{Kicked, Phase};
use super::velocity_verlet;
use crate::state::State;

/// One step for `q̈ + λ q̇ = a(q)`, the friction solved exactly on both sides of a leapfrog step.
///
/// O: `v ← e^(−λh/2) v`; B: `v ← v + h/2 a(q)`; A: `q ← q + h v`; B; O. Second order, one evaluation
/// from a known acceleration; the friction bounds no step. As in the exact flow, a step multiplies
/// volumes in phase space by `e^(−λh)` a dimension. Without friction it is [`velocity_verlet`].
///
/// This is the splitting of Langevin dynamics at temperature zero; [`baoab`](crate::baoab) has
/// noise.
///
/// # Errors
///
/// What the acceleration returns, at its first failure.
///
/// # References
///
/// Bussi, Parrinello: *Accurate sampling using Langevin dynamics*, 2007, the splitting without
/// its noise.
pub fn obabo<S: State, E>(
    acceleration: &mut impl FnMut(&S) -> Result<S, E>,
    phase: &Phase<S>,
    known: Option<&S>,
    friction: f64,
    h: f64,
) -> Result<Kicked<S>, E> {
    let slowed = |phase: &Phase<S>| Phase {
        position: phase.position.clone(),
        velocity: phase.velocity.clone() * (-friction * h / 2.0).exp(),
    };
    let kicked = velocity_verlet(acceleration, &slowed(phase), known, h)?;
    Ok(Kicked {
        phase: slowed(&kicked.phase),
        ..kicked
    })
}
