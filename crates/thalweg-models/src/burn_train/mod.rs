//! The models in Burn's own training loop, `burn-train`, which trains on several devices.
//!
//! Every model here has `burn_train::TrainStep` and `InferenceStep`: its input is [`Seeded`] rows,
//! which [`Loader`] deals out, and its output [`Nats`], which burn-train's `LossMetric` reads.
//!
//! Burn adds up the gradients of the devices, each of which takes a batch of its own: `n` devices
//! make a step of `n` times the mean gradient over all their rows. Adam does not see the factor;
//! for gradient descent divide the learning rate by `n`. Distributed data parallel training wants
//! collective operations, which in Burn 0.22.1 only CUDA has: [`distributed`] says so before Burn
//! panics.
//!
//! `thalweg_train::Trainer` trains with callbacks, goes on to the bit, and takes several devices
//! too; this module is for programs that live in burn-train already.

mod distributed;
mod loader;

pub use distributed::{DistributedError, distributed};
pub use loader::Loader;

use burn::tensor::{ExecutionError, Tensor};
use burn_train::metric::{Adaptor, LossInput};
use burn_train::{InferenceStep, ItemLazy, TrainOutput, TrainStep};
use thalweg_flow::Noise;

use crate::{CouplingFlow, Glow, Nice, RealNvp};

/// Rows, and the seed of the noise that a model adds to them.
#[derive(Debug, Clone)]
pub struct Seeded<const D: usize> {
    /// `[batch, ..]`, as the model's `loss` takes them.
    pub rows: Tensor<D>,
    /// Of the noise.
    pub seed: u64,
}

/// What a step gives: the mean of `−log p` over its batch, in nats.
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
    ($model:ty, $rank:literal, [$($generics:tt)*], |$this:ident, $rows:ident, $noise:ident| $loss:expr) => {
        impl<$($generics)*> TrainStep for $model {
            type Input = Seeded<$rank>;
            type Output = Nats;

            fn step(&self, item: Self::Input) -> TrainOutput<Nats> {
                let output = InferenceStep::step(self, item);
                TrainOutput::new(self, output.loss.backward(), output)
            }
        }

        impl<$($generics)*> InferenceStep for $model {
            type Input = Seeded<$rank>;
            type Output = Nats;

            fn step(&self, Seeded { rows: $rows, seed }: Self::Input) -> Nats {
                let ($this, $noise) = (self, &mut Noise::seeded(seed));
                Nats { loss: $loss }
            }
        }
    };
}

steps!(Nice, 2, [], |nice, rows, noise| nice.loss(rows, noise));
steps!(Glow, 4, [], |glow, rows, noise| glow.loss(rows, noise));
steps!(RealNvp, 4, [], |flow, rows, noise| flow.loss(rows, noise));
steps!(CouplingFlow, 2, [], |flow, rows, _noise| flow.loss(rows));
