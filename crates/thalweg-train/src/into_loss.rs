use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use thalweg_optim::{BoxError, EvaluationError};

/// What a loss function may return: its value, or a `Result` of it.
///
/// A loss that refuses its batch, such as pixels that are no levels of the model, returns an error;
/// the run then ends with that error as its [`Outcome`](crate::Outcome), and the model as it was.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::optim::SgdConfig;
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_train::{Data, Trainer};
/// # use thalweg_optim::SingleGradient;
/// # #[derive(Module, Debug)]
/// # struct Rate { log: Param<Tensor<1>> }
/// # let device = Device::default();
/// # let model = Rate { log: Param::from_data([0.0], &device.clone().autodiff()) };
/// let exponential = |model: &Rate, x: Tensor<1>, _seed| {
///     let smallest: f64 = x.clone().min().into_scalar();
///     if smallest < 0.0 {
///         return Err(format!("a waiting time is not negative, this batch holds {smallest}"));
///     }
///     Ok((model.log.val().exp() * x - model.log.val()).mean())
/// };
/// let data = Data::train(|_epoch| vec![Tensor::<1>::from_data([1.0, -3.0], &device)]);
/// let sgd = SingleGradient::new(SgdConfig::new().init());
/// let trained = Trainer::new(1, 0.1).fit(model, sgd, &data, exponential, &mut ());
/// assert!(trained.outcome.to_string().contains("this batch holds -3"));
/// ```
pub trait IntoLoss<T = Tensor<1>> {
    /// The value, or why there is none.
    ///
    /// # Errors
    /// What the loss function returned, as [`EvaluationError::Refused`].
    fn into_loss(self) -> Result<T, EvaluationError>;
}

impl IntoLoss for Tensor<1> {
    fn into_loss(self) -> Result<Self, EvaluationError> {
        Ok(self)
    }
}

impl IntoLoss<Self> for (Tensor<1>, GradientsParams) {
    fn into_loss(self) -> Result<Self, EvaluationError> {
        Ok(self)
    }
}

impl<T, E: Into<BoxError>> IntoLoss<T> for Result<T, E> {
    fn into_loss(self) -> Result<T, EvaluationError> {
        self.map_err(|error| EvaluationError::Refused(error.into()))
    }
}
