use std::error::Error;

use burn::module::Module;
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::tensor::{Device, Tensor, TensorReadError};

use thalweg_kernels::wide;

/// An error of any type, which a loss function, a method or a callback may return.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why an evaluation of the objective cannot be used for a step.
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
    /// The gradient of a parameter is finite, but its square is not, of which the minimizer keeps a mean.
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
        /// Which two members of the tuple, counted from 0.
        members: [usize; 2],
        /// How many samples each of them has.
        samples: [usize; 2],
    },
    /// The batch to train on has no samples.
    #[error("the batch has no samples, so its loss has no mean: leave empty batches out")]
    EmptyBatch,
    /// The parts of a batch have other samples than the whole.
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
    /// The batch was divided into more parts than were asked for.
    #[error(
        "a batch was divided into {found} parts where {wanted} were asked for: `Divide::divide` \
         gives no more parts than that"
    )]
    TooManyParts {
        /// How many were asked for.
        wanted: usize,
        /// How many there are.
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
    /// The loss, where a number that is not finite is the reason.
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

/// The value of an objective: one number on the device, and on the host once it is read.
#[derive(Debug, Clone)]
pub struct Loss {
    tensor: Tensor<1>,
    value: Option<f64>,
}

impl Loss {
    /// Takes a tensor with one element and drops its autodiff graph.
    ///
    /// # Panics
    /// If the tensor has not exactly one element: a loss is a mean (or a sum) over the batch.
    pub fn new(tensor: Tensor<1>) -> Self {
        let elements = tensor.dims()[0];
        assert!(
            elements == 1,
            "a loss has one element, this one has {elements}: take its mean over the batch"
        );
        Self {
            tensor: tensor.inner(),
            value: None,
        }
    }

    /// The loss on the device, shape `[1]`, without gradient.
    pub fn tensor(&self) -> &Tensor<1> {
        &self.tensor
    }

    /// The loss on the host, if it has been read.
    pub fn value(&self) -> Option<f64> {
        self.value
    }

    /// Reads the loss together with other numbers of shape `[1]`, which come back: the device is waited
    /// for once.
    pub(crate) fn fetch(&mut self, others: Vec<Tensor<1>>) -> Result<Vec<f64>, EvaluationError> {
        if others.is_empty() {
            return Ok(vec![]);
        }
        let (device, dtype) = (self.tensor.device(), wide(self.tensor.dtype()));
        let others = others.into_iter().map(|other| other.to_device(&device));
        let all = [self.tensor.clone()].into_iter().chain(others);
        let all = all.map(|number| number.cast(dtype)).collect();
        let mut numbers = Tensor::cat(all, 0).try_into_vec_as::<f64>()?.into_iter();
        self.value = numbers.next();
        Ok(numbers.collect())
    }

    /// Reads the loss, once: the first call waits for the device.
    ///
    /// # Errors
    /// [`EvaluationError::NonFinite`] for NaN and infinities, [`EvaluationError::Read`] when the
    /// device fails.
    pub fn read(&mut self) -> Result<f64, EvaluationError> {
        let loss = match self.value {
            Some(loss) => loss,
            None => self.tensor.clone().try_into_scalar::<f64>()?,
        };
        self.value = Some(loss);
        if loss.is_finite() {
            Ok(loss)
        } else {
            Err(EvaluationError::NonFinite { loss })
        }
    }
}

/// An objective and its gradient at one point: ℓ(θ) and ∇ℓ(θ).
#[derive(Debug)]
pub struct Evaluation {
    /// ℓ(θ).
    pub loss: Loss,
    /// ∇ℓ(θ), one tensor a parameter.
    pub grads: GradientsParams,
}

impl Evaluation {
    /// Runs the backward pass of a loss that was computed with `model`.
    ///
    /// # Errors
    /// [`EvaluationError::NoGradient`] when no parameter of the model takes part in the loss.
    ///
    /// # Panics
    /// If the loss has not exactly one element.
    pub fn new<M: Module>(loss: Tensor<1>, model: &M) -> Result<Self, EvaluationError> {
        if !loss.is_tracked() {
            return Err(EvaluationError::NoGradient);
        }
        let grads = GradientsParams::from_grads(loss.backward(), model);
        Self::given(loss, grads)
    }

    /// A loss, and its gradients however they were found.
    ///
    /// # Errors
    /// [`EvaluationError::NoGradient`] when there are none.
    ///
    /// # Panics
    /// If the loss has not exactly one element.
    pub fn given(loss: Tensor<1>, grads: GradientsParams) -> Result<Self, EvaluationError> {
        if grads.is_empty() {
            return Err(EvaluationError::NoGradient);
        }
        Ok(Self {
            loss: Loss::new(loss),
            grads,
        })
    }

    /// Loss and gradient on another device.
    pub fn to_device<M: Module>(self, device: &Device, model: &M) -> Self {
        let Loss { tensor, value } = self.loss;
        Self {
            loss: Loss {
                tensor: tensor.to_device(device),
                value,
            },
            grads: self.grads.to_device(device, model),
        }
    }

    /// The sum of losses and gradients, for a batch that was evaluated in parts whose losses are
    /// weighted already. Each part is asked for when the one before has been added.
    ///
    /// # Errors
    /// The first error of a part.
    ///
    /// # Panics
    /// Without a part.
    pub fn sum<M: Module>(
        model: &M,
        parts: impl IntoIterator<Item = Result<Self, EvaluationError>>,
    ) -> Result<Self, EvaluationError> {
        let (mut losses, mut sum) = (vec![], GradientsAccumulator::new());
        for part in parts {
            let Self { loss, grads } = part?;
            losses.push(loss.tensor().clone());
            sum.accumulate(model, grads);
        }
        Ok(Self {
            loss: Loss::new(Tensor::cat(losses, 0).sum().autodiff()),
            grads: sum.grads(),
        })
    }
}
