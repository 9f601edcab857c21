//! Underdamped Langevin dynamics.

use crate::OdeError;
use crate::second_order::{Kicked, Phase, acceleration_at};
use crate::settings::at_least_zero;
use crate::state::{State, add_scaled};

/// `q̈ + λ q̇ = a(q) + √(2λT) dW/dt`: friction and the noise that balances it.
///
/// For `a = −∇L` positions are distributed as `exp(−L/T)` and velocities as `exp(−v²/2T)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Langevin {
    friction: f64,
    temperature: f64,
}

impl Langevin {
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

    /// What a velocity keeps in a time `h`, `e^(−λh)`, and the noise it gets,
    /// `√((1 − e^(−2λh)) T)`.
    fn thermostat(&self, h: f64) -> (f64, f64) {
        let lost = -(-2.0 * self.friction * h).exp_m1();
        ((-self.friction * h).exp(), (lost * self.temperature).sqrt())
    }
}

/// One step of the BAOAB splitting of [`Langevin`] dynamics.
///
/// B: `v ← v + h/2 a(q)`; A: `q ← q + h/2 v`; O: `v ← c v + √((1 − c²) T) ξ` with `c = e^(−λh)`, `ξ`
/// the noise; A; B. One evaluation from a known acceleration. Of the splittings this one has the
/// smallest error in positions: none at all where `L` is quadratic.
///
/// ```
/// use std::convert::Infallible;
/// use thalweg_ode::{Langevin, Phase, baoab};
///
/// let langevin = Langevin::new(1.0, 0.5)?;
/// let mut spring = |q: &f64| Ok::<_, Infallible>(-q);
/// let start = Phase { position: 1.0, velocity: 0.0 };
/// let Ok(next) = baoab(&langevin, &mut spring, &start, None, 0.1, 0.3);
/// assert_eq!(next.acceleration, -next.phase.position);
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
///
/// # Errors
///
/// What the acceleration returns, at its first failure.
///
/// # Panics
///
/// For a negative step, which a stochastic equation does not have.
///
/// # References
///
/// Leimkuhler, Matthews: *Rational construction of stochastic numerical methods for molecular
/// sampling*, 2013.
pub fn baoab<S: State, E>(
    langevin: &Langevin,
    acceleration: &mut impl FnMut(&S) -> Result<S, E>,
    phase: &Phase<S>,
    known: Option<&S>,
    h: f64,
    noise: S,
) -> Result<Kicked<S>, E> {
    assert!(h >= 0.0, "a stochastic equation has no step back, got {h}");
    let (kept, heat) = langevin.thermostat(h);
    let (first, before) = acceleration_at(acceleration, &phase.position, known)?;
    let velocity = add_scaled(phase.velocity.clone(), &first, h / 2.0);
    let position = add_scaled(phase.position.clone(), &velocity, h / 2.0);
    let velocity = add_scaled(velocity * kept, &noise, heat);
    let position = add_scaled(position, &velocity, h / 2.0);
    let last = acceleration(&position)?;
    let velocity = add_scaled(velocity, &last, h / 2.0);
    Ok(Kicked {
        phase: Phase { position, velocity },
        acceleration: last,
        evaluations: before + 1,
    })
}
