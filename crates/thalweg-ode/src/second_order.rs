//! Steps for `q̈ + λ q̇ = a(q)`: position, velocity, friction.

use crate::state::{VectorSpace, add_scaled};

/// A position and a velocity, and the three flows that splitting methods are made of.
///
/// ```
/// use thalweg_ode::PhasePoint;
///
/// let start = PhasePoint { position: 1.0, velocity: 2.0 };
/// let moved = start.drifted(0.5).kicked(&-4.0, 0.25).slowed(1.0, 2.0_f64.ln());
/// assert_eq!(moved.position, 2.0);
/// assert!((moved.velocity - 0.5).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PhasePoint<S> {
    /// `q`.
    pub position: S,
    /// `v = q̇`.
    pub velocity: S,
}

impl<S: VectorSpace> PhasePoint<S> {
    /// `v ← v + h a`, the flow "B".
    pub fn kicked(self, acceleration: &S, h: f64) -> Self {
        let velocity = add_scaled(self.velocity, acceleration, h);
        Self { velocity, ..self }
    }

    /// `q ← q + h v`, the flow "A".
    pub fn drifted(self, h: f64) -> Self {
        let position = add_scaled(self.position, &self.velocity, h);
        Self { position, ..self }
    }

    /// `v ← e^(−λh) v`, the flow "O" without its noise.
    pub fn slowed(self, friction: f64, h: f64) -> Self {
        let velocity = self.velocity * (-friction * h).exp();
        Self { velocity, ..self }
    }
}

/// The result of a step that ends with a kick.
///
/// See [`velocity_verlet`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Kicked<S> {
    /// Position and velocity at `t + h`.
    pub phase: PhasePoint<S>,
    /// `a(q)` at that position. The next step starts with it.
    pub acceleration: S,
    /// The number of evaluations of the acceleration: 1, and 1 more if the first was not known.
    pub evaluations: usize,
}

/// `B(h/2)`, a drift over `h`, `B(h/2)`. The first acceleration is evaluated if it is not known.
pub(crate) fn between_kicks<S: VectorSpace, E>(
    acceleration: &mut impl FnMut(&S) -> Result<S, E>,
    phase: PhasePoint<S>,
    known: Option<&S>,
    h: f64,
    drift: impl FnOnce(PhasePoint<S>) -> PhasePoint<S>,
) -> Result<Kicked<S>, E> {
    let (first, before) = match known {
        Some(known) => (known.clone(), 0),
        None => (acceleration(&phase.position)?, 1),
    };
    let phase = drift(phase.kicked(&first, h / 2.0));
    let last = acceleration(&phase.position)?;
    Ok(Kicked {
        phase: phase.kicked(&last, h / 2.0),
        acceleration: last,
        evaluations: before + 1,
    })
}

/// One step of the semi-implicit (symplectic) Euler method for `q̈ + λ q̇ = a(q)`.
///
/// `v' = v + h (a(q) − λ v)`, `q' = q + h v'`. First order, one evaluation. Symplectic without
/// friction: the energy stays within `O(h)` of its start for ever. With friction it is heavy-ball
/// momentum: `β = 1 − λh`, `α = h²`, see [`Leapfrog`](crate::Leapfrog).
///
/// ```
/// use std::convert::Infallible;
/// use thalweg_ode::{PhasePoint, semi_implicit_euler};
///
/// let mut spring = |q: &f64| Ok::<_, Infallible>(-q);
/// let start = PhasePoint { position: 1.0, velocity: 0.0 };
/// let Ok(next) = semi_implicit_euler(&mut spring, &start, 0.5, 0.1);
/// assert_eq!(next, PhasePoint { position: 1.0 - 0.1 * 0.1, velocity: -0.1 });
/// ```
///
/// # Errors
///
/// The error of the acceleration.
///
/// # References
///
/// Hairer, Lubich, Wanner: *Geometric numerical integration*, 2006, section I.1.2, equation (1.9).
pub fn semi_implicit_euler<S: VectorSpace, E>(
    acceleration: &mut impl FnMut(&S) -> Result<S, E>,
    phase: &PhasePoint<S>,
    friction: f64,
    h: f64,
) -> Result<PhasePoint<S>, E> {
    let kick = acceleration(&phase.position)?;
    let velocity = add_scaled(phase.velocity.clone(), &phase.velocity, -friction * h);
    let position = phase.position.clone();
    Ok(PhasePoint { position, velocity }
        .kicked(&kick, h)
        .drifted(h))
}

