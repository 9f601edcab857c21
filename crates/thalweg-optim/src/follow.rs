//! What every method that follows a field does in a step.

use crate::{EvaluationError, Loss, Objective};
use burn::module::Module;

use crate::evaluate::evaluate;
use crate::{Field, Parameters, Point};

/// Where a step starts: θ, and the field's direction `d` there.
pub(crate) struct Beginning<'a> {
    pub(crate) theta: &'a Parameters,
    pub(crate) direction: &'a Parameters,
}

/// The field `d` as a function of θ, for integrators.
pub(crate) type Directions<'a> =
    dyn FnMut(f64, &Parameters) -> Result<Parameters, EvaluationError> + 'a;

/// Evaluates the objective where the module is, lets `advance` move from there with as many more
/// evaluations as it wants, and returns the moved module and the loss at the start.
///
/// The memory moves once, by what the field made of the first gradient. After an error the module
/// and the memory are what they were.
///
/// `θ̇ = −d`: integrators follow `d` backwards in time, by a negative step, which saves a pass over
/// all numbers for the sign.
pub(crate) fn follow<M: Module, F: Field>(
    field: &F,
    memory: &mut F::Memory,
    model: M,
    objective: &mut Objective<'_, M>,
    advance: impl FnOnce(Beginning<'_>, &mut Directions<'_>) -> Result<Parameters, EvaluationError>,
) -> (M, Result<Loss, EvaluationError>) {
    let theta = Parameters::of(&model);
    let before = memory.clone();
    let stage = |model: &M, theta: &Parameters, objective: &mut Objective<'_, M>| {
        let (loss, gradient, norm) = evaluate(model, objective)?;
        let point = Point {
            theta,
            loss: &loss,
            norm,
        };
        let (direction, after) = field.direction(&before, point, gradient)?;
        Ok((direction, after, loss))
    };
    let moved = stage(&model, &theta, objective).and_then(|(direction, after, loss)| {
        let mut directions = |_: f64, at: &Parameters| {
            let there = at.clone().write(model.clone());
            stage(&there, at, objective).map(|(direction, ..)| direction)
        };
        let beginning = Beginning {
            theta: &theta,
            direction: &direction,
        };
        Ok((advance(beginning, &mut directions)?, after, loss))
    });
    match moved {
        Ok((theta, after, loss)) => {
            *memory = after;
            (theta.write(model), Ok(loss))
        }
        Err(error) => (model, Err(error)),
    }
}
