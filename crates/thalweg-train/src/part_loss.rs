//! What parts of a batch are evaluated by.

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use thalweg_optim::{Evaluation, EvaluationError};

use crate::{IntoLoss, WithGradients};

/// A loss of parts of a batch, each with a weight: a loss function `Fn(&M, B, u64) -> R`, or
/// [`WithGradients`].
///
/// [`Workers`](crate::Workers) and [`Accumulate`](crate::Accumulate) take one.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::optim::SgdConfig;
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_optim::SingleGradient;
/// # use thalweg_train::Data;
/// # #[derive(Module, Debug)]
/// # struct Mean { mean: Param<Tensor<1>> }
/// # let device = Device::default();
/// # let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
/// # let sgd = SingleGradient::new(SgdConfig::new().init());
/// # let data = Data::train(|_epoch| vec![Tensor::<1>::from_data([1.0, 3.0], &device)]);
/// # let loss = |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().mean() * 0.5;
/// use thalweg_train::PartLoss;
///
/// // The loss of the batch is (1² + 3²)/4 = 2.5, and its gradient −2.
/// let batch = Tensor::<1>::from_data([1.0, 3.0], &device);
/// let mut half = loss.weighted(&model, batch.clone(), 0.5, 0)?;
/// assert_eq!(half.loss.read()?, 1.25);
/// let gradient = half.grads.get::<1>(model.mean.id).unwrap().into_scalar::<f64>();
/// assert_eq!(gradient, -1.0);
/// assert_eq!(loss.of_batch(&model, batch, 0)?.into_scalar::<f64>(), 2.5);
/// # let _ = (data, sgd);
/// # Ok::<(), thalweg_optim::EvaluationError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no loss of parts of a batch `{B}`",
    note = "use a function of the model, the batch and a seed that returns the loss, or `WithGradients`"
)]
pub trait PartLoss<M, B> {
    /// `w ℓ` and `w ∇ℓ` for the loss `ℓ` of a part and its weight `w`.
    ///
    /// # Errors
    /// The error of [`Evaluation::new`], or of a loss function that [refuses](IntoLoss) its batch.
    fn weighted(
        &self,
        model: &M,
        part: B,
        weight: f64,
        seed: u64,
    ) -> Result<Evaluation, EvaluationError>;

    /// The loss of a validation batch, in one part.
    ///
    /// # Errors
    /// The error of a loss function that [refuses](IntoLoss) its batch.
    fn of_batch(&self, model: &M, batch: B, seed: u64) -> Result<Tensor<1>, EvaluationError>;
}

impl<M, B, L, R> PartLoss<M, B> for L
where
    M: Module,
    L: Fn(&M, B, u64) -> R,
    R: IntoLoss,
{
    fn weighted(
        &self,
        model: &M,
        part: B,
        weight: f64,
        seed: u64,
    ) -> Result<Evaluation, EvaluationError> {
        let loss = self(model, part, seed).into_loss()?;
        let loss = match weight == 1.0 {
            true => loss,
            false => loss.mul_scalar(weight),
        };
        Evaluation::new(loss, model)
    }

    fn of_batch(&self, model: &M, batch: B, seed: u64) -> Result<Tensor<1>, EvaluationError> {
        self(model, batch, seed).into_loss()
    }
}

impl<M, B, L, G, R, S> PartLoss<M, B> for WithGradients<L, G>
where
    M: Module,
    L: Fn(&M, B, u64) -> R,
    R: IntoLoss,
    G: Fn(&M, B, u64) -> S,
    S: IntoLoss<(Tensor<1>, GradientsParams)>,
{
    fn weighted(
        &self,
        model: &M,
        part: B,
        weight: f64,
        seed: u64,
    ) -> Result<Evaluation, EvaluationError> {
        let (loss, gradients) = (self.gradients)(model, part, seed).into_loss()?;
        Ok(Evaluation::given(loss, gradients)?.scale(weight, model))
    }

    fn of_batch(&self, model: &M, batch: B, seed: u64) -> Result<Tensor<1>, EvaluationError> {
        (self.loss)(model, batch, seed).into_loss()
    }
}
