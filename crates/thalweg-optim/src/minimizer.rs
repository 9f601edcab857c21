use burn::module::Module;
use thalweg_kernels::Norm;

use crate::finite::{gradient_error, vectors};
use crate::{Evaluation, EvaluationError, Loss, Parameters, StateError, Stateful};

/// The objective of one step: the loss of one batch, as a function of the model.
///
/// Each call sees the same batch and the same random numbers, so that it is one function.
pub type Objective<'a, M> = dyn FnMut(&M) -> Result<Evaluation, EvaluationError> + 'a;

/// `L`, `∇L` and `‖∇L‖` at a module. A gradient that is not finite is an error.
pub(crate) fn evaluate<M: Module>(
    model: &M,
    objective: &mut Objective<'_, M>,
) -> Result<(Loss, Parameters, f64), EvaluationError> {
    let Evaluation { mut loss, grads } = objective(model)?;
    let norm = Norm::of(&vectors(model, &grads)).read();
    match norm.is_finite() {
        true => Ok((loss, Parameters::gradient(model, grads), norm)),
        false => Err(gradient_error(model, &grads, false, norm, &mut loss)),
    }
}

/// A method that moves the parameters: one step of size `h` down an objective.
///
/// It may evaluate the objective several times within a step (Runge–Kutta stages, line searches,
/// proximal iterations), always on the batch of that step.
///
/// A resumed run restores its [state](Stateful), which is empty for a method without memory.
pub trait Minimizer<M: Module>: Stateful {
    /// One step. Returns the moved model, and the loss at the start of the step.
    ///
    /// Where an evaluation fails, the model and the minimizer's state are unchanged.
    fn step(
        &mut self,
        h: f64,
        model: M,
        objective: &mut Objective<'_, M>,
    ) -> (M, Result<Loss, EvaluationError>);

    /// Whether it squares the numbers of a gradient, as a mean of squares does. A gradient whose squares
    /// overflow is then an error. By default it does not.
    fn squares(&self) -> bool {
        false
    }

    /// Checks that the memory belongs to this model: the number of parameters, their sizes and types. By
    /// default any memory does.
    ///
    /// # Errors
    ///
    /// [`StateError`], which names both.
    #[allow(unused_variables)] // the default ignores it
    fn check_memory(&self, model: &M) -> Result<(), StateError> {
        Ok(())
    }
}

impl<M: Module, Z: Minimizer<M> + ?Sized> Minimizer<M> for &mut Z {
    fn step(
        &mut self,
        h: f64,
        model: M,
        objective: &mut Objective<'_, M>,
    ) -> (M, Result<Loss, EvaluationError>) {
        (**self).step(h, model, objective)
    }

    fn squares(&self) -> bool {
        (**self).squares()
    }

    fn check_memory(&self, model: &M) -> Result<(), StateError> {
        (**self).check_memory(model)
    }
}
