//! Fields under implicit methods.

use burn::module::Module;
use thalweg_ode::{Implicit, Solver, Start};

use crate::follow::follow;
use crate::parameters::PerNumber;
use crate::state::stateful;
use crate::{EvaluationError, Field, Loss, Minimizer, Objective, Parameters, StateError};

/// `θ' = θ − h d(θ')`: implicit Euler along a field, stable for every `h`. Along the gradient it is
/// the proximal step, `θ' = argmin L(θ') + ‖θ' − θ‖²/2h`.
///
/// The equation is solved on the batch of the step, by gradients alone. Where the solver does not
/// reach its tolerance the step is halved, at most [`halvings`](Self::halvings) times. Then the run
/// ends with unchanged parameters, and the message has the residual.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_ode::Solver;
/// use thalweg_optim::{Evaluation, Minimizer, Proximal, field::Gradient};
///
/// // A model of one number x = 1, with the loss 50 x²: gradient descent is unstable for h > 0.02.
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val().square() * 50.0, model);
/// let mut method = Proximal::new(Gradient, Solver::newton_krylov(1e-4, 20, 5)?).halvings(3);
/// let (model, _) = method.step(1.0, model, &mut objective);
/// assert!((model.x.val().into_scalar::<f32>() - 1.0 / 101.0).abs() < 1e-3);
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
///
/// # References
///
/// Rockafellar: *Monotone operators and the proximal point algorithm*, 1976.
#[derive(Debug, Clone)]
pub struct Proximal<F: Field> {
    field: F,
    equation: Implicit,
    solver: Solver,
    halvings: usize,
    memory: F::Memory,
}

impl<F: Field> Proximal<F> {
    /// Implicit Euler, with the solver of its equation.
    pub fn new(field: F, solver: Solver) -> Self {
        Self {
            field,
            equation: Implicit::Euler,
            solver,
            halvings: 0,
            memory: F::Memory::default(),
        }
    }

    /// The trapezoid in place of Euler's rule: `θ' = θ − h (d(θ) + d(θ'))/2`.
    ///
    /// ```
    /// # use burn::module::{Module, Param};
    /// # use burn::tensor::{Device, Tensor};
    /// # #[derive(Module, Debug)]
    /// # struct Bowl { x: Param<Tensor<1>> }
    /// # let x = Tensor::ones([1], &Device::default().autodiff());
    /// # let model = Bowl { x: Param::from_tensor(x) };
    /// use thalweg_ode::Solver;
    /// use thalweg_optim::{Evaluation, Minimizer, Proximal, field::Gradient};
    ///
    /// // A model of one number x = 1, with the loss x²/2: x' = (1 − h/2)/(1 + h/2).
    /// let mut objective = |model: &Bowl| Evaluation::new(model.x.val().square() * 0.5, model);
    /// let mut method = Proximal::new(Gradient, Solver::anderson(1e-6, 20, 5)?).trapezoid();
    /// let (model, _) = method.step(1.0, model, &mut objective);
    /// assert!((model.x.val().into_scalar::<f32>() - 1.0 / 3.0).abs() < 1e-4);
    /// # Ok::<(), thalweg_ode::OdeError>(())
    /// ```
    pub fn trapezoid(self) -> Self {
        Self {
            equation: Implicit::Trapezoid,
            ..self
        }
    }

    /// The largest number of halvings of a step where the solver does not converge; 0 by default.
    pub fn halvings(self, halvings: usize) -> Self {
        Self { halvings, ..self }
    }
}

impl<M: Module, F: Field> Minimizer<M> for Proximal<F> {
    fn step(
        &mut self,
        h: f64,
        model: M,
        objective: &mut Objective<'_, M>,
    ) -> (M, Result<Loss, EvaluationError>) {
        let Self {
            field,
            equation,
            solver,
            halvings,
            memory,
        } = self;
        follow(
            field,
            memory,
            model,
            objective,
            |beginning, mut directions| {
                let measure = PerNumber::of(beginning.theta);
                let mut attempt = 0;
                loop {
                    let start = Start {
                        t: 0.0,
                        y: beginning.theta,
                        slope: Some(beginning.direction),
                    };
                    let size = h * 0.5f64.powi(attempt as i32);
                    let outcome = equation.step(solver, &mut directions, start, -size, &measure)?;
                    match outcome.converged(solver) {
                        Ok(root) => return Ok(root.y),
                        Err(error) if attempt == *halvings => {
                            return Err(EvaluationError::Step(error.into()));
                        }
                        Err(_) => attempt += 1,
                    }
                }
            },
        )
    }

    fn squares(&self) -> bool {
        self.field.squares()
    }

    fn check_memory(&self, model: &M) -> Result<(), StateError> {
        self.field
            .check_memory(&self.memory, &Parameters::of(model))
    }
}

impl<F: Field> Proximal<F> {
    fn owner(&self) -> String {
        format!(
            "Proximal along {} by {:?}",
            self.field.name(),
            self.equation
        )
    }
}

stateful!([F: Field] Proximal<F>, "memory": memory);
