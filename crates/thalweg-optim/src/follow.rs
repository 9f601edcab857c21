//! Fields, and the part of a step that all methods along a field share.

use std::fmt::Debug;

use burn::module::Module;

use crate::minimizer::evaluate;
use crate::{EvaluationError, Loss, Objective, Parameters, Remember, StateError};

/// A point of the parameters, with the objective there.
///
/// See [`Field`] for an example.
#[derive(Debug, Clone, Copy)]
pub struct Point<'a> {
    /// θ.
    pub theta: &'a Parameters,
    /// L(θ).
    pub loss: &'a Loss,
    /// ‖∇L(θ)‖ over all parameters. It is finite.
    pub norm: f64,
}

/// A direction of descent made of gradients: `θ̇ = −d(θ, ∇L, L, memory)`.
///
/// The memory moves once a step, whatever the number of stages: each stage starts from the memory
/// before the step, so that within a step the field is one function of θ.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::{Descent, Evaluation, EvaluationError, Field, Minimizer, Parameters, Point};
///
/// /// `d = ∇L/√‖∇L‖`.
/// #[derive(Debug, Clone)]
/// struct Root;
///
/// impl Field for Root {
///     type Memory = ();
///
///     fn direction(
///         &self,
///         _: &(),
///         at: Point<'_>,
///         gradient: Parameters,
///     ) -> Result<(Parameters, ()), EvaluationError> {
///         Ok((gradient * at.norm.sqrt().recip(), ()))
///     }
/// }
///
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val() * 100.0, model);
/// let (model, _) = Descent::euler(Root).step(0.01, model, &mut objective);
/// assert!((model.x.val().into_scalar::<f32>() - 0.9).abs() < 1e-6);
/// ```
pub trait Field: Debug + Clone + Send {
    /// The memory of earlier steps.
    type Memory: Clone + Default + Debug + Send + Remember + 'static;

    /// `d` at a point, and the memory after a step from there.
    ///
    /// # Errors
    ///
    /// A loss that cannot be read, for the fields that need it.
    fn direction(
        &self,
        memory: &Self::Memory,
        point: Point<'_>,
        gradient: Parameters,
    ) -> Result<(Parameters, Self::Memory), EvaluationError>;

    /// The owner of the memory: a name, with the settings that take part in making the memory. By
    /// default the name of the type.
    fn name(&self) -> String {
        type_name::<Self>()
    }

    /// Whether the field squares gradients in the type of their numbers, where squares can
    /// overflow. By default it does not.
    fn squares(&self) -> bool {
        false
    }

    /// Checks that the memory belongs to parameters like these. By default any memory does.
    ///
    /// # Errors
    ///
    /// [`StateError`] that names both.
    #[allow(unused_variables)] // the default ignores them
    fn check_memory(&self, memory: &Self::Memory, theta: &Parameters) -> Result<(), StateError> {
        Ok(())
    }
}

/// The name of a type without its path.
pub(crate) fn type_name<T: ?Sized>() -> String {
    let name = std::any::type_name::<T>();
    let plain = name.split('<').next().unwrap_or(name);
    let last = plain.rsplit("::").next().unwrap_or(plain);
    last.to_owned() + &name[plain.len()..]
}

/// The start of a step: θ, and the field's direction `d` there.
pub(crate) struct Beginning<'a> {
    pub(crate) theta: &'a Parameters,
    pub(crate) direction: &'a Parameters,
}

/// The field `d` as a function of θ, for integrators.
pub(crate) type Directions<'a> =
    dyn FnMut(f64, &Parameters) -> Result<Parameters, EvaluationError> + 'a;

/// Evaluates the objective at the module, moves from there by `advance`, and returns the moved module
/// and the loss at the start.
///
/// The memory moves once, by the first gradient. After an error the module and the memory are
/// unchanged.
///
/// `θ̇ = −d`: integrators follow `d` backwards in time, by a negative step. That saves a pass over
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
