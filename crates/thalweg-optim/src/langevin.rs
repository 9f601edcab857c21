//! Langevin dynamics: descent with noise. It samples.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use thalweg_ode::{PhasePoint, Start, Thermostat, euler_maruyama};

use crate::minimizer::evaluate;
use crate::state::stateful;
use crate::{EvaluationError, Loss, Minimizer, Objective, Parameters, StateError};

/// Standard normal numbers in the shape of `theta`, determined by a seed and the number of a step:
/// a resumed run draws the same numbers.
pub(crate) fn normal(seed: u64, step: u64, theta: &Parameters) -> Parameters {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(step);
    let draw = |tensor: &Tensor<1>| {
        let count = tensor.dims()[0];
        let values: Vec<f64> = (0..count).map(|_| rng.sample(StandardNormal)).collect();
        let data = TensorData::new(values, [count]);
        Tensor::from_data(data, (&tensor.device(), tensor.dtype()))
    };
    Parameters::from_tensors(theta.tensors().iter().map(draw).collect())
}

/// # Panics
///
/// Unless the value is a finite number from 0 on.
fn check(value: f64, what: &str) {
    assert!(
        value >= 0.0 && value.is_finite(),
        "a {what} is a finite number from 0 on, got {value}"
    );
}

/// `dθ = −∇L dt + √(2T) dW` by [`euler_maruyama`]: `θ' = θ − h∇L + √(2Th) ξ`.
///
/// Its stationary density is `∝ exp(−L/T)`, up to an error of the order of the step. With the negative
/// log of a posterior density for `L` and `T = 1` it samples the posterior. On batches, `L` is the
/// estimate for all the data: the mean over the batch times the number of data, and the prior.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::{Evaluation, Langevin, Minimizer};
///
/// // L = x²/2 and T = 1: samples of the standard normal density.
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val().square() * 0.5, model);
/// let (mut model, mut method) = (model, Langevin::new(1.0, 0));
/// let mut squares = 0.0;
/// for _ in 0..500 {
///     (model, _) = method.step(0.2, model, &mut objective);
///     squares += model.x.val().into_scalar::<f32>().powi(2) / 500.0;
/// }
/// assert!((squares - 1.1).abs() < 0.4); // 1/(1 − h/2)
/// ```
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

    fn owner(&self) -> String {
        format!("Langevin with seed {}", self.seed)
    }
}

impl<M: Module> Minimizer<M> for Langevin {
    fn step(
        &mut self,
        h: f64,
        model: M,
        objective: &mut Objective<'_, M>,
    ) -> (M, Result<Loss, EvaluationError>) {
        let theta = Parameters::of(&model);
        let noise = normal(self.seed, self.steps, &theta);
        let mut found = None;
        let mut downhill = |_: f64, _: &Parameters| {
            let (loss, gradient, _) = evaluate(&model, objective)?;
            found = Some(loss);
            Ok(gradient * -1.0)
        };
        let start = Start {
            t: 0.0,
            y: &theta,
            slope: None,
        };
        let width = (2.0 * self.temperature).sqrt();
        let moved = euler_maruyama(&mut downhill, start, h, width, noise);
        match moved {
            Ok(theta) => {
                self.steps += 1;
                let loss = found.expect("the step evaluates the gradient once");
                (theta.write(model), Ok(loss))
            }
            Err(error) => (model, Err(error)),
        }
    }
}

stateful!([] Langevin, "steps": steps);

/// `dθ = v dt`, `dv = −∇L dt − λv dt + √(2λT) dW` by the BAOAB splitting: half a kick, half a drift,
/// the exact friction and noise, half a drift, half a kick.
///
/// One gradient a step: the last half kick of a step and the first of the next are one kick, so the
/// stored velocity lies between them. The positions have the stationary density to the second order
/// in `h`; those of [`Langevin`] have it to the first. At `T = 0` it is a momentum method.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::{Evaluation, Minimizer, Underdamped};
///
/// // At the temperature 0 it rolls down a bowl and comes to rest.
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val().square() * 0.5, model);
/// let (mut model, mut method) = (model, Underdamped::new(1.0, 0.0, 0));
/// for _ in 0..100 {
///     (model, _) = method.step(0.3, model, &mut objective);
/// }
/// assert!(model.x.val().abs().into_scalar::<f32>() < 1e-3);
/// ```
///
/// # References
///
/// Leimkuhler, Matthews: *Rational construction of stochastic numerical methods for molecular
/// sampling*, 2013.
#[derive(Debug, Clone)]
pub struct Underdamped {
    thermostat: Thermostat,
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
            thermostat: Thermostat::new(friction, temperature).expect("checked settings"),
            seed,
            steps: 0,
            velocity: None,
        }
    }

    fn owner(&self) -> String {
        let (friction, temperature) = (self.thermostat.friction(), self.thermostat.temperature());
        let seed = self.seed;
        format!("Underdamped with friction {friction}, temperature {temperature} and seed {seed}")
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
        let position = Parameters::of(&model);
        let noise = normal(self.seed, self.steps, &position);
        let (velocity, kick) = match self.velocity.take() {
            Some(velocity) => (velocity, -h),
            None => (position.clone().map(|theta| theta.zeros_like()), -0.5 * h),
        };
        let kicked = PhasePoint { position, velocity }.kicked(&gradient, kick);
        let moved = self.thermostat.drift(kicked, h, &noise);
        self.steps += 1;
        self.velocity = Some(moved.velocity);
        (moved.position.write(model), Ok(loss))
    }

    fn check_memory(&self, model: &M) -> Result<(), StateError> {
        match &self.velocity {
            Some(velocity) => velocity.check_like("velocity", &Parameters::of(model)),
            None => Ok(()),
        }
    }
}

stateful!([] Underdamped, "steps": steps, "velocity": velocity);
