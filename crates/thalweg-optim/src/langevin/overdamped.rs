//! Noise on the position.

use crate::{EvaluationError, Loss, Minimizer, Objective, Remember, State, StateError, Stateful};
use burn::module::Module;
use burn::tensor::Device;

use super::{check, normal};
use crate::Parameters;
use crate::evaluate::evaluate;

/// `dθ = −∇L dt + √(2T) dW` by Euler and Maruyama: `θ' = θ − h∇L + √(2Th) ξ`.
///
/// Its stationary density is `∝ exp(−L/T)`, up to the step: with `L` the negative log of a
/// posterior density and `T = 1` it samples the posterior. On batches, `L` is the estimate for all
/// the data: the mean over the batch times their number, and the prior.
///
/// # References
///
/// Welling, Teh: *Bayesian learning via stochastic gradient Langevin dynamics*, 2011, eq. 4. Su
/// Jianlin: *Optimization from a dynamical viewpoint (1)*, kexue.fm/archives/5655, 2018.
#[derive(Debug, Clone)]
pub struct Langevin {
    temperature: f64,
    seed: u64,
    steps: u64,
}

impl Langevin {
    /// At a temperature, with the noise of a seed.
    ///
    /// # Panics
    ///
    /// Unless the temperature is a finite number from 0 on.
    pub fn new(temperature: f64, seed: u64) -> Self {
        check(temperature, "temperature");
        Self {
            temperature,
            seed,
            steps: 0,
        }
    }
}

impl<M: Module> Minimizer<M> for Langevin {
    fn step(
        &mut self,
        h: f64,
        model: M,
        objective: &mut Objective<'_, M>,
    ) -> (M, Result<Loss, EvaluationError>) {
        let (loss, gradient, _) = match evaluate(&model, objective) {
            Ok(evaluated) => evaluated,
            Err(error) => return (model, Err(error)),
        };
        let theta = Parameters::of(&model);
        let noise = normal(self.seed, self.steps, &theta);
        self.steps += 1;
        let width = (2.0 * self.temperature * h).sqrt();
        (
            (theta + gradient * -h + noise * width).write(model),
            Ok(loss),
        )
    }
}

impl Langevin {
    fn owner(&self) -> String {
        format!("Langevin with seed {}", self.seed)
    }
}

impl Stateful for Langevin {
    fn state(&self) -> State {
        let mut state = State::of(&self.owner());
        self.steps.save("steps", &mut state);
        state
    }

    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
        state.check_owner(&self.owner())?;
        self.steps = Remember::restore("steps", state, device)?;
        Ok(())
    }
}
