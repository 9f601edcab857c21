//! The models in Burn's own training loop, `burn-train`, which trains on several devices.
//!
//! Every model has `burn_train::TrainStep` and `InferenceStep`: its input is [`Seeded`] rows,
//! which [`Loader`] deals out, and its output [`Nats`], which burn-train's `LossMetric` reads.
//!
//! Burn adds up the gradients of the devices, each of which takes a batch of its own: `n` devices
//! make a step of `n` times the mean gradient over all their rows. Adam does not see the factor;
//! for gradient descent divide the learning rate by `n`. Distributed data parallel training wants
//! collective operations, which in Burn 0.22.1 only CUDA has: [`distributed`] says so before Burn
//! panics.
//!
//! A batch that a model refuses, such as pixels that are no levels, panics with the model's message:
//! burn-train's steps return no error.
//!
//! `thalweg_train::Trainer` trains with callbacks, goes on to the bit, and takes several devices
//! too; this module is for programs that live in burn-train already.

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
use crate::{ConditionalGlow, ConditionalVae, CouplingFlow, Fvae, Glow, Nice, RealNvp, Vae, Vib};

/// Rows, and the seed of the noise that a model adds to them.
#[derive(Debug, Clone)]
pub struct Seeded<R> {
    /// What the model's `loss` takes: `[batch, ..]`, for models given labels with these beside.
    pub rows: R,
    /// Of the noise.
    pub seed: u64,
}

/// What a step gives: the mean of `−log p` over its batch, in nats, of the bound on it, or for a
/// classifier of its loss.
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

/// The loss. burn-train's steps return no error, so data that a model refuses end its run here.
fn taken(loss: Result<Tensor<1>, FlowError>) -> Tensor<1> {
    loss.unwrap_or_else(|error| panic!("the loss refused its batch: {error}"))
}

/// Rows and their labels.
type Labelled<const D: usize> = (Tensor<D>, Tensor<1, Int>);

steps!(Nice, of Tensor<2>: |nice, x, noise| nice.loss(x, noise));
steps!(CouplingFlow, of Tensor<2>: |flow, x, _noise| Ok(flow.loss(x)));
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
