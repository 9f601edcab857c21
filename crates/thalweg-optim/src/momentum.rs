//! Momentum: a body that rolls, with friction.

use burn::module::Module;
use thalweg_ode::{PhasePoint, heavy_ball, leapfrog};

use crate::minimizer::evaluate;
use crate::state::stateful;
use crate::{
    EvaluationError, Loss, Minimizer, Objective, Operand, Parameters, Rule, StateError, Update,
};

/// The decay β of the velocity as a function of the step α.
///
/// ```
/// use thalweg_optim::Friction;
///
/// assert_eq!(Friction::Decay(0.9).decay(0.01), 0.9);
/// let scaled = Friction::Scaled { decay: 0.9, step: 0.04 };
/// // A step of a quarter: half the distance from 1.
/// assert!((scaled.decay(0.01) - 0.95).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Friction {
    /// β is constant, as in PyTorch and most programs.
    Decay(f64),
    /// The friction λ of the equation is constant. β follows from λ and α: see
    /// [`thalweg_ode::Leapfrog`] for the two forms of one step.
    Physical(f64),
    /// `β = 1 − (1 − β₀)√(α/α₀)`: where the step falls by a factor `r`, the distance of β from 1
    /// falls by `√r`. So the friction in a unit of time stays about the same.
    Scaled {
        /// β₀.
        decay: f64,
        /// α₀.
        step: f64,
    },
}

impl Friction {
    /// β for a step α.
    pub fn decay(self, alpha: f64) -> f64 {
        match self {
            Self::Decay(beta) => beta,
            Self::Physical(friction) => {
                // α = γ²/(1 + λγ/2), solved for the step in time γ.
                let linear = 0.5 * alpha * friction;
                let time = 0.5 * (linear + (linear * linear + 4.0 * alpha).sqrt());
                let half = 0.5 * friction * time;
                (1.0 - half) / (1.0 + half)
            }
            Self::Scaled { decay, step } => 1.0 - (1.0 - decay) * (alpha / step).sqrt(),
        }
    }
}

/// `v' = βv − α∇L(θ + cv)`, `θ' = θ + v'` with the step α: [`leapfrog`] on `θ̈ + λθ̇ = −∇L`.
///
/// | constructor | `c` | |
/// |---|---|---|
/// | [`heavy_ball`](Self::heavy_ball) | 0 | momentum |
/// | [`nesterov`](Self::nesterov) | β | Nesterov's |
/// | [`midpoint`](Self::midpoint) | β/2 | Su Jianlin's reading of the implicit midpoint rule |
///
/// One gradient a step. For `c > 0` a step reports the loss at `θ + cv`. The position is θ; PyTorch's
/// Nesterov stores `θ + βv` instead, see [`ahead`](Self::ahead). [`Inertia`](crate::field::Inertia)
/// is the same recursion as an optimizer of Burn.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::{Evaluation, Friction, Minimizer, Momentum};
///
/// // Under the gradient 1: steps of 0.1, then 0.1 + 0.9 · 0.1.
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val(), model);
/// let mut of_torch = Momentum::heavy_ball(Friction::Decay(0.9));
/// let (model, _) = of_torch.step(0.1, model, &mut objective);
/// let (model, _) = of_torch.step(0.1, model, &mut objective);
/// assert!((model.x.val().into_scalar::<f32>() - 0.71).abs() < 1e-6);
///
/// // Here a longer step brakes more, as friction does.
/// let nesterov = Momentum::nesterov(Friction::Physical(1.0));
/// # assert!(nesterov.velocity().is_none());
/// ```
///
/// # References
///
/// Polyak: *Some methods of speeding up the convergence of iteration methods*, 1964. Nesterov: *A
/// method of solving a convex programming problem with convergence rate O(1/k²)*, 1983. Su Jianlin:
/// *Optimization from a dynamical viewpoint (1)*, kexue.fm/archives/5655, 2018, eq. 18 and 20.
#[derive(Debug, Clone)]
pub struct Momentum {
    friction: Friction,
    /// `c / β`.
    fraction: f64,
    velocity: Option<Parameters>,
}

impl Momentum {
    /// The gradient at θ.
    pub fn heavy_ball(friction: Friction) -> Self {
        Self::with(friction, 0.0)
    }

    /// The gradient at `θ + βv`.
    pub fn nesterov(friction: Friction) -> Self {
        Self::with(friction, 1.0)
    }

