//! Steps with noise.

use crate::OdeError;
use crate::error::at_least_zero;
use crate::method::Start;
use crate::second_order::{Kicked, PhasePoint, between_kicks};
use crate::state::{VectorSpace, add_scaled};

fn check(h: f64) {
    assert!(h >= 0.0, "a stochastic equation has no step back, got {h}");
}

/// One step of the Euler-Maruyama method for `dy = f(t, y) dt + σ dW`.
///
/// `y' = y + h f(t, y) + σ √h ξ`, where the noise `ξ` is standard normal and new in each step. Of
/// strong order 1 for constant `σ`. For `f = −∇L` it samples the density `∝ exp(−2L/σ²)` up to
/// `O(h)`. For `f = −k y` the variance of its samples is exactly `σ²/(2k − k²h)`.
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
/// The error of the field.
///
/// # Panics
///
/// For a negative step: a stochastic equation has none.
///
/// # References
///
/// Maruyama: *Continuous Markov processes and stochastic equations*, 1955; Kloeden, Platen:
/// *Numerical solution of stochastic differential equations*, 1992, equation (10.2.4).
pub fn euler_maruyama<S: VectorSpace, E>(
    field: &mut impl FnMut(f64, &S) -> Result<S, E>,
    start: Start<'_, S>,
    h: f64,
    sigma: f64,
    noise: S,
) -> Result<S, E> {
    check(h);
    let slope = start.slope_or(field)?;
    let moved = add_scaled(start.y.clone(), &slope, h);
    Ok(add_scaled(moved, &noise, sigma * h.sqrt()))
}

/// The friction and the noise of `q̈ + λ q̇ = a(q) + √(2λT) dW/dt`, underdamped Langevin dynamics.
///
/// For `a = −∇L` positions are distributed as `exp(−L/T)` and velocities as `exp(−v²/2T)`.
///
/// ```
/// use thalweg_ode::{OdeError, PhasePoint, Thermostat};
///
/// // At the temperature 0 a body coasts, and the friction takes the velocity by e^(−λh).
/// let cold = Thermostat::new(2.0, 0.0)?;
/// let after = cold.drift(PhasePoint { position: 0.0, velocity: 1.0 }, 0.5, &0.0);
/// assert!((after.velocity - (-1.0_f64).exp()).abs() < 1e-12);
/// # Ok::<(), OdeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thermostat {
    friction: f64,
    temperature: f64,
}

impl Thermostat {
    /// Friction `λ`, in 1/time, and temperature `T`, in the units of `L`.
    ///
    /// # Errors
    ///
    /// [`OdeError::Setting`] unless both are finite and zero or more.
    pub fn new(friction: f64, temperature: f64) -> Result<Self, OdeError> {
        Ok(Self {
            friction: at_least_zero("friction", friction)?,
            temperature: at_least_zero("temperature", temperature)?,
        })
    }

    /// `λ`.
    pub fn friction(&self) -> f64 {
        self.friction
    }

    /// `T`.
    pub fn temperature(&self) -> f64 {
        self.temperature
    }

    /// The steps "AOA" of [`baoab`], which need no acceleration: `q ← q + h/2 v`;
    /// `v ← c v + √((1 − c²) T) ξ` with `c = e^(−λh)` and the noise `ξ`; `q ← q + h/2 v`.
    pub fn drift<S: VectorSpace>(&self, phase: PhasePoint<S>, h: f64, noise: &S) -> PhasePoint<S> {
        let lost = -(-2.0 * self.friction * h).exp_m1();
        let heat = (lost * self.temperature).sqrt();
        let slowed = phase.drifted(h / 2.0).slowed(self.friction, h);
        slowed.kicked(noise, heat).drifted(h / 2.0)
    }
}

/// One step of the BAOAB splitting of Langevin dynamics with a [`Thermostat`].
///
/// B: `v ← v + h/2 a(q)`; AOA: [`Thermostat::drift`]; B. One evaluation from a known acceleration. Of
/// the splittings this one has the smallest error in positions: none at all where `L` is quadratic.
///
/// ```
/// use std::convert::Infallible;
/// use thalweg_ode::{PhasePoint, Thermostat, baoab};
///
/// let thermostat = Thermostat::new(1.0, 0.5)?;
/// let mut spring = |q: &f64| Ok::<_, Infallible>(-q);
/// let start = PhasePoint { position: 1.0, velocity: 0.0 };
/// let Ok(next) = baoab(&thermostat, &mut spring, &start, None, 0.1, 0.3);
/// assert_eq!(next.acceleration, -next.phase.position);
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
///
/// # Errors
///
/// The first error of the acceleration.
///
/// # Panics
///
/// For a negative step: a stochastic equation has none.
///
/// # References
///
/// Leimkuhler, Matthews: *Rational construction of stochastic numerical methods for molecular
/// sampling*, 2013.
pub fn baoab<S: VectorSpace, E>(
    thermostat: &Thermostat,
    acceleration: &mut impl FnMut(&S) -> Result<S, E>,
    phase: &PhasePoint<S>,
    known: Option<&S>,
    h: f64,
    noise: S,
) -> Result<Kicked<S>, E> {
    check(h);
    let drift = |phase| thermostat.drift(phase, h, &noise);
    between_kicks(acceleration, phase.clone(), known, h, drift)
}
