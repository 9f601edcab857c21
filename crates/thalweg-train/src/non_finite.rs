//! Numbers that are not finite: their origins, and the policies.

use std::fmt;

use crate::Phase;

/// A number that was NaN or infinite: a loss, a gradient or a weight.
///
/// See [`OnNonFinite`] for an example.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NonFinite {
    /// The epoch, counted from 0.
    pub epoch: usize,
    /// The batch within it.
    pub batch: usize,
    /// Steps made before it.
    pub step: usize,
    /// The loss: finite where a gradient or a weight was not; NaN where none was known yet.
    pub loss: f64,
    /// Where it was met.
    pub phase: Phase,
    /// Where it came from.
    pub origin: Origin,
}

/// Where a number that is not finite came from, as far as it could be found out.
///
/// See [`OnNonFinite`] for an example.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// The batch held it.
    Batch,
    /// The parameter of this name was not finite before the first step.
    Start(String),
    /// The gradient of the parameter of this name held it, where the loss was finite.
    Gradient(String),
    /// The gradient of the parameter of this name was finite, but not its square, which the minimizer
    /// averages.
    Square(String),
    /// The parameter of this name held it: a step has spoiled it, the one just made where the loss is
    /// finite.
    Parameter(String),
    /// A finite batch and finite parameters gave it first in this layer
    /// ([`Trainer::explain`](crate::Trainer::explain)).
    Layer(String),
    /// None of these, or a layer that was not searched.
    Unknown,
}

impl fmt::Display for NonFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = match self.phase {
            Phase::Training => "training",
            Phase::Validation => "validation",
        };
        let Self {
            epoch,
            batch,
            step,
            loss,
            ..
        } = self;
        let at = format!("epoch {epoch}, batch {batch}, after {step} steps");
        match &self.origin {
            Origin::Start(name) => write!(
                f,
                "the parameter {name} is not finite before the first step: initialize it anew, or load \
                 a file in which it is finite"
            ),
            Origin::Gradient(name) => write!(
                f,
                "the gradient of the parameter {name} is not finite in {at}, where the {phase} loss is \
                 {loss}: look in the loss for a root, a logarithm or a division at zero, and for numbers \
                 that overflow"
            ),
            Origin::Square(name) => write!(
                f,
                "the gradient of the parameter {name} is so large in {at}, where the {phase} loss is \
                 {loss}, that its square overflows, of which the optimizer keeps a mean: clip the \
                 gradient norm, or divide the loss by a constant"
            ),
            Origin::Parameter(name) if loss.is_finite() => write!(
                f,
                "a step made the parameter {name} infinite or NaN, as was seen in {at}, where the \
                 {phase} loss is {loss}: lower the learning rate, or clip the gradient norm"
            ),
            origin => write!(
                f,
                "the {phase} loss became {loss} in {at}: {}",
                way_out(origin)
            ),
        }
    }
}

/// About a loss that is not finite.
fn way_out(origin: &Origin) -> String {
    match origin {
        Origin::Batch => "the batch holds values that are not finite; check the data".into(),
        Origin::Parameter(name) => format!(
            "the parameter {name} is not finite, so the step before has spoiled it; lower the learning \
             rate, or clip the gradient norm"
        ),
        Origin::Layer(name) => format!(
            "the first output that is not finite is that of layer {name}, on a finite batch; \
             standardize the data, lower the learning rate, or clip the gradient norm"
        ),
        _ => "check the data for values that are not finite, standardize them, lower the learning rate, \
              or clip the gradient norm"
            .into(),
    }
}

/// The policy for a training loss, a gradient or a weight that is not finite; see
/// [`Trainer::on_non_finite`](crate::Trainer::on_non_finite).
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
/// use thalweg_train::{NonFinite, OnNonFinite, Origin, Trainer};
///
/// // The second of three batches holds a NaN.
/// let batches = [1.0, f32::NAN, 3.0].map(|x| Tensor::<1>::from_data([x], &device));
/// let data = Data::train(|_epoch| batches.clone());
/// let trainer = Trainer::new(1, 0.5).on_non_finite(OnNonFinite::Skip { at_most: 1 });
/// let trained = trainer.fit(model, sgd, &data, loss, &mut ());
/// assert!(trained.outcome.is_success());
/// let found: &NonFinite = &trained.survived[0];
/// assert!(found.batch == 1 && found.loss.is_nan());
/// assert_eq!(found.origin, Origin::Batch);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OnNonFinite {
    /// End the run. The best model stays.
    End,
    /// Leave the batch out, and end at the next one after `at_most`.
    ///
    /// The step of the batch is undone: weights, running statistics and the minimizer's memory are as
    /// before it. Where it is noticed later ([`Trainer::read_loss_every`](crate::Trainer::read_loss_every)),
    /// they are as when all were last seen to be finite. The run keeps a copy of them for that.
    Skip {
        /// How many batches may be left out.
        at_most: usize,
    },
    /// Put the best weights back (before there are any, the last finite ones), clear the minimizer's
    /// memory, shorten the steps and go on with the next batch; end at the next one after `at_most`.
    Recover {
        /// How many times.
        at_most: usize,
        /// On all following steps.
        scale: f64,
    },
}
