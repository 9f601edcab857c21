//! Langevin dynamics with inertia, without a correction.

use thalweg_ode::{PhasePoint, Thermostat, Vector, baoab};

use super::gradient::Gradients;
use super::{Kernel, LogDensityGradient, Walkers};
use crate::SbiError;

/// Underdamped Langevin dynamics at the temperature 1 by the steps of [`baoab`], without a correction:
/// `du = v dt`, `dv = ∇ ln p̃(u) dt − λ v dt + √(2λ) dW`.
///
/// Each step is accepted, so that the draws have an error of the order `h²`, none where the density is normal. It is
/// [`thalweg_optim::Underdamped`]'s method for rows in place of a module's parameters. Step and friction are the caller's: the
/// step is stable below twice the smallest deviation of the density, and the friction best near the inverse of the largest.
///
/// ```
/// use thalweg_sbi::sampler::{HostGradient, Sampling, Underdamped};
///
/// let normal = HostGradient::new(1, |x, gradient| {
///     gradient[0] = -(x[0] - 1.0);
///     -0.5 * (x[0] - 1.0).powi(2)
/// });
/// let chains = Sampling::new(Underdamped::new(0.5, 1.0)).draws(4000).run(&normal)?;
/// assert!((chains.samples().mean()[0] - 1.0).abs() < 0.2);
/// assert_eq!(chains.acceptance(), None); // nothing is proposed
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
///
/// # References
///
/// Leimkuhler, Matthews: *Rational construction of stochastic numerical methods for molecular sampling*, 2013.
#[derive(Debug, Clone, PartialEq)]
pub struct Underdamped {
    step: f64,
    friction: f64,
}

impl Underdamped {
    /// With a step `h` of time, and a friction `λ` in 1/time.
    pub fn new(step: f64, friction: f64) -> Self {
        Self { step, friction }
    }
}

/// What [`Underdamped`] keeps from step to step. See [`Kernel`](super::Kernel) for an example.
#[derive(Debug)]
pub struct UnderdampedState {
    thermostat: Thermostat,
    velocity: Vector,
    acceleration: Vector,
}

impl<T: LogDensityGradient + ?Sized> Kernel<T> for Underdamped {
    type State = UnderdampedState;

    fn begin(
        &self,
        target: &T,
        walkers: &mut Walkers,
        _warm_up: usize,
    ) -> Result<UnderdampedState, SbiError> {
        let positive = |x: f64| x > 0.0 && x.is_finite();
        SbiError::setting("the step", self.step, "a positive number", positive)?;
        let (what, bound) = ("the friction", "a positive number");
        SbiError::setting(what, self.friction, bound, positive)?;
        let thermostat = Thermostat::new(self.friction, 1.0);
        let refused = |_| SbiError::Setting {
            what,
            value: self.friction,
            bound,
        };
        let rows = walkers.rows.clone();
        Ok(UnderdampedState {
            thermostat: thermostat.map_err(refused)?,
            velocity: Vector(walkers.normals()),
            acceleration: Gradients::at(target, walkers, &rows)?.gradient,
        })
    }

    fn advance(
        &self,
        state: &mut UnderdampedState,
        target: &T,
        walkers: &mut Walkers,
    ) -> Result<(), SbiError> {
        let (dims, noise) = (walkers.dims, Vector(walkers.normals()));
        let phase = PhasePoint {
            position: Vector(walkers.rows.clone()),
            velocity: state.velocity.clone(),
        };
        let mut at = None;
        let mut field = |u: &Vector| {
            let found = Gradients::at(target, walkers, u)?;
            let gradient = found.gradient.clone();
            at = Some(found);
            Ok::<Vector, SbiError>(gradient)
        };
        let known = Some(&state.acceleration);
        let moved = baoab(
            &state.thermostat,
            &mut field,
            &phase,
            known,
            self.step,
            noise,
        )?;
        let logs = at.map(|at| at.log_densities).unwrap_or_default();
        let (mut velocity, mut acceleration) = (moved.phase.velocity, moved.acceleration);
        for (chain, log) in logs.iter().enumerate() {
            let range = chain * dims..(chain + 1) * dims;
            if log.is_finite() {
                walkers.place(chain, &moved.phase.position[range], *log);
                continue;
            }
            // Out of the support: the chain stays and turns round.
            walkers.tallies[chain].divergences += 1;
            acceleration[range.clone()].copy_from_slice(&state.acceleration[range.clone()]);
            for k in range {
                velocity[k] = -state.velocity[k];
            }
        }
        state.velocity = velocity;
        state.acceleration = acceleration;
        Ok(())
    }
}
