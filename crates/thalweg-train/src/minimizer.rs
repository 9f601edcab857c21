use std::fmt;

use burn::module::Module;
use burn::optim::{ModuleOptimizer, OptimizerRecord};
use burn::tensor::{Bytes, Device};

use crate::clip::clip_global_norm;
use crate::{Evaluation, EvaluationError, Loss, Remember, State, StateError, Stateful};

/// The objective of one step: the loss of one batch, as a function of the model.
///
/// Each call sees the same batch and the same random numbers, so that it is one function.
pub type Objective<'a, M> = dyn FnMut(&M) -> Result<Evaluation, EvaluationError> + 'a;

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

/// Any Burn optimizer as a [`Minimizer`]: exactly one evaluation a step.
///
/// ```
/// use burn::optim::AdamConfig;
/// use thalweg_train::SingleGradient;
///
/// let minimizer = SingleGradient::new(AdamConfig::new().init()).clip_norm(1.0);
/// # let _ = minimizer;
/// ```
#[derive(Clone)]
pub struct SingleGradient {
    optimizer: ModuleOptimizer,
    max_norm: Option<f64>,
}

impl SingleGradient {
    /// Wraps a Burn optimizer.
    pub fn new(optimizer: impl Into<ModuleOptimizer>) -> Self {
        Self {
            optimizer: optimizer.into(),
            max_norm: None,
        }
    }

    /// Scales the gradient down where its Euclidean norm over all parameters exceeds `max_norm`.
    ///
    /// Burn's own clipping (`with_grad_clipping`) bounds each tensor on its own and so turns the
    /// gradient; this keeps its direction.
    ///
    /// # Panics
    /// If `max_norm` is not a positive number.
    pub fn clip_norm(mut self, max_norm: f64) -> Self {
        assert!(
            max_norm > 0.0,
            "the largest gradient norm must be positive, got {max_norm}"
        );
        self.max_norm = Some(max_norm);
        self
    }

    /// The optimizer with its state, for example to save its record.
    pub fn optimizer(&self) -> &ModuleOptimizer {
        &self.optimizer
    }

    /// Gives the optimizer back.
    pub fn into_optimizer(self) -> ModuleOptimizer {
        self.optimizer
    }
}

impl<M: Module> Minimizer<M> for SingleGradient {
    fn step(
        &mut self,
        h: f64,
        model: M,
        objective: &mut Objective<'_, M>,
    ) -> (M, Result<Loss, EvaluationError>) {
        let Evaluation { mut loss, grads } = match objective(&model) {
            Ok(evaluation) => evaluation,
            Err(error) => return (model, Err(error)),
        };
        let grads = match self.max_norm {
            Some(max_norm) => clip_global_norm(&model, &mut loss, grads, max_norm),
            None => Ok(grads),
        };
        let grads = match grads {
            Ok(grads) => grads,
            Err(error) => return (model, Err(error)),
        };
        (self.optimizer.step(h, model, grads), Ok(loss))
    }
}

const RECORD: &str = "record";

/// Of Burn's optimizer, its record.
impl Stateful for SingleGradient {
    fn state(&self) -> State {
        let mut state = State::default();
        let record = self.optimizer.to_record().into_bytes();
        let record = record.expect("a record in memory is always written");
        record.save(RECORD, &mut state);
        state
    }

    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
        let record = Bytes::restore(RECORD, state, device)?;
        let record = OptimizerRecord::from_bytes(record)
            .map_err(|error| StateError::unusable(RECORD, error))?;
        self.optimizer = self.optimizer.clone().load_record(record);
        Ok(())
    }
}

impl fmt::Debug for SingleGradient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SingleGradient")
            .field("max_norm", &self.max_norm)
            .finish_non_exhaustive()
    }
}
