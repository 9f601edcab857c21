//! Fields under methods that estimate their error.

use burn::module::Module;
use thalweg_ode::{Adaptive, Controller, Decision, Measure, Method, OdeError, Start};

use crate::follow::follow;
use crate::parameters::PerNumber;
use crate::state::stateful;
use crate::{EvaluationError, Field, Loss, Minimizer, Objective, Parameters, StateError};

/// One step along a field, of the size that a tolerance allows.
///
/// Where the error estimate is too large, a shorter step is tried on the same batch. The error of an
/// accepted step gives the size of the next. The trainer's step is the largest size. The tolerance
/// is for one number of θ, as a mean over all of them.
///
/// ```
/// use thalweg_ode::{Adaptive, Tolerance, tableau};
/// use thalweg_optim::{AdaptiveDescent, field::Gradient};
///
/// let controller = Adaptive::pi(Tolerance::new(1e-3, 1e-2)?);
/// let method = AdaptiveDescent::new(Gradient, &tableau::BOGACKI_SHAMPINE, controller, 1e-3)?;
/// // A method without an error estimate is refused.
/// assert!(AdaptiveDescent::new(Gradient, &tableau::RK4, controller, 1e-3).is_err());
/// # let _ = method;
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct AdaptiveDescent<F: Field, I> {
    field: F,
    method: I,
    error_order: u32,
    controller: Adaptive,
    next_step: f64,
    memory: F::Memory,
}

impl<F: Field, I: Method> AdaptiveDescent<F, I> {
    /// A field under a method and a controller, with the size of the first step.
    ///
    /// # Errors
    ///
    /// [`OdeError::NoErrorEstimate`] for a method without one, [`OdeError::Setting`] unless the
    /// first step is a positive, finite number.
    pub fn new(
        field: F,
        method: I,
        controller: Adaptive,
        first_step: f64,
    ) -> Result<Self, OdeError> {
        let name = method.name();
        let missing = OdeError::NoErrorEstimate { method: name };
        let error_order = method.error_order().ok_or(missing)?;
        if !(first_step > 0.0 && first_step.is_finite()) {
            return Err(OdeError::Setting {
                name: "first step",
                value: first_step,
                bound: "finite and above 0",
            });
        }
        Ok(Self {
            field,
            method,
            error_order,
            controller,
            next_step: first_step,
            memory: F::Memory::default(),
        })
    }

    /// The size of the next step.
    ///
    /// ```
    /// # use burn::module::{Module, Param};
    /// # use burn::tensor::{Device, Tensor};
    /// # #[derive(Module, Debug)]
    /// # struct Bowl { x: Param<Tensor<1>> }
    /// # let x = Tensor::ones([1], &Device::default().autodiff());
    /// # let model = Bowl { x: Param::from_tensor(x) };
    /// use thalweg_ode::{Adaptive, Tolerance, tableau};
    /// use thalweg_optim::{AdaptiveDescent, Evaluation, Minimizer, field::Gradient};
    ///
    /// let controller = Adaptive::pi(Tolerance::new(1e-3, 1e-2)?);
    /// let mut method = AdaptiveDescent::new(Gradient, &tableau::BOGACKI_SHAMPINE, controller, 1e-3)?;
    /// let mut objective = |model: &Bowl| Evaluation::new(model.x.val().square() * 0.5, model);
    /// method.step(1.0, model, &mut objective).1.unwrap();
    /// // A step of 0.001 has hardly an error: the next one is longer.
    /// assert!(method.next_step() > 1e-3);
    /// # Ok::<(), thalweg_ode::OdeError>(())
    /// ```
    pub fn next_step(&self) -> f64 {
        self.next_step
    }
}

impl<M: Module, F: Field, I: Method> Minimizer<M> for AdaptiveDescent<F, I> {
    fn step(
        &mut self,
        h: f64,
        model: M,
        objective: &mut Objective<'_, M>,
    ) -> (M, Result<Loss, EvaluationError>) {
        let (method, error_order) = (&self.method, self.error_order);
        let (mut controller, mut size) = (
            self.controller,
            self.next_step.min(h).min(method.largest_step()),
        );
        let mut next_step = size;
        let (model, loss) = follow(
            &self.field,
            &mut self.memory,
            model,
            objective,
            |beginning, mut directions| {
                let measure = PerNumber::of(beginning.theta);
                loop {
                    let start = Start {
                        t: 0.0,
                        y: beginning.theta,
                        slope: Some(beginning.direction),
                    };
                    let step = method.step(&mut directions, start, -size)?;
                    let error = step.error.map(|error| {
                        let tolerance = controller.tolerance().expect("an adaptive controller");
                        measure.scaled_error(&error, beginning.theta, &step.y, tolerance)
                    });
                    let failed = |error: OdeError| EvaluationError::Step(error.into());
                    match controller
                        .decide(size, error, error_order)
                        .map_err(failed)?
                    {
                        Decision::Accept { next } => {
                            next_step = next;
                            return Ok(step.y);
                        }
                        Decision::Reject { retry } if retry < size => size = retry,
                        Decision::Reject { .. } | Decision::Stuck => {
                            return Err(failed(OdeError::StepTooSmall {
                                t: 0.0,
                                step: size,
                                error: error.unwrap_or(f64::NAN),
                            }));
                        }
                    }
                }
            },
        );
        if loss.is_ok() {
            (self.controller, self.next_step) = (controller, next_step);
        }
        (model, loss)
    }

    fn squares(&self) -> bool {
        self.field.squares()
    }

    fn check_memory(&self, model: &M) -> Result<(), StateError> {
        self.field
            .check_memory(&self.memory, &Parameters::of(model))
    }
}

impl<F: Field, I: Method> AdaptiveDescent<F, I> {
    fn owner(&self) -> String {
        let (field, method) = (self.field.name(), self.method.name());
        format!("AdaptiveDescent along {field} by {method}")
    }
}

stateful!([F: Field, I: Method] AdaptiveDescent<F, I>,
    "memory": memory, "next_step": next_step, "errors": controller.memory
);
