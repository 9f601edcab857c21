//! Moves along gradients, whose step is learned.

use thalweg_ode::Vector;

use super::adaptation::{StepLearner, mean_acceptance};
use super::gradient::Gradients;
use super::{LogDensityGradient, Walkers};
use crate::SbiError;

/// Proposed places of all chains, and the logarithms of the ratios that accept them.
pub(super) struct Proposal {
    pub(super) rows: Vector,
    pub(super) at: Gradients,
    pub(super) log_ratios: Vec<f64>,
}

/// What [`Hmc`](super::Hmc) and [`Langevin`](super::Langevin) keep from step to step: the gradients at the chains' places, and
/// what they learn. See [`Kernel`](super::Kernel) for an example.
#[derive(Debug)]
pub struct Guided {
    learner: StepLearner,
    now: Gradients,
}

impl Guided {
    /// At the places of the chains, with a first step by `attempt`, which proposes places for gradients, scales and a step.
    pub(super) fn begin<T: LogDensityGradient + ?Sized>(
        target: &T,
        walkers: &mut Walkers,
        learner: StepLearner,
        attempt: impl FnMut(&mut Walkers, &Gradients, &[f64], f64) -> Result<Proposal, SbiError>,
    ) -> Result<Self, SbiError> {
        let rows = walkers.rows.clone();
        let now = Gradients::at(target, walkers, &rows)?;
        let mut guided = Self { learner, now };
        guided.find_step(walkers, attempt)?;
        Ok(guided)
    }

    fn find_step(
        &mut self,
        walkers: &mut Walkers,
        mut attempt: impl FnMut(&mut Walkers, &Gradients, &[f64], f64) -> Result<Proposal, SbiError>,
    ) -> Result<(), SbiError> {
        let Self { learner, now } = self;
        learner.find(|scales, step| {
            let proposal = attempt(walkers, now, scales, step)?;
            Ok(mean_acceptance(&proposal.log_ratios))
        })
    }

    /// Proposes places, accepts or rejects them, and learns. Where the scales are new, a step for them is found by `attempt`.
    pub(super) fn advance(
        &mut self,
        walkers: &mut Walkers,
        mut propose: impl FnMut(&mut Walkers, &Gradients, &[f64], f64) -> Result<Proposal, SbiError>,
        attempt: impl FnMut(&mut Walkers, &Gradients, &[f64], f64) -> Result<Proposal, SbiError>,
    ) -> Result<(), SbiError> {
        let (dims, step) = (walkers.dims, self.learner.step());
        let proposal = propose(walkers, &self.now, self.learner.scales(), step)?;
        let Proposal {
            rows,
            at,
            log_ratios,
        } = &proposal;
        for (chain, ratio) in log_ratios.iter().enumerate() {
            let row = &rows[chain * dims..][..dims];
            if walkers.accept(chain, row, at.log_densities[chain], *ratio) {
                self.now.take(chain, dims, at);
            }
        }
        if self
            .learner
            .learn(mean_acceptance(log_ratios), &walkers.rows)
        {
            self.find_step(walkers, attempt)?;
        }
        Ok(())
    }
}

/// Checks an acceptance, and a step where one is given.
pub(super) fn check(acceptance: f64, step: Option<f64>) -> Result<(), SbiError> {
    let share = |x: f64| x > 0.0 && x < 1.0;
    SbiError::setting("the acceptance", acceptance, "between 0 and 1", share)?;
    let positive = |x: f64| x > 0.0 && x.is_finite();
    let step = step.unwrap_or(1.0);
    SbiError::setting("the step", step, "a positive number", positive)
}
