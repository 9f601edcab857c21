//! The objective, as a function of a vector.

use burn::module::Module;
use thalweg_train::{Evaluation, EvaluationError, Loss, Objective};

use crate::Parameters;

/// `L`, `∇L` and `‖∇L‖` at a module, the gradient checked to be finite.
pub(crate) fn evaluate<M: Module>(
    model: &M,
    objective: &mut Objective<'_, M>,
) -> Result<(Loss, Parameters, f64), EvaluationError> {
    let Evaluation { loss, grads } = objective(model)?;
    let gradient = Parameters::gradient(model, grads);
    let norm = gradient.norm();
    match norm.is_finite() {
        true => Ok((loss, gradient, norm)),
        false => Err(EvaluationError::NonFiniteGradient { norm }),
    }
}
