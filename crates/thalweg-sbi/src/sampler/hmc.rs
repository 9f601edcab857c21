//! Hamiltonian Monte Carlo.

use rand::RngExt;
use thalweg_ode::{PhasePoint, Vector, velocity_verlet};

use super::adaptation::StepLearner;
use super::gradient::{Gradients, times};
use super::guided::{Guided, Proposal, check};
use super::{Kernel, LogDensityGradient, Walkers};
use crate::SbiError;

/// Hamiltonian Monte Carlo: a place `q` and a random velocity `v` move along `q̈ = ∇ ln p̃(q)` by the leapfrog of
/// [`velocity_verlet`], and the end is accepted with the probability `min(1, e^(H − H'))`, `H = −ln p̃(q) + ½ ‖v‖²`.
///
/// The leapfrog is reversible and keeps volumes, so that the density of the draws is exact for every step size. In the
/// warm-up the kernel learns the standard deviation of each coordinate, in whose units it moves, and the step that is
/// accepted as often as [asked](Self::acceptance), by dual averaging. All chains share both, and each evaluates one row of
/// a batch. The number of steps is drawn anew for each move, so that no period of the density is hit.
///
/// A move whose energy grows by more than 1000 nats has left the region where the step is stable. It is rejected and counted
/// as a [divergence](super::Chains::divergences): the density has narrower places than the step resolves.
///
/// ```
/// use thalweg_sbi::sampler::{HostGradient, Hmc, Sampling};
///
/// // A normal density with means 1 and 0 and deviations 1 and 2.
/// let normal = HostGradient::new(2, |x, gradient| {
///     gradient[0] = -(x[0] - 1.0);
///     gradient[1] = -x[1] / 4.0;
///     -0.5 * (x[0] - 1.0).powi(2) - x[1] * x[1] / 8.0
/// });
/// let chains = Sampling::new(Hmc::new().acceptance(0.9)).run(&normal)?;
/// assert!((chains.samples().mean()[0] - 1.0).abs() < 0.1);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
///
/// # References
///
/// Duane, Kennedy, Pendleton, Roweth: *Hybrid Monte Carlo*, 1987. Neal: *MCMC using Hamiltonian dynamics*, 2011. Hoffman,
/// Gelman: *The No-U-Turn sampler: adaptively setting path lengths in Hamiltonian Monte Carlo*, 2014, algorithm 5, for the
/// step.
#[derive(Debug, Clone, PartialEq)]
pub struct Hmc {
    acceptance: f64,
    length: Length,
    step: Option<f64>,
    most: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Length {
    Time(f64),
    Steps(usize),
}

impl Default for Hmc {
    fn default() -> Self {
        Self::new()
    }
}

/// A growth of the energy, in nats, at which a move has diverged.
const DIVERGED: f64 = 1000.0;

impl Hmc {
    /// Moves of the time π/2, a quarter of the period of a standard normal density, accepted with 0.8.
    pub fn new() -> Self {
        Self {
            acceptance: 0.8,
            length: Length::Time(std::f64::consts::FRAC_PI_2),
            step: None,
            most: 1000,
        }
    }

    /// The mean acceptance that the step is chosen for, between 0 and 1. A higher one takes smaller steps, which narrow places
    /// need.
    pub fn acceptance(self, acceptance: f64) -> Self {
        Self { acceptance, ..self }
    }

    /// The mean time of a move, in units in which each coordinate has the deviation 1: a move takes between half and one and a
    /// half of it. Strong correlations need longer moves.
    ///
    /// ```
    /// use thalweg_sbi::sampler::{HostGradient, Hmc, Sampling};
    ///
    /// let normal = HostGradient::new(1, |x, gradient| {
    ///     gradient[0] = -x[0];
    ///     -0.5 * x[0] * x[0]
    /// });
    /// let run = |hmc: Hmc| Sampling::new(hmc).warm_up(100).draws(100).run(&normal);
    /// // Longer moves evaluate the density more often.
    /// let (short, long) = (run(Hmc::new().time(0.5))?, run(Hmc::new().time(4.0))?);
    /// assert!(long.evaluations() > short.evaluations());
    /// // Unless each has one step at most.
    /// let bounded = run(Hmc::new().time(4.0).at_most(1))?;
    /// assert!(long.evaluations() > bounded.evaluations());
    /// # Ok::<(), thalweg_sbi::SbiError>(())
    /// ```
    pub fn time(self, time: f64) -> Self {
        Self {
            length: Length::Time(time),
            ..self
        }
    }

