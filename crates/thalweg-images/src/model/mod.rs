//! The models of images behind one set of methods.

mod architecture;
mod bounds;
mod flows;
mod pixels;

pub(crate) use architecture::{Architecture, Sizes};
pub(crate) use pixels::Pixels;

use std::sync::Arc;

use burn::module::Module;
use burn::tensor::Tensor;
use pixels::rows;
use thalweg_flow::{Dequantize, FlowError, Noise};
use thalweg_models::variational::{ElboLoss, KlForm};
use thalweg_models::{ContinuousFlow, Fvae, Glow, Nice, RealNvp, Vae};

/// A model of images, `[batch, channels, height, width]` of levels as floats.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // there is one at a time
pub(crate) enum ImageModel {
    Glow(Glow),
    RealNvp(RealNvp),
    Nice(Nice),
    FlowMatching(ContinuousFlow),
    Vae(Vae),
    Fvae(Fvae),
}

/// The bound as it is, with the analytic divergence.
const BOUND: ElboLoss = ElboLoss {
    beta: 1.0,
    free_nats: 0.0,
    kl: KlForm::Analytic,
};

impl ImageModel {
    /// Fits the layers that start from data to a batch: once, before training.
    pub(crate) fn initialize(
        self,
        levels: Tensor<4>,
        dequantize: Dequantize,
        noise: &mut Noise,
    ) -> Result<Self, FlowError> {
        Ok(match self {
            Self::Glow(model) => Self::Glow(model.initialize(levels, noise)?),
            Self::RealNvp(model) => Self::RealNvp(model.initialize(levels, noise)?),
            Self::Nice(model) => Self::Nice(model.initialize(rows(levels), noise)?),
            Self::FlowMatching(model) => {
                let (y, _) = dequantize.apply(rows(levels), noise)?;
                Self::FlowMatching(model.initialize(&y)?)
            }
            Self::Vae(model) => Self::Vae(model.initialize(rows(levels), &(), noise)?),
            Self::Fvae(model) => Self::Fvae(model.initialize(levels, noise)?),
        })
    }

    /// The training loss, `[1]`.
    pub(crate) fn loss(
        &self,
        levels: Tensor<4>,
        dequantize: Dequantize,
        noise: &mut Noise,
    ) -> Result<Tensor<1>, FlowError> {
        match self {
            Self::Glow(model) => model.loss(levels, noise),
            Self::RealNvp(model) => model.loss(levels, noise),
            Self::Nice(model) => model.loss(rows(levels), noise),
            Self::FlowMatching(model) => {
                let (y, _) = dequantize.apply(rows(levels), noise)?;
                model.loss(y, noise)
            }
            Self::Vae(model) => model.loss(rows(levels), &(), &BOUND, noise),
            Self::Fvae(model) => model.loss(levels, noise),
        }
    }

    /// The model for whoever does not train it.
    pub(crate) fn pixels(self) -> Arc<dyn Pixels> {
        match self {
            Self::Glow(model) => Arc::new(model),
            Self::RealNvp(model) => Arc::new(model),
            Self::Nice(model) => Arc::new(model),
            Self::FlowMatching(model) => Arc::new(model),
            Self::Vae(model) => Arc::new(model),
            Self::Fvae(model) => Arc::new(model),
        }
    }
}
