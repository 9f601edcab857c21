//! The checks around a step.

use std::cell::Cell;

use burn::module::Module;
use burn::tensor::Tensor;

use super::{Finite, bad_parameter, gradient_error};
use crate::{Evaluation, EvaluationError, Loss, Minimizer, Objective};

/// Checks the numbers of each step of a minimizer: loss and gradient before it, weights after it.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::finite::Checks;
/// use thalweg_optim::{Descent, Evaluation, EvaluationError, field::Gradient};
///
/// // The loss is a number, and the gradient of a root at 0 is none.
/// let mut objective = |model: &Bowl| Evaluation::new((model.x.val() - 1.0).sqrt(), model);
/// let mut checks = Checks::default();
/// let mut method = Descent::euler(Gradient);
/// let (_, found) = checks.step(&mut method, 0.1, model, true, &mut objective);
/// assert!(matches!(found, Err(EvaluationError::NonFiniteGradient { .. })));
/// ```
#[derive(Debug, Default)]
pub struct Checks {
    /// Whether the weights are finite after the last step; `None` where that is unknown.
    weights: Option<Finite>,
    spoiled: bool,
}

impl Checks {
    /// One step. It reads the loss from the device if `read` is true.
    ///
    /// # Errors
    /// The error of the evaluation or of the minimizer, with the unchanged model. Where the loss is
    /// read: [`EvaluationError::NonFinite`], [`EvaluationError::NonFiniteGradient`],
    /// [`EvaluationError::LargeGradient`] for a minimizer that [squares](Minimizer::squares) gradients,
    /// and [`EvaluationError::NonFiniteUpdate`] with the model after the step. Where weights are not in
    /// the host's memory, the last one comes from the next step that reads its loss.
    pub fn step<M: Module>(
        &mut self,
        minimizer: &mut impl Minimizer<M>,
        h: f64,
        model: M,
        read: bool,
        objective: &mut Objective<'_, M>,
    ) -> (M, Result<Loss, EvaluationError>) {
        self.spoiled = false;
        let mut gate = Gate {
            read,
            squares: minimizer.squares(),
            weights: match (read, self.weights.take()) {
                (false, _) | (true, Some(Finite::Known(true))) => None,
                (true, Some(asked)) => Some(asked),
                (true, None) => Some(super::weights(&model)),
            },
            gradients: 0,
        };
        take();
        // The backward pass is queued before the loss is read, so that the device has work while the
        // host waits.
        let mut checked = |model: &M| gate.pass(model, objective(model)?);
        let (model, result) = minimizer.step(h, model, &mut checked);
        let Ok(loss) = &result else {
            return (model, result);
        };
        if let Some(loss) = loss.value().filter(|_| read) {
            let said = take();
            let weights = match said.parameters == gate.gradients {
                true => Finite::Known(said.finite),
                false => super::weights(&model),
            };
            // Only now: the search for the parameter costs more than all checks of a step.
            if matches!(weights, Finite::Known(false))
                && let Some(parameter) = bad_parameter(&model)
            {
                self.spoiled = true;
                return (
                    model,
                    Err(EvaluationError::NonFiniteUpdate { parameter, loss }),
                );
            }
            self.weights = Some(weights);
        }
        (model, result)
    }

    /// Whether the last step made finite weights infinite or NaN.
    ///
    /// ```
    /// # use burn::module::{Module, Param};
    /// # use burn::tensor::{Device, Tensor};
    /// # #[derive(Module, Debug)]
    /// # struct Bowl { x: Param<Tensor<1>> }
    /// # let x = Tensor::ones([1], &Device::default().autodiff());
    /// # let model = Bowl { x: Param::from_tensor(x) };
    /// use thalweg_optim::finite::Checks;
    /// use thalweg_optim::{Descent, Evaluation, EvaluationError, field::Gradient};
    ///
    /// // A rate beyond the numbers of f32.
    /// let mut objective = |model: &Bowl| Evaluation::new(model.x.val().square(), model);
    /// let (mut checks, mut method) = (Checks::default(), Descent::euler(Gradient));
    /// let (_, found) = checks.step(&mut method, 1e39, model, true, &mut objective);
    /// assert!(matches!(found, Err(EvaluationError::NonFiniteUpdate { .. })));
    /// assert!(checks.has_spoiled());
    /// ```
    pub fn has_spoiled(&self) -> bool {
        self.spoiled
    }

    /// Call this where the weights have changed since the last step.
    ///
    /// ```
    /// # use burn::module::{Module, Param};
    /// # use burn::tensor::{Device, Tensor};
    /// # #[derive(Module, Debug)]
    /// # struct Bowl { x: Param<Tensor<1>> }
    /// # let x = Tensor::ones([1], &Device::default().autodiff());
    /// # let model = Bowl { x: Param::from_tensor(x) };
    /// use thalweg_optim::finite::Checks;
    /// use thalweg_optim::{Descent, Evaluation, EvaluationError, Parameters, field::Gradient};
    ///
    /// let mut objective = |model: &Bowl| Evaluation::new(model.x.val().neg().exp(), model);
    /// let (mut checks, mut method) = (Checks::default(), Descent::euler(Gradient));
    /// let (model, _) = checks.step(&mut method, 0.1, model, true, &mut objective);
    ///
    /// // Weights of infinity from elsewhere, at which the loss is 0.
    /// let model = (Parameters::of(&model) * f64::INFINITY).write(model);
    /// checks.weights_moved();
    /// let (_, found) = checks.step(&mut method, 0.1, model, true, &mut objective);
    /// assert!(matches!(found, Err(EvaluationError::NonFiniteUpdate { .. })));
    /// assert!(!checks.has_spoiled()); // they were so before the step
    /// ```
    pub fn weights_moved(&mut self) {
        self.weights = None;
    }
}

