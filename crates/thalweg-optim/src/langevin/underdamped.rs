//! Noise on the velocity.

use crate::{
    EvaluationError, Kept, Loss, Minimizer, Objective, Remember, State, StateError, Stateful,
};
use burn::module::Module;
use burn::tensor::Device;

use super::{check, normal};
use crate::Parameters;
use crate::evaluate::evaluate;

/// `dθ = v dt`, `dv = −∇L dt − λv dt + √(2λT) dW` by BAOAB: half a kick, half a drift, the exact
/// friction and noise, half a drift, half a kick.
///
/// One gradient a step: the last half kick of a step and the first of the next are taken together,
/// so the velocity it keeps is that between them. Its positions are those of the stationary density
/// to the second order in `h`, where those of [`Langevin`](super::Langevin) are to the first. At `T = 0` it is a
/// momentum method.
///
/// # References
///
/// Leimkuhler, Matthews: *Rational construction of stochastic numerical methods for molecular
/// sampling*, 2013.
#[derive(Debug, Clone)]
pub struct Underdamped {
    friction: f64,
    temperature: f64,
    seed: u64,
    steps: u64,
    velocity: Option<Parameters>,
}

impl Underdamped {
    /// With a friction λ and a temperature, and the noise of a seed.
    ///
    /// # Panics
    ///
    /// Unless friction and temperature are finite numbers from 0 on.
    pub fn new(friction: f64, temperature: f64, seed: u64) -> Self {
        check(friction, "friction");
        check(temperature, "temperature");
        Self {
            friction,
            temperature,
            seed,
            steps: 0,
            velocity: None,
        }
    }
}

impl<M: Module> Minimizer<M> for Underdamped {
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
        let kicked = match self.velocity.take() {
            Some(velocity) => velocity + gradient * -h,
            None => gradient * (-0.5 * h),
        };
        let half_way = theta + kicked.clone() * (0.5 * h);
        let kept = (-self.friction * h).exp();
        let width = (self.temperature * (1.0 - kept * kept)).sqrt();
        let noise = normal(self.seed, self.steps, &half_way);
        self.steps += 1;
        let velocity = kicked * kept + noise * width;
        self.velocity = Some(velocity.clone());
        ((half_way + velocity * (0.5 * h)).write(model), Ok(loss))
    }

    fn check_memory(&self, model: &M) -> Result<(), StateError> {
        match &self.velocity {
            Some(velocity) => velocity.check_like("velocity", &Parameters::of(model)),
            None => Ok(()),
        }
    }
}

impl Underdamped {
    fn owner(&self) -> String {
        let (friction, temperature, seed) = (self.friction, self.temperature, self.seed);
        format!("Underdamped with friction {friction}, temperature {temperature} and seed {seed}")
    }
}

impl Stateful for Underdamped {
    fn state(&self) -> State {
        let mut state = State::of(&self.owner());
        self.steps.save("steps", &mut state);
        self.velocity.save("velocity", &mut state);
        state
    }

    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
        state.check_owner(&self.owner())?;
        let steps = Remember::restore("steps", state, device)?;
        self.velocity = Remember::restore("velocity", state, device)?;
        self.steps = steps;
        Ok(())
    }

    fn keep(&self) -> Kept {
        Kept::new((self.steps, self.velocity.clone()))
    }

    fn take_back(&mut self, kept: Kept, _: &Device) -> Result<(), StateError> {
        (self.steps, self.velocity) = kept.into_inner()?;
        Ok(())
    }
}