    /// Moves of as many leapfrog steps each, in place of a time.
    ///
    /// See [`Tally`](super::Tally) for an example.
    pub fn steps(self, steps: usize) -> Self {
        Self {
            length: Length::Steps(steps),
            ..self
        }
    }

    /// A step that is not learned, in units of the learned deviations.
    ///
    /// See [`Tally`](super::Tally) for an example.
    pub fn step(self, step: f64) -> Self {
        Self {
            step: Some(step),
            ..self
        }
    }

    /// The most leapfrog steps of a move; by default 1000.
    ///
    /// See [`time`](Self::time) for an example.
    pub fn at_most(self, steps: usize) -> Self {
        Self {
            most: steps,
            ..self
        }
    }

    fn check(&self) -> Result<(), SbiError> {
        check(self.acceptance, self.step)?;
        let positive = |x: f64| x > 0.0 && x.is_finite();
        let (what, length) = match self.length {
            Length::Time(time) => ("the time of a move", time),
            Length::Steps(steps) => ("the number of steps of a move", steps as f64),
        };
        SbiError::setting(what, length, "a positive number", positive)?;
        let most = self.most as f64;
        SbiError::setting("the most steps of a move", most, "1 or more", |n| n >= 1.0)
    }

    fn count(&self, walkers: &mut Walkers, step: f64) -> usize {
        let steps = match self.length {
            Length::Steps(steps) => steps,
            Length::Time(time) => {
                let part = 0.5 + walkers.shared.random::<f64>();
                (part * time / step).round() as usize
            }
        };
        steps.clamp(1, self.most)
    }
}

/// Moves all chains by leapfrog steps in coordinates `u / scale`. Returns the ends with `H − H'`, −∞ of chains that were
/// outside of the support, and the velocities there.
fn integrate<T: LogDensityGradient + ?Sized>(
    target: &T,
    walkers: &mut Walkers,
    now: &Gradients,
    scales: &[f64],
    velocity: Vector,
    (step, count): (f64, usize),
) -> Result<(Proposal, Vector), SbiError> {
    let units: Vec<f64> = scales.iter().map(|scale| scale.recip()).collect();
    let dims = walkers.dims;
    let kinetic = |velocity: &Vector| -> Vec<f64> {
        let rows = velocity.chunks_exact(dims);
        rows.map(|v| 0.5 * v.iter().map(|v| v * v).sum::<f64>())
            .collect()
    };
    let before = kinetic(&velocity);
    let mut phase = PhasePoint {
        position: times(&walkers.rows, &units),
        velocity,
    };
    let mut acceleration = now.scaled(scales);
    let mut at = now.clone();
    // A chain that once was outside stays rejected, whatever it finds later.
    let mut outside = vec![false; walkers.chains()];
    for _ in 0..count {
        let mut field = |q: &Vector| {
            at = Gradients::at(target, walkers, &times(q, scales))?;
            for (outside, log) in outside.iter_mut().zip(&at.log_densities) {
                *outside |= *log == f64::NEG_INFINITY;
            }
            Ok::<Vector, SbiError>(at.scaled(scales))
        };
        let kicked = velocity_verlet(&mut field, &phase, Some(&acceleration), step)?;
        (phase, acceleration) = (kicked.phase, kicked.acceleration);
    }
    let after = kinetic(&phase.velocity);
    let ratio = |chain: usize| match outside[chain] {
        true => f64::NEG_INFINITY,
        false => {
            let gained = at.log_densities[chain] - walkers.log_densities[chain];
            gained + before[chain] - after[chain]
        }
    };
    let log_ratios = (0..walkers.chains()).map(ratio).collect();
    let proposal = Proposal {
        rows: times(&phase.position, scales),
        at,
        log_ratios,
    };
    Ok((proposal, phase.velocity))
}

/// One leapfrog step of all chains, from random velocities.
fn attempt<T: LogDensityGradient + ?Sized>(
    target: &T,
) -> impl FnMut(&mut Walkers, &Gradients, &[f64], f64) -> Result<Proposal, SbiError> {
    move |walkers, now, scales, step| {
        let velocity = Vector(walkers.normals());
        Ok(integrate(target, walkers, now, scales, velocity, (step, 1))?.0)
    }
}

impl<T: LogDensityGradient + ?Sized> Kernel<T> for Hmc {
    type State = Guided;

