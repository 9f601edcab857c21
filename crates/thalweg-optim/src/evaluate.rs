//! The objective, as a function of a vector.

use crate::{Evaluation, EvaluationError, Loss, Objective};
use burn::module::Module;

use crate::Parameters;

/// `L`, `∇L` and `‖∇L‖` at a module, the gradient checked to be finite.
pub(crate) fn evaluate<M: Module>(
    model: &M,
    objective: &mut Objective<'_, M>,
) -> Result<(Loss, Parameters, f64), EvaluationError> {
    let Evaluation {
        mut loss, grads, ..
    } = objective(model)?;
    let gradient = Parameters::gradient(model, grads);
    let norm = gradient.norm();
    // The norm of finite numbers can be above the largest f64.
    if norm.is_finite() {
        return Ok((loss, gradient, norm));
    }
    let loss = loss.read()?;
    let bad = Parameters::paths(model).into_iter().zip(gradient.tensors());
    let mut bad = bad.filter_map(|(path, tensor)| {
        let data = tensor.clone().try_into_data().ok()?;
        let value = data.iter::<f64>().find(|x| !x.is_finite())?;
        Some((path, value))
    });
    let (parameter, value) = bad.next().unwrap_or(("all together".into(), norm));
    Err(EvaluationError::NonFiniteGradient {
        parameter,
        value,
        loss,
    })
}
