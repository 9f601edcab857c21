use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::optim::{ModuleOptimizer, OptimizerRecord};
use burn::tensor::{Bytes, DType, Device, Tensor};

use crate::clip::clip_global_norm;
use crate::trial::{Leaves, Trial};
use crate::{
    Evaluation, EvaluationError, Kept, Loss, Minimizer, Objective, Remember, State, StateError,
    Stateful,
};

/// Any Burn optimizer as a [`Minimizer`]: exactly one evaluation a step.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use burn::optim::AdamConfig;
/// use thalweg_optim::{Evaluation, Minimizer, SingleGradient};
///
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val().square(), model);
/// let mut minimizer = SingleGradient::new(AdamConfig::new().init()).clip_norm(1.0);
/// // The first step of Adam is as long as the rate.
/// let (model, _) = minimizer.step(0.1, model, &mut objective);
/// assert!((model.x.val().into_scalar::<f32>() - 0.9).abs() < 1e-4);
/// // The averages of the one parameter.
/// assert!(!minimizer.optimizer().to_record().is_empty());
/// ```
#[derive(Clone)]
pub struct SingleGradient {
    optimizer: ModuleOptimizer,
    max_norm: Option<f64>,
    trial: OnceLock<Trial>,
}

impl SingleGradient {
    /// Wraps a Burn optimizer.
    pub fn new(optimizer: impl Into<ModuleOptimizer>) -> Self {
        Self {
            optimizer: optimizer.into(),
            max_norm: None,
            trial: OnceLock::new(),
        }
    }

    /// [Adam](crate::field::Adam) with the paper's constants.
    ///
    /// ```
    /// # use burn::module::{Module, Param};
    /// # use burn::tensor::{Device, Tensor};
    /// # #[derive(Module, Debug)]
    /// # struct Bowl { x: Param<Tensor<1>> }
    /// # let x = Tensor::ones([1], &Device::default().autodiff());
    /// # let model = Bowl { x: Param::from_tensor(x) };
    /// use thalweg_optim::{Evaluation, Minimizer, SingleGradient};
    ///
    /// let mut objective = |model: &Bowl| Evaluation::new(model.x.val().square(), model);
    /// let mut minimizer = SingleGradient::adam().clip_norm(5.0);
    /// let (model, _) = minimizer.step(0.1, model, &mut objective);
    /// assert!((model.x.val().into_scalar::<f32>() - 0.9).abs() < 1e-4);
    /// ```
    pub fn adam() -> Self {
        Self::new(crate::Euler::new(crate::field::Adam::default()))
    }

    /// Scales the gradient down where its Euclidean norm over all parameters exceeds `max_norm`.
    ///
    /// Burn's own clipping (`with_grad_clipping`) bounds each tensor, which changes the direction of the
    /// gradient. This keeps the direction.
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

    fn trial(&self) -> &Trial {
        self.trial.get_or_init(|| Trial::of(&self.optimizer))
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

    /// A clipped gradient has no square that overflows.
    fn squares(&self) -> bool {
        self.max_norm.is_none() && self.trial().squares
    }

    /// The memory belongs to parameters of these names, shapes and types.
    fn check_memory(&self, model: &M) -> Result<(), StateError> {
        let parameters = parameters(model);
        let leaves = Leaves::of(self.optimizer.to_record());
        let leaves = leaves.map_err(|error| StateError::unusable(RECORD, error))?;
        for leaf in &leaves.tensors {
            let (name, dtype) = (&leaf.name, leaf.data.dtype());
            let Some(parameter) = parameters.get(&ParamId::from(leaf.parameter)) else {
                let reason = format!(
                    "it holds {name} of a parameter that the model does not have or does not train"
                );
                return Err(StateError::unusable(RECORD, reason));
            };
            let shape = leaf.data.shape().as_slice();
            if self.trial().whole.contains(name) && shape != parameter.shape {
                let reason = format!(
                    "{name} of the parameter {} has shape {shape:?}, the parameter {:?}",
                    parameter.path, parameter.shape
                );
                return Err(StateError::unusable(RECORD, reason));
            }
            if dtype.is_float() && dtype != parameter.dtype {
                return Err(wrong_type(&parameter.path, parameter.dtype, dtype));
            }
        }
        Ok(())
    }
}

const RECORD: &str = "record";

fn wrong_type(path: &str, wanted: DType, found: DType) -> StateError {
    let reason = format!(
        "the parameter {path} is of {wanted:?}, but Burn reads what its optimizer remembers of it as \
         {found:?}, the device's default; take the optimizer from thalweg-optim (`Euler`), which keeps the \
         type, or call `Device::configure` with {wanted:?} before the first tensor is made, with which \
         this file can be read"
    );
    StateError::unusable(RECORD, reason)
}

/// A trainable parameter.
struct Parameter {
    path: String,
    shape: Vec<usize>,
    dtype: DType,
}

fn parameters<M: Module>(model: &M) -> HashMap<ParamId, Parameter> {
    #[derive(Default)]
    struct Read {
        path: Vec<String>,
        found: HashMap<ParamId, Parameter>,
    }
    impl ModuleVisitor for Read {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.path.push(name.to_owned());
        }

        fn exit_module(&mut self, _: &str, _: &str) {
            self.path.pop();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if param.is_require_grad() {
                let value = param.val();
                let trained = Parameter {
                    path: self.path.join("."),
                    shape: value.dims().to_vec(),
                    dtype: value.dtype(),
                };
                self.found.insert(param.id, trained);
            }
        }
    }
    let mut read = Read::default();
    model.visit(&mut read);
    read.found
}

/// The state is the record of Burn's optimizer.
impl Stateful for SingleGradient {
    fn state(&self) -> State {
        let mut state = State::of(&self.trial().owner);
        let record = self.optimizer.to_record().into_bytes();
        let record = record.expect("a record in memory is always written");
        record.save(RECORD, &mut state);
        state
    }

    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
        state.check_owner(&self.trial().owner)?;
        let record = Bytes::restore(RECORD, state, device)?;
        let record = OptimizerRecord::from_bytes(record)
            .map_err(|error| StateError::unusable(RECORD, error))?;
        // Burn's optimizer panics at the record of a damaged file.
        let load = AssertUnwindSafe(|| self.optimizer.clone().load_record(record));
        self.optimizer = catch_unwind(load)
            .map_err(|_| StateError::unusable(RECORD, "the optimizer cannot read its record"))?;
        Ok(())
    }

    fn keep(&self) -> Kept {
        Kept::new(self.optimizer.clone())
    }

    fn take_back(&mut self, kept: Kept, _: &Device) -> Result<(), StateError> {
        self.optimizer = kept.into_inner()?;
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
