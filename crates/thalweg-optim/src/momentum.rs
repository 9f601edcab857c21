//! Momentum: a body that rolls, with friction.

use crate::{
    EvaluationError, Kept, Loss, Minimizer, Objective, Remember, State, StateError, Stateful,
};
use burn::module::Module;
use burn::tensor::Device;

use crate::Parameters;
use crate::evaluate::evaluate;

/// How the decay β of the velocity goes with the step α.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Friction {
    /// β stays, whatever the step is: PyTorch and most programs.
    Decay(f64),
    /// The friction λ of the equation stays, and β follows from it and from α: see
    /// [`thalweg_ode::Momentum`] for the two ways of writing one step.
    Physical(f64),
    /// `β = 1 − (1 − β₀)√(α/α₀)`: a step that falls by a factor `r` takes `√r` of the distance
    /// from 1, so that the friction a unit of time stays about the same.
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

/// `v' = βv − α∇L(θ + cv)`, `θ' = θ + v'` with the step α: leapfrog on `θ̈ + λθ̇ = −∇L`.
///
/// | constructor | `c` | |
/// |---|---|---|
/// | [`heavy_ball`](Self::heavy_ball) | 0 | momentum |
/// | [`nesterov`](Self::nesterov) | β | Nesterov's |
/// | [`midpoint`](Self::midpoint) | β/2 | Su Jianlin's reading of the implicit midpoint rule |
///
/// One gradient a step. Where it is taken ahead (`c > 0`) the loss that a step reports is the loss
/// there. The position is θ; PyTorch's Nesterov keeps `θ + βv` in its place, see
/// [`ahead`](Self::ahead).
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

    /// The module at `θ + βv`, where the next gradient of Nesterov's method is taken for a step α.
    pub fn ahead<M: Module>(&self, model: M, alpha: f64) -> M {
        match &self.velocity {
            None => model,
            Some(v) => {
                let theta = Parameters::of(&model);
                (theta + v.clone() * self.friction.decay(alpha)).write(model)
            }
        }
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
        let theta = Parameters::of(&model);
        let evaluated = match (&self.velocity, self.fraction) {
            (Some(v), fraction) if fraction != 0.0 => {
                let there = theta.clone() + v.clone() * (beta * fraction);
                evaluate(&there.write(model.clone()), objective)
            }
            _ => evaluate(&model, objective),
        };
        let (loss, gradient, _) = match evaluated {
            Ok(evaluated) => evaluated,
            Err(error) => return (model, Err(error)),
        };
        let push = gradient * -h;
        let velocity = match self.velocity.take() {
            Some(velocity) => velocity * beta + push,
            None => push,
        };
        self.velocity = Some(velocity.clone());
        ((theta + velocity).write(model), Ok(loss))
    }

    fn check_memory(&self, model: &M) -> Result<(), StateError> {
        match &self.velocity {
            Some(velocity) => velocity.check_like("velocity", &Parameters::of(model)),
            None => Ok(()),
        }
    }
}

impl Momentum {
    fn owner(&self) -> String {
        format!("Momentum with {:?}", self.friction)
    }
}

impl Stateful for Momentum {
    fn state(&self) -> State {
        let mut state = State::of(&self.owner());
        self.velocity.save("velocity", &mut state);
        state
    }

    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
        state.check_owner(&self.owner())?;
        self.velocity = Remember::restore("velocity", state, device)?;
        Ok(())
    }

    fn keep(&self) -> Kept {
        Kept::new(self.velocity.clone())
    }

    fn take_back(&mut self, kept: Kept, _: &Device) -> Result<(), StateError> {
        self.velocity = kept.into_inner()?;
        Ok(())
    }
}