/// One step of the leapfrog in its velocity form, for `q̈ = a(q)`.
///
/// `v½ = v + h/2 a(q)`, `q' = q + h v½`, `v' = v½ + h/2 a(q')`. Second order, symplectic and
/// reversible: the energy stays within `O(h²)` of its start for ever, and a step with `−h` undoes
/// it. Stable for `h ω ≤ 2`, where `−ω²` are the eigenvalues of `∂a/∂q`. `known` is `a(q)`, from
/// the step before.
///
/// ```
/// use std::convert::Infallible;
/// use thalweg_ode::{Kicked, PhasePoint, velocity_verlet};
///
/// let mut spring = |q: &f64| Ok::<_, Infallible>(-q);
/// let start = PhasePoint { position: 1.0, velocity: 0.0 };
/// let Ok(Kicked { phase, acceleration, .. }) = velocity_verlet(&mut spring, &start, None, 0.1);
/// assert_eq!(acceleration, -phase.position);
/// let Ok(back) = velocity_verlet(&mut spring, &phase, Some(&acceleration), -0.1);
/// assert!((back.phase.position - 1.0).abs() < 1e-15);
/// assert_eq!(back.evaluations, 1);
/// ```
///
/// # Errors
///
/// The first error of the acceleration.
///
/// # References
///
/// Verlet: *Computer "experiments" on classical fluids*, 1967; Swope, Andersen, Berens, Wilson: *A
/// computer simulation method for the calculation of equilibrium constants*, 1982, for this form.
pub fn velocity_verlet<S: VectorSpace, E>(
    acceleration: &mut impl FnMut(&S) -> Result<S, E>,
    phase: &PhasePoint<S>,
    known: Option<&S>,
    h: f64,
) -> Result<Kicked<S>, E> {
    between_kicks(acceleration, phase.clone(), known, h, |phase| {
        phase.drifted(h)
    })
}

/// One step for `q̈ + λ q̇ = a(q)`, with the exact friction on both sides of a leapfrog step.
///
/// O: `v ← e^(−λh/2) v`; B: `v ← v + h/2 a(q)`; A: `q ← q + h v`; B; O. Second order, one evaluation
/// from a known acceleration. The friction does not bound the step. As in the exact flow, a step
/// multiplies volumes in phase space by `e^(−λh)` for each dimension. Without friction it is
/// [`velocity_verlet`].
///
/// This is the splitting of Langevin dynamics at temperature zero; [`baoab`](crate::baoab) has
/// noise.
///
/// ```
/// use std::convert::Infallible;
/// use thalweg_ode::{PhasePoint, obabo};
///
/// // Without a force only the friction acts: v' = e^(−λh) v.
/// let mut free = |_: &f64| Ok::<_, Infallible>(0.0);
/// let start = PhasePoint { position: 0.0, velocity: 1.0 };
/// let Ok(next) = obabo(&mut free, &start, None, 2.0, 0.5);
/// assert!((next.phase.velocity - (-1.0_f64).exp()).abs() < 1e-15);
/// ```
///
/// # Errors
///
/// The first error of the acceleration.
///
/// # References
///
/// Bussi, Parrinello: *Accurate sampling using Langevin dynamics*, 2007, the splitting without
/// its noise.
pub fn obabo<S: VectorSpace, E>(
    acceleration: &mut impl FnMut(&S) -> Result<S, E>,
    phase: &PhasePoint<S>,
    known: Option<&S>,
    friction: f64,
    h: f64,
) -> Result<Kicked<S>, E> {
    let slowed = phase.clone().slowed(friction, h / 2.0);
    let kicked = velocity_verlet(acceleration, &slowed, known, h)?;
    Ok(Kicked {
        phase: kicked.phase.slowed(friction, h / 2.0),
        ..kicked
    })
}