/// Checks loss, weights and gradient of the evaluations of one step.
struct Gate {
    /// Whether to wait for the device.
    read: bool,
    /// Whether the minimizer squares gradients.
    squares: bool,
    /// Whether the first weights of the step are finite, where that is not known yet.
    weights: Option<Finite>,
    /// The number of parameters with a gradient in the last evaluation.
    gradients: usize,
}

impl Gate {
    fn pass<M: Module>(
        &mut self,
        model: &M,
        mut evaluation: Evaluation,
    ) -> Result<Evaluation, EvaluationError> {
        self.gradients = evaluation.grads.len();
        match self.read {
            true => self.check_read(model, &mut evaluation)?,
            false if self.squares => self.check_unread(model, &mut evaluation)?,
            false => {}
        }
        Ok(evaluation)
    }

    /// One read for all numbers on a device.
    fn check_read<M: Module>(
        &mut self,
        model: &M,
        evaluation: &mut Evaluation,
    ) -> Result<(), EvaluationError> {
        let weights = self.weights.take().unwrap_or(Finite::Known(true));
        let gradients = super::gradients(model, &evaluation.grads, self.squares);
        let asked = |finite: &Finite| match finite {
            Finite::Known(_) => None,
            Finite::Asked(flag) => Some(flag.clone()),
        };
        let flags: Vec<Tensor<1>> = [&weights, &gradients]
            .into_iter()
            .filter_map(asked)
            .collect();
        let mut answers = evaluation.loss.fetch(flags)?.into_iter();
        let mut is_finite = |finite| match finite {
            Finite::Known(finite) => finite,
            // There is one answer a flag.
            Finite::Asked(_) => answers.next().is_some_and(|answer| answer != 0.0),
        };
        let (weights, gradients) = (is_finite(weights), is_finite(gradients));
        let loss = evaluation.loss.read()?;
        if !weights && let Some(parameter) = bad_parameter(model) {
            return Err(EvaluationError::NonFiniteUpdate { parameter, loss });
        }
        match gradients {
            true => Ok(()),
            false => Err(self.error(model, evaluation)),
        }
    }

    fn error<M: Module>(&self, model: &M, evaluation: &mut Evaluation) -> EvaluationError {
        let Evaluation { loss, grads } = evaluation;
        gradient_error(model, grads, self.squares, f64::NAN, loss)
    }

    /// Without waiting. Averages of squares that overflow would never show in a loss.
    fn check_unread<M: Module>(
        &self,
        model: &M,
        evaluation: &mut Evaluation,
    ) -> Result<(), EvaluationError> {
        let squares = super::gradients(model, &evaluation.grads, true);
        let values = || super::gradients(model, &evaluation.grads, false);
        match squares {
            Finite::Known(false) if matches!(values(), Finite::Known(true)) => {
                Err(self.error(model, evaluation))
            }
            _ => Ok(()),
        }
    }
}

/// The number of parameters that an optimizer checked as it wrote them, and whether all were finite.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Written {
    parameters: usize,
    finite: bool,
}

const NOTHING: Written = Written {
    parameters: 0,
    finite: true,
};

thread_local! {
    static WRITTEN: Cell<Written> = const { Cell::new(NOTHING) };
}

/// Reports whether a parameter that an optimizer has just written is finite.
///
/// The optimizer can tell while they are in the processor's cache. Where it reports every parameter that
/// has a gradient, [`Checks`] do not read the weights again.
///
/// [`Euler`](crate::Euler) calls this. A minimizer of your own may:
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::finite::{Checks, wrote};
/// use thalweg_optim::{Evaluation, EvaluationError, Loss, Minimizer, Objective, State, StateError, Stateful};
///
/// /// `x' = (1 − h) x`.
/// struct Shrink;
///
/// impl Minimizer<Bowl> for Shrink {
///     fn step(
///         &mut self, h: f64, model: Bowl, objective: &mut Objective<'_, Bowl>,
///     ) -> (Bowl, Result<Loss, EvaluationError>) {
///         let loss = objective(&model).map(|evaluation| evaluation.loss);
///         let x = model.x.map(|x| (x.inner() * (1.0 - h)).autodiff().require_grad());
///         wrote(x.val().into_scalar::<f32>().is_finite());
///         (Bowl { x }, loss)
///     }
/// }
/// # impl Stateful for Shrink {
/// #     fn state(&self) -> State { State::of("Shrink") }
/// #     fn restore(&mut self, state: &State, _: &Device) -> Result<(), StateError> { state.check_owner("Shrink") }
/// # }
///
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val().square(), model);
/// let mut checks = Checks::default();
/// let (model, loss) = checks.step(&mut Shrink, 0.5, model, true, &mut objective);
/// assert_eq!((model.x.val().into_scalar::<f32>(), loss?.value()), (0.5, Some(1.0)));
/// let (_, found) = checks.step(&mut Shrink, f64::INFINITY, model, true, &mut objective);
/// assert!(matches!(found, Err(EvaluationError::NonFiniteUpdate { .. })));
/// # Ok::<(), EvaluationError>(())
/// ```
pub fn wrote(finite: bool) {
    let before = WRITTEN.get();
    WRITTEN.set(Written {
        parameters: before.parameters + 1,
        finite: before.finite && finite,
    });
}

/// The reports of this thread since the last call.
fn take() -> Written {
    WRITTEN.replace(NOTHING)
}
