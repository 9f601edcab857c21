//! The Langevin diffusion with its correction.

use thalweg_ode::{Start, Vector, euler_maruyama};

use super::adaptation::{StepLearner, mean_acceptance};
use super::gradient::{Gradients, times};
use super::{Kernel, LogDensityGradient, Walkers};
use crate::SbiError;

/// The Metropolis-adjusted Langevin algorithm: a step of `du = ∇ ln p̃(u) dt + √2 dW` by [`euler_maruyama`],
///
/// `u' = u + h ∇ ln p̃(u) + √(2h) ξ`,
///
/// accepted with the probability `min(1, p̃(u') q(u | u') / (p̃(u) q(u' | u)))`, where `q` is the normal density of the
/// step. It is [`thalweg_optim::Langevin`]'s step at the temperature 1, without its error. In the warm-up it learns `h` for an
/// acceptance of 0.574 and the deviations of the coordinates, in whose units it moves.
///
/// One gradient a step. It moves as far as [`Hmc`](super::Hmc) with one leapfrog step, and so mixes more slowly.
///
/// # References
///
/// Roberts, Tweedie: *Exponential convergence of Langevin distributions and their discrete approximations*, 1996; Roberts,
/// Rosenthal: *Optimal scaling of discrete approximations to Langevin diffusions*, 1998, for the acceptance.
#[derive(Debug, Clone, PartialEq)]
pub struct Langevin {
    acceptance: f64,
    step: Option<f64>,
}

impl Default for Langevin {
    fn default() -> Self {
        Self::new()
    }
}

impl Langevin {
    /// Steps that are accepted with 0.574.
    pub fn new() -> Self {
        Self {
            acceptance: 0.574,
            step: None,
        }
    }

    /// The mean acceptance that the step is chosen for, between 0 and 1.
    pub fn acceptance(self, acceptance: f64) -> Self {
        Self { acceptance, ..self }
    }

    /// A step `h` that is not learned, in units of the learned deviations.
    pub fn step(self, step: f64) -> Self {
        Self {
            step: Some(step),
            ..self
        }
    }
}

/// What [`Langevin`] keeps from step to step.
#[derive(Debug)]
pub struct LangevinState {
    learner: StepLearner,
    now: Gradients,
}

/// Proposals of all chains, and the logarithms of the ratios that accept them.
struct Proposed {
    rows: Vector,
    at: Gradients,
    log_ratios: Vec<f64>,
}

fn propose<T: LogDensityGradient + ?Sized>(
    target: &T,
    walkers: &mut Walkers,
    now: &Gradients,
    scales: &[f64],
    h: f64,
) -> Result<Proposed, SbiError> {
    let (dims, noise) = (walkers.dims, Vector(walkers.normals()));
    let units: Vec<f64> = scales.iter().map(|scale| scale.recip()).collect();
    let (here, uphill) = (times(&walkers.rows, &units), now.scaled(scales));
    let start = Start {
        t: 0.0,
        y: &here,
        slope: Some(&uphill),
    };
    let mut known = |_: f64, _: &Vector| Ok::<Vector, SbiError>(uphill.clone());
    let there = euler_maruyama(&mut known, start, h, 2f64.sqrt(), noise.clone())?;
    let rows = times(&there, scales);
    let at = Gradients::at(target, walkers, &rows)?;
    let back = at.scaled(scales);
    let log_ratio = |chain: usize| {
        let gained = at.log_densities[chain] - walkers.log_densities[chain];
        // ln q(u' | u) is −½ ‖ξ‖², and ln q(u | u') that of the noise that leads back.
        let places = chain * dims..(chain + 1) * dims;
        let change = |k: usize| {
            let noise_back = (here[k] - there[k] - h * back[k]) / (2.0 * h).sqrt();
            0.5 * (noise[k] * noise[k] - noise_back * noise_back)
        };
        gained + places.map(change).sum::<f64>()
    };
    let log_ratios = (0..walkers.chains()).map(log_ratio).collect();
    Ok(Proposed {
        rows,
        at,
        log_ratios,
    })
}

impl LangevinState {
    fn find_step<T: LogDensityGradient + ?Sized>(
        &mut self,
        target: &T,
        walkers: &mut Walkers,
    ) -> Result<(), SbiError> {
        let Self { learner, now } = self;
        learner.find(|scales, h| {
            let proposed = propose(target, walkers, now, scales, h)?;
            Ok(mean_acceptance(&proposed.log_ratios))
        })
    }
}

impl<T: LogDensityGradient + ?Sized> Kernel<T> for Langevin {
    type State = LangevinState;

    fn begin(
        &self,
        target: &T,
        walkers: &mut Walkers,
        warm_up: usize,
    ) -> Result<LangevinState, SbiError> {
        let share = |x: f64| x > 0.0 && x < 1.0;
        SbiError::setting("the acceptance", self.acceptance, "between 0 and 1", share)?;
        let positive = |x: f64| x > 0.0 && x.is_finite();
        let step = self.step.unwrap_or(1.0);
        SbiError::setting("the step", step, "a positive number", positive)?;
        let rows = walkers.rows.clone();
        let mut state = LangevinState {
            learner: StepLearner::new(walkers.dims, warm_up, self.acceptance, self.step),
            now: Gradients::at(target, walkers, &rows)?,
        };
        state.find_step(target, walkers)?;
        Ok(state)
    }

    fn advance(
        &self,
        state: &mut LangevinState,
        target: &T,
        walkers: &mut Walkers,
    ) -> Result<(), SbiError> {
        let (dims, h) = (walkers.dims, state.learner.step());
        let scales = state.learner.scales();
        let proposed = propose(target, walkers, &state.now, scales, h)?;
        for (chain, ratio) in proposed.log_ratios.iter().enumerate() {
            let row = &proposed.rows[chain * dims..][..dims];
            if walkers.accept(chain, row, proposed.at.log_densities[chain], *ratio) {
                state.now.take(chain, dims, &proposed.at);
            }
        }
        let acceptance = mean_acceptance(&proposed.log_ratios);
        if state.learner.learn(acceptance, &walkers.rows) {
            state.find_step(target, walkers)?;
        }
        Ok(())
    }
}