    fn begin(&self, target: &T, walkers: &mut Walkers, warm_up: usize) -> Result<Guided, SbiError> {
        self.check()?;
        let learner = StepLearner::new(walkers.dims, warm_up, self.acceptance, self.step);
        Guided::begin(target, walkers, learner, attempt(target))
    }

    fn advance(
        &self,
        state: &mut Guided,
        target: &T,
        walkers: &mut Walkers,
    ) -> Result<(), SbiError> {
        let moves = |walkers: &mut Walkers, now: &Gradients, scales: &[f64], step: f64| {
            let count = self.count(walkers, step);
            let velocity = Vector(walkers.normals());
            let (ends, _) = integrate(target, walkers, now, scales, velocity, (step, count))?;
            for (tally, ratio) in walkers.tallies.iter_mut().zip(&ends.log_ratios) {
                // NaN has diverged too.
                let stable = *ratio >= -DIVERGED;
                tally.divergences += u64::from(!stable);
            }
            Ok::<Proposal, SbiError>(ends)
        };
        state.advance(walkers, moves, attempt(target))
    }
}

#[cfg(test)]
mod tests {
    use super::super::HostGradient;
    use super::super::kernel::generator;
    use super::*;

    /// From its end with the opposite velocity, a move goes back to its start, and loses the energy that it gained.
    #[test]
    fn moves_are_reversible() {
        let target = HostGradient::new(2, |x, gradient| {
            gradient[0] = -x[0].powi(3) - x[1];
            gradient[1] = -x[0] - 4.0 * x[1];
            -0.25 * x[0].powi(4) - x[0] * x[1] - 2.0 * x[1] * x[1]
        });
        let rows = vec![0.3, -0.2, 1.5, 0.4];
        let generators = (0..2).map(|chain| generator(1, chain)).collect();
        let mut walkers = Walkers::new(&target, rows.clone(), generators, 1).unwrap();
        let (scales, moves) = ([0.8, 0.4], (0.2, 15));
        let velocity = Vector(walkers.normals());
        let now = Gradients::at(&target, &mut walkers, &rows).unwrap();
        let go = |walkers: &mut Walkers, now: &Gradients, velocity: Vector| {
            integrate(&target, walkers, now, &scales, velocity, moves).unwrap()
        };
        let (there, turned) = go(&mut walkers, &now, velocity.clone());
        walkers.rows = there.rows.0.clone();
        walkers.log_densities = there.at.log_densities.clone();
        let (back, last) = go(&mut walkers, &there.at, turned * -1.0);
        let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(near(&back.rows, &rows), "{:?}", back.rows);
        assert!(near(&(last * -1.0), &velocity));
        let sums: Vec<f64> = there
            .log_ratios
            .iter()
            .zip(&back.log_ratios)
            .map(|(a, b)| a + b)
            .collect();
        assert!(near(&sums, &[0.0; 2]) && there.log_ratios.iter().all(|ratio| ratio.abs() > 1e-6));
    }
}
