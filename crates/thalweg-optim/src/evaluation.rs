use std::collections::HashSet;

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::tensor::{Device, Tensor};

use thalweg_kernels::wide;

use crate::EvaluationError;

/// The value of an objective: one number on the device, and on the host once it is read.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::{Evaluation, EvaluationError, Loss};
///
/// let mut loss: Loss = Evaluation::new(model.x.val() * 3.0, &model)?.loss;
/// assert_eq!(loss.value(), None);
/// assert_eq!(loss.read()?, 3.0);
/// assert_eq!(loss.value(), Some(3.0));
/// # Ok::<(), EvaluationError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Loss {
    tensor: Tensor<1>,
    value: Option<f64>,
}

impl Loss {
    /// Takes a tensor with one element and drops its autodiff graph.
    ///
    /// # Panics
    /// If the tensor does not have exactly one element: a loss is a mean (or a sum) over the batch.
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

    /// Reads the loss together with other numbers of shape `[1]`, and returns those. The host waits for
    /// the device once.
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

    /// Reads the loss. Only the first call waits for the device.
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
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::{Evaluation, EvaluationError, Parameters};
///
/// let evaluation = Evaluation::new(model.x.val().square() * 0.5, &model)?.scale(10.0, &model);
/// let evaluation = evaluation.to_device(&Device::default(), &model); // of the optimizer
/// assert_eq!(evaluation.loss.tensor().clone().into_scalar::<f32>(), 5.0);
/// assert_eq!(Parameters::gradient(&model, evaluation.grads).norm(), 10.0);
/// # Ok::<(), EvaluationError>(())
/// ```
#[derive(Debug)]
pub struct Evaluation {
    /// ℓ(θ).
    pub loss: Loss,
    /// ∇ℓ(θ), one tensor for each parameter.
    pub grads: GradientsParams,
}

impl Evaluation {
    /// Runs the backward pass of a loss computed with `model`.
    ///
    /// # Errors
    /// [`EvaluationError::NoGradient`] when no parameter of the model takes part in the loss.
    ///
    /// # Panics
    /// If the loss does not have exactly one element.
    pub fn new<M: Module>(loss: Tensor<1>, model: &M) -> Result<Self, EvaluationError> {
        if !loss.is_tracked() {
            return Err(EvaluationError::NoGradient);
        }
        let grads = GradientsParams::from_grads(loss.backward(), model);
        Self::given(loss, grads)
    }

    /// A loss with given gradients.
    ///
    /// ```
    /// # use burn::module::{Module, Param};
    /// # use burn::tensor::{Device, Tensor};
    /// # #[derive(Module, Debug)]
    /// # struct Bowl { x: Param<Tensor<1>> }
    /// # let x = Tensor::ones([1], &Device::default().autodiff());
    /// # let model = Bowl { x: Param::from_tensor(x) };
    /// use burn::optim::GradientsParams;
    /// use thalweg_optim::{Descent, Evaluation, Minimizer, field::Gradient};
    ///
    /// // The gradient of x² by hand.
    /// let mut objective = |model: &Bowl| {
    ///     let x = model.x.val().inner();
    ///     let mut gradients = GradientsParams::new();
    ///     gradients.register(model.x.id, x.clone() * 2.0);
    ///     Evaluation::given(x.square(), gradients)
    /// };
    /// let (model, _) = Descent::euler(Gradient).step(0.25, model, &mut objective);
    /// assert_eq!(model.x.val().into_scalar::<f32>(), 0.5);
    /// ```
    ///
    /// # Errors
    /// [`EvaluationError::NoGradient`] when there are none.
    ///
    /// # Panics
    /// If the loss does not have exactly one element.
    pub fn given(loss: Tensor<1>, grads: GradientsParams) -> Result<Self, EvaluationError> {
        if grads.is_empty() {
            return Err(EvaluationError::NoGradient);
        }
        Ok(Self {
            loss: Loss::new(loss),
            grads,
        })
    }

    /// Loss and gradient times a weight.
    pub fn scale<M: Module>(mut self, weight: f64, model: &M) -> Self {
        // A parameter that occurs twice has one gradient.
        struct Scale<'a>(f64, &'a mut GradientsParams, HashSet<ParamId>);
        impl ModuleVisitor for Scale<'_> {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                if self.2.insert(param.id)
                    && let Some(gradient) = self.1.remove::<D>(param.id)
                {
                    self.1.register(param.id, gradient.mul_scalar(self.0));
                }
            }
        }
        if weight != 1.0 {
            self.loss = Loss {
                tensor: self.loss.tensor.mul_scalar(weight),
                value: self.loss.value.map(|value| value * weight),
            };
            model.visit(&mut Scale(weight, &mut self.grads, HashSet::new()));
        }
        self
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
    /// weighted already. Each part is evaluated after the one before was added, so memory holds the graph
    /// of one part at a time.
    ///
    /// ```
    /// use burn::module::{Module, Param};
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_optim::{Descent, Evaluation, Minimizer, field::Gradient};
    ///
    /// #[derive(Module, Debug)]
    /// struct Mean {
    ///     guess: Param<Tensor<1>>,
    /// }
    /// let device = Device::default().autodiff();
    /// let model = Mean { guess: Param::from_tensor(Tensor::zeros([1], &device)) };
    /// let parts = [vec![1.0, 2.0, 3.0], vec![10.0]];
    /// let mut objective = |model: &Mean| {
    ///     Evaluation::sum(model, parts.iter().map(|part| {
    ///         let x = Tensor::<1>::from_floats(part.as_slice(), &device);
    ///         let mean = (model.guess.val() - x).square().mean();
    ///         Evaluation::new(mean.mul_scalar(part.len() as f64 / 4.0), model)
    ///     }))
    /// };
    /// let (model, _) = Descent::euler(Gradient).step(0.5, model, &mut objective);
    /// assert_eq!(model.guess.val().into_scalar::<f32>(), 4.0); // the mean of all four
    /// ```
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
