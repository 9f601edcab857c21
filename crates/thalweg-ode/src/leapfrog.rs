//! Momentum: the leapfrog with friction, in the form that optimizers use.

use std::ops::{Add, Mul};

use crate::OdeError;
use crate::error::{at_least_zero, positive, within};
use crate::second_order::PhasePoint;
use crate::state::{VectorSpace, add_scaled};

/// `v' = β v + push`: the recursion of every form of momentum.
///
/// `B` is the type of `β`: `f64` for a [`VectorSpace`], the type of the numbers for a loop over numbers.
///
/// ```
/// use thalweg_ode::heavy_ball;
///
/// // Under a constant push the velocity tends to push/(1 − β).
/// let mut velocity = 0.0;
/// for _ in 0..100 {
///     velocity = heavy_ball(velocity, 0.5, 1.0);
/// }
/// assert_eq!(velocity, 2.0);
/// ```
pub fn heavy_ball<S, B>(velocity: S, beta: B, push: S) -> S
where
    S: Add<Output = S> + Mul<B, Output = S>,
{
    velocity * beta + push
}

/// One step of momentum: `v' = β v + α a(q + c v)`, `q' = q + v'`.
///
/// `c = ahead` is 0 for the heavy ball, `β` for Nesterov's method, and `β/2` for the midpoint
/// between them. The velocity of the phase is the way of one step. [`Leapfrog`] says what equation
/// this solves.
///
/// ```
/// use std::convert::Infallible;
/// use thalweg_ode::{PhasePoint, leapfrog};
///
/// let mut downhill = |q: &f64| Ok::<_, Infallible>(-q);
/// let start = PhasePoint { position: 1.0, velocity: -0.5 };
/// let Ok(next) = leapfrog(&mut downhill, &start, 0.5, 0.25, 0.5);
/// assert_eq!(next.velocity, -0.25 - 0.25 * 0.75);
/// ```
///
/// # Errors
///
/// The error of the acceleration.
///
/// # References
///
/// Polyak: *Some methods of speeding up the convergence of iteration methods*, 1964. Nesterov: *A
/// method of solving a convex programming problem with convergence rate O(1/k²)*, 1983.
pub fn leapfrog<S: VectorSpace, E>(
    acceleration: &mut impl FnMut(&S) -> Result<S, E>,
    phase: &PhasePoint<S>,
    beta: f64,
    alpha: f64,
    ahead: f64,
) -> Result<PhasePoint<S>, E> {
    let there = add_scaled(phase.position.clone(), &phase.velocity, ahead);
    let push = acceleration(&there)? * alpha;
    let velocity = heavy_ball(phase.velocity.clone(), beta, push);
    let position = phase.position.clone() + velocity.clone();
    Ok(PhasePoint { position, velocity })
}

/// Momentum with constant `β` and `α`: `v' = β v + α a(q)`, `q' = q + v'`, with `a = −∇L` for a
/// descent.
///
/// It is the leapfrog of `q̈ + λ q̇ = a(q)` with step `γ`. Its velocity stands at half steps, and the
/// friction acts on the mean of the two velocities around it: `v = γ q̇` is the way of one step, and
///
/// `β = (1 − λγ/2)/(1 + λγ/2)`, `α = γ²/(1 + λγ/2)`.
///
/// Second order, one evaluation. A step of time is about `√α`, not `α`.
///
/// ```
/// use std::convert::Infallible;
/// use thalweg_ode::{Leapfrog, PhasePoint};
///
/// let momentum = Leapfrog::new(0.9, 0.1)?;
/// let (friction, step) = (momentum.friction(), momentum.step_size());
/// let same = Leapfrog::from_friction(friction, step)?;
/// assert!((same.beta() - 0.9).abs() < 1e-15 && (same.alpha() - 0.1).abs() < 1e-15);
///
/// let mut downhill = |q: &f64| Ok::<_, Infallible>(-q);
/// let Ok(next) = momentum.step(&mut downhill, &PhasePoint { position: 1.0, velocity: 0.0 });
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
pub struct Leapfrog {
    beta: f64,
    alpha: f64,
}

impl Leapfrog {
    /// Momentum that keeps the part `beta` of the last step, with the rate `alpha`.
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
    /// ```
    /// use thalweg_ode::Leapfrog;
    ///
    /// let momentum = Leapfrog::new(0.99, 0.1)?;
    /// let slower = momentum.scaled(0.25)?;
    /// assert!((slower.beta() - 0.995).abs() < 1e-15 && (slower.alpha() - 0.025).abs() < 1e-15);
    /// assert!((slower.friction() / momentum.friction() - 1.0).abs() < 0.01);
    /// # Ok::<(), thalweg_ode::OdeError>(())
    /// ```
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
    /// The error of the acceleration.
    pub fn step<S: VectorSpace, E>(
        &self,
        acceleration: &mut impl FnMut(&S) -> Result<S, E>,
        phase: &PhasePoint<S>,
    ) -> Result<PhasePoint<S>, E> {
        leapfrog(acceleration, phase, self.beta, self.alpha, 0.0)
    }

    /// The inverse of [`step`](Self::step): `q = q' − v'`, `v = (v' − α a(q))/β`. With friction its
    /// rounding grows by `1/β` a step.
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use thalweg_ode::{Leapfrog, PhasePoint};
    ///
    /// let momentum = Leapfrog::new(0.5, 0.25)?;
    /// let mut downhill = |q: &f64| Ok::<_, Infallible>(-q);
    /// let start = PhasePoint { position: 1.0, velocity: 0.5 };
    /// let Ok(there) = momentum.step(&mut downhill, &start);
    /// let Ok(back) = momentum.step_back(&mut downhill, &there);
    /// assert_eq!(back, start);
    /// # Ok::<(), thalweg_ode::OdeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The error of the acceleration.
    ///
    /// # Panics
    ///
    /// For `β = 0`: such a step keeps nothing of the velocity.
    pub fn step_back<S: VectorSpace, E>(
        &self,
        acceleration: &mut impl FnMut(&S) -> Result<S, E>,
        phase: &PhasePoint<S>,
    ) -> Result<PhasePoint<S>, E> {
        assert!(self.beta != 0.0, "with beta = 0 a step cannot be undone");
        let position = phase.position.clone() + phase.velocity.clone() * -1.0;
        let kick = acceleration(&position)? * -self.alpha;
        let velocity = (phase.velocity.clone() + kick) * self.beta.recip();
        Ok(PhasePoint { position, velocity })
    }
}
