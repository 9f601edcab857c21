//! Fields under explicit methods.

use burn::module::Module;
use thalweg_ode::{Method, Start, Tableau, tableau};

use crate::follow::follow;
use crate::state::stateful;
use crate::{EvaluationError, Field, Loss, Minimizer, Objective, Parameters, StateError};

/// One step of an explicit method along a field, at each call.
///
/// A method of `s` stages evaluates the objective `s` times, on the batch of the step: within a step
/// the field belongs to one batch. The field's memory moves once. The method's
/// [`largest_step`](Method::largest_step) bounds the step.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_ode::tableau;
/// use thalweg_optim::{Descent, Evaluation, Minimizer, field::Gradient};
///
/// // A model of one number x = 1, with the loss x²/2: its gradient flow is x = e⁻ᵗ.
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val().square() * 0.5, model);
/// let (by_euler, _) = Descent::euler(Gradient).step(0.5, model.clone(), &mut objective);
/// assert_eq!(by_euler.x.val().into_scalar::<f32>(), 0.5);
/// let mut runge_kutta = Descent::new(Gradient, &tableau::RK4);
/// let (by_runge_kutta, _) = runge_kutta.step(0.5, model, &mut objective);
/// assert!((by_runge_kutta.x.val().into_scalar::<f32>() - (-0.5_f32).exp()).abs() < 1e-3);
/// // Four gradients, and one step of the field's memory.
/// assert_eq!(runge_kutta.memory()[0].steps, 1);
/// ```
#[derive(Debug, Clone)]
pub struct Descent<F: Field, I = &'static Tableau> {
    field: F,
    method: I,
    memory: F::Memory,
}

impl<F: Field> Descent<F> {
    /// `θ' = θ + h θ̇`: with the field [`Gradient`](crate::field::Gradient), gradient descent.
    pub fn euler(field: F) -> Self {
        Self::new(field, &tableau::EULER)
    }
}

impl<F: Field, I: Method> Descent<F, I> {
    /// A field under a method.
    pub fn new(field: F, method: I) -> Self {
        Self {
            field,
            method,
            memory: F::Memory::default(),
        }
    }

    /// The field's memory.
    pub fn memory(&self) -> &F::Memory {
        &self.memory
    }
}

impl<M: Module, F: Field, I: Method> Minimizer<M> for Descent<F, I> {
    fn step(
        &mut self,
        h: f64,
        model: M,
        objective: &mut Objective<'_, M>,
    ) -> (M, Result<Loss, EvaluationError>) {
        let Self {
            field,
            method,
            memory,
        } = self;
        follow(
            field,
            memory,
            model,
            objective,
            |beginning, mut directions| {
                let start = Start {
                    t: 0.0,
                    y: beginning.theta,
                    slope: Some(beginning.direction),
                };
                Ok(method
                    .step(&mut directions, start, -h.min(method.largest_step()))?
                    .y)
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

impl<F: Field, I: Method> Descent<F, I> {
    fn owner(&self) -> String {
        format!(
            "Descent along {} by {}",
            self.field.name(),
            self.method.name()
        )
    }
}

stateful!([F: Field, I: Method] Descent<F, I>, "memory": memory);
