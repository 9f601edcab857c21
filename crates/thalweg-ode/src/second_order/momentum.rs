//! The leapfrog with friction, in the form optimizers know.

use super::Phase;
use crate::OdeError;
use crate::settings::{at_least_zero, positive, within};
use crate::state::State;

/// Momentum: `v' = β v + α a(q)`, `q' = q + v'`, with `a = −∇L` for a descent.
///
/// It is the leapfrog of `q̈ + λ q̇ = a(q)` with step `γ`, its velocity at half steps and friction at
/// the mean of the two velocities around it: `v = γ q̇` is the way of one step, and
///
/// `β = (1 − λγ/2)/(1 + λγ/2)`, `α = γ²/(1 + λγ/2)`.
///
/// Second order, one evaluation; a step of time is about `√α`, not `α`.
///
/// ```
/// use std::convert::Infallible;
/// use thalweg_ode::{Momentum, Phase};
///
/// let momentum = Momentum::new(0.9, 0.1)?;
/// let (friction, step) = (momentum.friction(), momentum.step_size());
/// let same = Momentum::from_friction(friction, step)?;
/// assert!((same.beta() - 0.9).abs() < 1e-15 && (same.alpha() - 0.1).abs() < 1e-15);
///
/// let mut downhill = |q: &f64| Ok::<_, Infallible>(-q);
/// let Ok(next) = momentum.step(&mut downhill, &Phase { position: 1.0, velocity: 0.0 });
/// assert_eq!(next.position, 0.9);
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
///
/// # References
///
/// Su Jianlin: *Optimization algorithms from a dynamical perspective (1): from SGD to momentum*,
/// kexue.fm/archives/5655, 2018; Polyak: *Some methods of speeding up the convergence of iteration
/// methods*, 1964.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Momentum {
    beta: f64,
    alpha: f64,
}

impl Momentum {
    /// Of the way of the last step `beta` is kept, and the acceleration is multiplied by `alpha`.
    ///
    /// # Errors
    ///
    /// [`OdeError::Setting`] unless `−1 < beta ≤ 1` and `alpha` is finite and positive.
    pub fn new(beta: f64, alpha: f64) -> Result<Self, OdeError> {
        let good = beta > -1.0 && beta <= 1.0;
        Ok(Self {
            beta: within("momentum beta", beta, good, "above -1 and at most 1")?,
            alpha: positive("rate alpha", alpha)?,
        })
    }

    /// The same by friction `λ`, in 1/time, and step `γ`, in time.
    ///
    /// # Errors
    ///
    /// [`OdeError::Setting`] unless the friction is zero or more and the step positive.
    pub fn from_friction(friction: f64, step_size: f64) -> Result<Self, OdeError> {
        let half = at_least_zero("friction", friction)? * positive("step", step_size)? / 2.0;
        Self::new(
            (1.0 - half) / (1.0 + half),
            step_size.powi(2) / (1.0 + half),
        )
    }

    /// `β`.
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// `α`.
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// `γ = √(2α/(1 + β))`.
    pub fn step_size(&self) -> f64 {
        (2.0 * self.alpha / (1.0 + self.beta)).sqrt()
    }

    /// `λ = 2 (1 − β)/((1 + β) γ)`.
    pub fn friction(&self) -> f64 {
        2.0 * (1.0 - self.beta) / ((1.0 + self.beta) * self.step_size())
    }

    /// The momentum for a rate multiplied by `factor`: `α → r α` and `β → 1 − (1 − β) √r`, which
    /// keeps the friction to first order in `1 − β`.
    ///
    /// # Errors
    ///
    /// [`OdeError::Setting`] unless the factor is positive and leaves `β` above −1.
    pub fn scaled(&self, factor: f64) -> Result<Self, OdeError> {
        let factor = positive("factor of the rate", factor)?;
        Self::new(1.0 - (1.0 - self.beta) * factor.sqrt(), self.alpha * factor)
    }

    /// One step; the phase's velocity is the way of the last step.
    ///
    /// # Errors
    ///
    /// What the acceleration returns.
    pub fn step<S: State, E>(
        &self,
        acceleration: &mut impl FnMut(&S) -> Result<S, E>,
        phase: &Phase<S>,
    ) -> Result<Phase<S>, E> {
        let kick = acceleration(&phase.position)? * self.alpha;
        let velocity = phase.velocity.clone() * self.beta + kick;
        let position = phase.position.clone() + velocity.clone();
        Ok(Phase { position, velocity })
    }

    /// The phase that [`step`](Self::step) came from: `q = q' − v'`, `v = (v' − α a(q))/β`. With
    /// friction its rounding grows by `1/β` a step.
    ///
    /// # Errors
    ///
    /// What the acceleration returns.
    ///
    /// # Panics
    ///
    /// For `β = 0`, which keeps nothing of the velocity.
    pub fn step_back<S: State, E>(
        &self,
        acceleration: &mut impl FnMut(&S) -> Result<S, E>,
        phase: &Phase<S>,
    ) -> Result<Phase<S>, E> {
        assert!(self.beta != 0.0, "with beta = 0 a step cannot be undone");
        let position = phase.position.clone() + phase.velocity.clone() * -1.0;
        let kick = acceleration(&position)? * -self.alpha;
        let velocity = (phase.velocity.clone() + kick) * self.beta.recip();
        Ok(Phase { position, velocity })
    }
}
