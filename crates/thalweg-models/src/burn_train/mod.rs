//! The models in Burn's own training loop, `burn-train`, which trains on several devices.
//!
//! Every model implements `burn_train::TrainStep` and `InferenceStep`: its input is [`Seeded`] rows
//! from a [`Loader`], and its output [`Nats`], an input of burn-train's `LossMetric`.
//!
//! Burn sums the gradients of the devices, each with its own batch: `n` devices make a step of `n`
//! times the mean gradient over all rows. Adam is invariant to the factor; for gradient descent divide
//! the learning rate by `n`. Distributed data parallel training needs collective operations, which in
//! Burn 0.22.1 only CUDA has: [`distributed`] returns an error where Burn panics.
//!
//! An invalid batch, such as pixels that are no levels, panics with the model's message: burn-train's
//! steps return no error.
//!
//! `thalweg_train::Trainer` has callbacks, exact resumption and several devices too; this module is
//! for programs that use burn-train already.

mod distributed;
mod loader;

pub use distributed::{DistributedError, distributed};
pub use loader::Loader;

use burn::tensor::{ExecutionError, Int, Tensor};
use burn_train::metric::{Adaptor, LossInput};
use burn_train::{InferenceStep, ItemLazy, TrainOutput, TrainStep};
use thalweg_flow::{FlowError, Noise};

use crate::variational::ElboLoss;
use crate::vib::VibLoss;
use crate::{
    AutoregressiveFlow, Categorical, ConditionalAutoregressiveFlow, ConditionalCategorical,
    ConditionalContinuousFlow, ConditionalCouplingFlow, ConditionalGlow, ConditionalVae,
    ContinuousFlow, CouplingFlow, Fvae, Glow, Nice, RealNvp, Vae, Vib,
};

/// Rows, and the seed of the noise that a model adds to them.
///
/// See [`Loader`] and [`Nats`] for an example.
#[derive(Debug, Clone)]
pub struct Seeded<R> {
    /// The input of the model's `loss`, `[batch, ..]`; for models with labels or conditions, a pair.
    pub rows: R,
    /// Of the noise.
    pub seed: u64,
}

/// The output of a step: the mean over its batch of `−log p` in nats, of the negative bound, of the loss of
/// flow matching, or of a classifier's loss.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_train::InferenceStep;
/// use thalweg_models::CouplingFlowConfig;
/// use thalweg_models::burn_train::{Nats, Seeded};
///
/// let device = Device::default();
/// let flow = CouplingFlowConfig::realnvp(2).init(&device);
/// let rows = Tensor::<2>::ones([5, 2], &device);
/// let Nats { loss } = flow.step(Seeded { rows: rows.clone(), seed: 0 });
/// assert_eq!(loss.to_data(), flow.loss(rows).to_data());
/// ```
#[derive(Debug, Clone)]
pub struct Nats {
    /// `[1]`.
    pub loss: Tensor<1>,
}

impl ItemLazy for Nats {
    fn sync(self) -> Result<Self, ExecutionError> {
        // The loss is read where the metric needs it.
        self.loss.device().flush()?;
        let loss = self.loss.without_autodiff();
        Ok(Self { loss })
    }
}

impl Adaptor<LossInput> for Nats {
    fn adapt(&self) -> LossInput {
        LossInput::new(self.loss.clone())
    }
}

macro_rules! steps {
    ($model:ty, of $rows:ty: |$this:ident, $pattern:pat_param, $noise:ident| $loss:expr) => {
        impl TrainStep for $model {
            type Input = Seeded<$rows>;
            type Output = Nats;

            fn step(&self, item: Self::Input) -> TrainOutput<Nats> {
                let output = InferenceStep::step(self, item);
                TrainOutput::new(self, output.loss.backward(), output)
            }
        }

        impl InferenceStep for $model {
            type Input = Seeded<$rows>;
            type Output = Nats;

            fn step(&self, item: Self::Input) -> Nats {
                let $pattern = item.rows;
                let ($this, $noise) = (self, &mut Noise::seeded(item.seed));
                let loss: Result<Tensor<1>, FlowError> = $loss;
                Nats { loss: taken(loss) }
            }
        }
    };
}

/// The loss. burn-train's steps return no error, so invalid data end its run here.
fn taken(loss: Result<Tensor<1>, FlowError>) -> Tensor<1> {
    loss.unwrap_or_else(|error| panic!("the loss refused its batch: {error}"))
}

/// Rows and their conditions, `[batch, context]`.
type Given = (Tensor<2>, Tensor<2>);

/// Rows and their labels.
type Labelled<const D: usize> = (Tensor<D>, Tensor<1, Int>);

steps!(Nice, of Tensor<2>: |nice, x, noise| nice.loss(x, noise));
steps!(CouplingFlow, of Tensor<2>: |flow, x, _noise| Ok(flow.loss(x)));
steps!(ConditionalCouplingFlow, of Given: |flow, (x, context), _noise| {
    Ok(flow.given(&context).loss(x))
});
steps!(AutoregressiveFlow, of Tensor<2>: |flow, x, _noise| Ok(flow.loss(x)));
steps!(ConditionalAutoregressiveFlow, of Given: |flow, (x, context), _noise| {
    Ok(flow.given(&context).loss(x))
});
steps!(Categorical, of Tensor<2, Int>: |model, codes, _noise| Ok(model.loss(codes)));
steps!(ConditionalCategorical, of (Tensor<2, Int>, Tensor<2>): |model, (codes, context), _noise| {
    Ok(model.given(&context).loss(codes))
});
steps!(ContinuousFlow, of Tensor<2>: |flow, x, noise| flow.loss(x, noise));
steps!(ConditionalContinuousFlow, of Given: |flow, (x, context), noise| {
    flow.given(&context).loss(x, noise)
});
steps!(Glow, of Tensor<4>: |glow, x, noise| glow.loss(x, noise));
steps!(ConditionalGlow, of Labelled<4>: |glow, (x, labels), noise| {
    glow.given(&labels).loss(x, noise)
});
steps!(RealNvp, of Tensor<4>: |flow, x, noise| flow.loss(x, noise));
steps!(Vae, of Tensor<2>: |vae, x, noise| vae.loss(x, &(), &ElboLoss::default(), noise));
steps!(ConditionalVae, of Labelled<2>: |vae, (x, labels), noise| {
    vae.loss(x, &labels, &ElboLoss::default(), noise)
});
steps!(Fvae, of Tensor<4>: |fvae, x, noise| fvae.loss(x, noise));
steps!(Vib, of Labelled<2>: |vib, (x, labels), noise| {
    vib.loss(x, labels, &VibLoss::default(), noise)
});
