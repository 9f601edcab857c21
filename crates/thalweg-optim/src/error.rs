use std::error::Error;

use burn::tensor::TensorReadError;

/// An error of any type, from a loss function, a method or a callback.
///
/// ```
/// use thalweg_optim::BoxError;
///
/// let error: BoxError = "no such column".into();
/// assert_eq!(error.to_string(), "no such column");
/// ```
pub type BoxError = Box<dyn Error + Send + Sync>;

/// The reason why an evaluation of the objective cannot be used for a step.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::{Descent, Evaluation, EvaluationError, Minimizer, field::Gradient};
///
/// // The model is not on an autodiff device.
/// let model = model.valid();
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val().square(), model);
/// let (_, found) = Descent::euler(Gradient).step(0.1, model, &mut objective);
/// assert!(matches!(found, Err(EvaluationError::NoGradient)));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// The loss is NaN or infinite.
    #[error("the loss is {loss}, not a finite number")]
    NonFinite {
        /// The value that was read.
        loss: f64,
    },
    /// No parameter of the model has a gradient.
    #[error(
        "no parameter of the model has a gradient: build it on `device.autodiff()` (or call \
         `.train()` on it), leave at least one parameter unfrozen, and use it in the loss"
    )]
    NoGradient,
    /// The gradient of a parameter is NaN or infinite, though the loss is not.
    #[error(
        "the gradient of the parameter {parameter} holds {value} where the loss is {loss}, so no step \
         was made: look in the loss for a root, a logarithm or a division at zero, and for numbers that \
         overflow"
    )]
    NonFiniteGradient {
        /// Its path in the model.
        parameter: String,
        /// The first such number.
        value: f64,
        /// The loss.
        loss: f64,
    },
    /// The gradient of a parameter is finite, but its square is not, and the minimizer averages squares.
    #[error(
        "the gradient of the parameter {parameter} holds {value} where the loss is {loss}, and its \
         square, of which the optimizer keeps a mean, overflows; so no step was made: clip the gradient \
         norm, or divide the loss by a constant"
    )]
    LargeGradient {
        /// Its path in the model.
        parameter: String,
        /// The first such number.
        value: f64,
        /// The loss.
        loss: f64,
    },
    /// A step made a parameter NaN or infinite.
    #[error(
        "a step made the parameter {parameter} infinite or NaN, where the loss is {loss}: lower the \
         learning rate, or clip the gradient norm"
    )]
    NonFiniteUpdate {
        /// Its path in the model.
        parameter: String,
        /// The loss at which it was seen.
        loss: f64,
    },
    /// The loss function refused its batch.
    #[error("the loss function refused its batch: {0}")]
    Refused(#[source] BoxError),
    /// The members of the batch have different numbers of samples.
    #[error(
        "the members of the batch have different numbers of samples: member {} has {}, member {} \
         has {}; give each sample its row in every member, or wrap what all samples share in \
         `Shared`",
        members[0], samples[0], members[1], samples[1]
    )]
    UnequalBatch {
        /// The two members of the tuple, counted from 0.
        members: [usize; 2],
        /// The number of samples of each.
        samples: [usize; 2],
    },
    /// The batch to train on has no samples.
    #[error("the batch has no samples, so its loss has no mean: leave empty batches out")]
    EmptyBatch,
    /// The parts of a batch together do not have the samples of the whole.
    #[error(
        "a batch of {whole} samples was divided into parts of {found} samples together: \
         `Divide::divide` gives each sample to exactly one part"
    )]
    LostSamples {
        /// Samples of the batch.
        whole: usize,
        /// Samples of all parts.
        found: usize,
    },
    /// The batch was divided into too many parts.
    #[error(
        "a batch was divided into {found} parts where {wanted} were asked for: `Divide::divide` \
         gives no more parts than that"
    )]
    TooManyParts {
        /// The largest number of parts.
        wanted: usize,
        /// The number of parts.
        found: usize,
    },
    /// The minimizer could not make a step.
    #[error("no step could be made: {0}")]
    Step(#[source] BoxError),
    /// The device did not hand over the loss.
    #[error("the loss could not be read from the device: {0}")]
    Read(String),
}

impl EvaluationError {
    /// The loss, where the reason is a number that is not finite.
    ///
    /// ```
    /// use thalweg_optim::EvaluationError;
    ///
    /// let error = EvaluationError::NonFinite { loss: f64::INFINITY };
    /// assert_eq!(error.loss(), Some(f64::INFINITY));
    /// assert_eq!(EvaluationError::NoGradient.loss(), None);
    /// ```
    pub fn loss(&self) -> Option<f64> {
        match self {
            Self::NonFinite { loss }
            | Self::NonFiniteGradient { loss, .. }
            | Self::LargeGradient { loss, .. }
            | Self::NonFiniteUpdate { loss, .. } => Some(*loss),
            _ => None,
        }
    }
}

impl From<TensorReadError> for EvaluationError {
    fn from(error: TensorReadError) -> Self {
        Self::Read(error.to_string())
    }
}
