use burn::module::Module;
use thalweg_kernels::Norm;

use crate::finite::{gradient_error, vectors};
use crate::{Evaluation, EvaluationError, Loss, Parameters, StateError, Stateful};

/// The objective of one step: the loss of one batch, as a function of the model.
///
/// Each call sees the same batch and the same random numbers, so that it is one function.
pub type Objective<'a, M> = dyn FnMut(&M) -> Result<Evaluation, EvaluationError> + 'a;

/// `L`, `∇L` and `‖∇L‖` at a module, the gradient checked to be finite.
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

/// What moves the parameters: one step of size `h` down an objective.
///
/// A method may evaluate the objective several times within a step (Runge–Kutta stages, line
/// searches, proximal iterations): what it follows is the loss of that one batch.
///
/// Its [state](Stateful) is what a run that is resumed needs of it: one without memory has an empty
/// one.
pub trait Minimizer<M: Module>: Stateful {
    /// One step. Gives back the moved model and the loss at the point the step started from.
    ///
    /// When an evaluation fails, the model comes back as it was given, with the error, and the
    /// minimizer's own state has not moved either.
    fn step(
        &mut self,
        h: f64,
        model: M,
        objective: &mut Objective<'_, M>,
    ) -> (M, Result<Loss, EvaluationError>);

    /// Whether it squares the numbers of a gradient, as a mean of squares does: then a step with a
    /// gradient whose squares overflow is an error. By default it does not.
    fn squares(&self) -> bool {
        false
    }

    /// That what it remembers belongs to this model: as many parameters, of these sizes and types. By
    /// default everything does.
    ///
    /// # Errors
    ///
    /// [`StateError`], which names both.
    #[allow(unused_variables)] // the default looks at nothing
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
