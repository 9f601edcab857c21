use burn::module::Module;
use thalweg_kernels::Norm;

use crate::finite::{gradient_error, vectors};
use crate::{Evaluation, EvaluationError, Loss, Parameters, StateError, Stateful};

/// The objective of one step: the loss of one batch, as a function of the model.
///
/// Each call sees the same batch and the same random numbers, so that it is one function.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::{Evaluation, EvaluationError, Objective};
///
/// fn value(objective: &mut Objective<'_, Bowl>, model: &Bowl) -> Result<f64, EvaluationError> {
///     objective(model)?.loss.read()
/// }
///
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val() * 3.0, model);
/// assert_eq!(value(&mut objective, &model)?, 3.0);
/// # Ok::<(), EvaluationError>(())
/// ```
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
/// // A model of one number x = 1, with the loss x²/2.
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val().square() * 0.5, model);
/// let (mut model, mut method) = (model, Momentum::heavy_ball(Friction::Decay(0.5)));
/// for _ in 0..30 {
///     let (moved, loss) = method.step(0.5, model, &mut objective);
///     loss?; // where it fails, the model has not moved
///     model = moved;
/// }
/// assert!(model.x.val().abs().into_scalar::<f32>() < 1e-3);
/// # Ok::<(), thalweg_optim::EvaluationError>(())
/// ```
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