    /// The gradient at `θ + βv/2`.
    ///
    /// ```
    /// # use burn::module::{Module, Param};
    /// # use burn::tensor::{Device, Tensor};
    /// # #[derive(Module, Debug)]
    /// # struct Bowl { x: Param<Tensor<1>> }
    /// # let x = Tensor::ones([1], &Device::default().autodiff());
    /// # let model = Bowl { x: Param::from_tensor(x) };
    /// use thalweg_optim::{Evaluation, Friction, Minimizer, Momentum};
    ///
    /// // The model itself shows where the gradients are taken.
    /// let mut seen = vec![];
    /// let mut objective = |model: &Bowl| {
    ///     seen.push(model.x.val().into_scalar::<f32>());
    ///     Evaluation::new(model.x.val(), model)
    /// };
    /// let mut method = Momentum::midpoint(Friction::Decay(0.5));
    /// let (model, _) = method.step(0.1, model, &mut objective);
    /// method.step(0.1, model, &mut objective);
    /// // At x = 1, then at x = 0.9 with v = −0.1, and half of the way 0.5 v ahead.
    /// assert!((seen[1] - 0.875).abs() < 1e-6);
    /// ```
    pub fn midpoint(friction: Friction) -> Self {
        Self::with(friction, 0.5)
    }

    fn with(friction: Friction, fraction: f64) -> Self {
        Self {
            friction,
            fraction,
            velocity: None,
        }
    }

    /// v, after the first step.
    pub fn velocity(&self) -> Option<&Parameters> {
        self.velocity.as_ref()
    }

    /// The module at `θ + βv`, where Nesterov's method takes the next gradient for a step α.
    pub fn ahead<M: Module>(&self, model: M, alpha: f64) -> M {
        match &self.velocity {
            None => model,
            Some(v) => {
                let theta = Parameters::of(&model);
                (theta + v.clone() * self.friction.decay(alpha)).write(model)
            }
        }
    }

    fn owner(&self) -> String {
        format!("Momentum with {:?}", self.friction)
    }
}

impl<M: Module> Minimizer<M> for Momentum {
    fn step(
        &mut self,
        h: f64,
        model: M,
        objective: &mut Objective<'_, M>,
    ) -> (M, Result<Loss, EvaluationError>) {
        let beta = self.friction.decay(h);
        let position = Parameters::of(&model);
        let (velocity, ahead) = match &self.velocity {
            Some(velocity) => (velocity.clone(), beta * self.fraction),
            None => (position.clone().map(|theta| theta.zeros_like()), 0.0),
        };
        let mut found = None;
        let mut gradient = |at: &Parameters| {
            let (loss, gradient, _) = match ahead == 0.0 {
                true => evaluate(&model, objective)?,
                false => evaluate(&at.clone().write(model.clone()), objective)?,
            };
            found = Some(loss);
            Ok(gradient)
        };
        // With the gradient for the acceleration, the rate has the sign.
        let phase = PhasePoint { position, velocity };
        let moved = leapfrog(&mut gradient, &phase, beta, -h, ahead);
        match moved {
            Ok(PhasePoint { position, velocity }) => {
                self.velocity = Some(velocity);
                let loss = found.expect("the leapfrog evaluates the gradient once");
                (position.write(model), Ok(loss))
            }
            Err(error) => (model, Err(error)),
        }
    }

    fn check_memory(&self, model: &M) -> Result<(), StateError> {
        match &self.velocity {
            Some(velocity) => velocity.check_like("velocity", &Parameters::of(model)),
            None => Ok(()),
        }
    }
}

stateful!([] Momentum, "velocity": velocity);

/// [`Momentum`] as a rule: `b ← βb + ∇L`, `d = b`, or `d = ∇L + βb` ahead, as PyTorch writes momentum
/// and Nesterov's method, with `b = −v/h`. As an optimizer of Burn see [`Euler`](crate::Euler).
///
/// For a constant step these are [`Momentum`]'s numbers (for Nesterov those at the point ahead).
/// Where the step changes, `−h b` changes with it, unlike the velocity of a rolling body: then use
/// [`Momentum`].
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::{Descent, Evaluation, Minimizer, field::Inertia};
///
/// // Under the gradient 1: b = 1, then 1.5.
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val(), model);
/// let mut method = Descent::euler(Inertia { decay: 0.5, ahead: false });
/// let (model, _) = method.step(0.1, model, &mut objective);
/// let (model, _) = method.step(0.1, model, &mut objective);
/// assert!((model.x.val().into_scalar::<f32>() - 0.75).abs() < 1e-6);
/// ```
///
/// # References
///
/// Sutskever, Martens, Dahl, Hinton: *On the importance of initialization and momentum in deep
/// learning*, 2013.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inertia {
    /// β.
    pub decay: f64,
    /// Whether the gradient belongs to the point ahead.
    pub ahead: bool,
}

impl Rule for Inertia {
    const AVERAGES: usize = 1;

    fn update<N: Operand>(&self, _: u64) -> impl Update<N> {
        let (decay, ahead) = (N::constant(self.decay), self.ahead);
        move |_: N, gradient: N, [buffer, _]: [&mut N; 2]| {
            *buffer = heavy_ball(buffer.clone(), decay, gradient.clone());
            match ahead {
                true => heavy_ball(buffer.clone(), decay, gradient),
                false => buffer.clone(),
            }
        }
    }

    fn name(&self) -> String {
        format!("Inertia with β = {}", self.decay)
    }
}
