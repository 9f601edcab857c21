//! Latents of images, and images of latents.

use burn::tensor::Tensor;
use thalweg_flow::{FlowError, Latents, Noise};
use thalweg_models::image::ImageConfig;
use thalweg_models::{ImageFlow, ImageSize};

use super::{ImageModel, rows};

impl ImageModel {
    /// The numbers in a latent.
    pub(crate) fn width(&self, image: ImageSize) -> usize {
        match self {
            Self::Glow(_) | Self::RealNvp(_) | Self::Nice(_) | Self::FlowMatching(_) => {
                image.numbers()
            }
            Self::Vae(model) => model.config().latents,
            Self::Fvae(model) => numbers(&model.config().flow_latents()),
        }
    }

    /// The latents, `[batch, width]`, of images in the unit cube; of a model that is no flow, those of the posterior's
    /// middle.
    pub(crate) fn encode(&self, y: Tensor<4>) -> Result<Tensor<2>, FlowError> {
        Ok(match self {
            Self::Glow(model) => model.encode(y).flatten(),
            Self::RealNvp(model) => model.encode(y).flatten(),
            Self::Nice(model) => model.encode(rows(y)),
            Self::FlowMatching(model) => model.encode(rows(y))?,
            Self::Vae(model) => model.autoencoder.posterior(rows(y), &()).mean(),
            Self::Fvae(model) => model.encode(y).flatten(),
        })
    }

    /// The images of latents, in the unit cube or a little outside it.
    pub(crate) fn decode(&self, z: Tensor<2>, image: ImageSize) -> Result<Tensor<4>, FlowError> {
        let planes = |rows: Tensor<2>| planes(rows, image);
        Ok(match self {
            Self::Glow(model) => restored(model, z),
            Self::RealNvp(model) => restored(model, z),
            Self::Nice(model) => planes(model.decode(z)),
            Self::FlowMatching(model) => planes(model.decode(z)?),
            Self::Vae(model) => planes(model.decode(z, &())),
            Self::Fvae(model) => model.decode(Latents::restore(z, &model.config().flow_latents())),
        })
    }

    /// Images in the unit cube, or a little outside it.
    pub(crate) fn sample(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
        image: ImageSize,
    ) -> Result<Tensor<4>, FlowError> {
        Ok(match self {
            Self::Glow(model) => model.sample(n, temperature, noise),
            Self::RealNvp(model) => model.sample(n, temperature, noise),
            Self::Nice(model) => planes(model.sample(n, temperature, noise), image),
            Self::FlowMatching(model) => planes(model.sample(n, temperature, noise)?, image),
            Self::Vae(model) => planes(model.sample(n, &(), temperature, noise), image),
            Self::Fvae(model) => model.sample(n, temperature, noise),
        })
    }
}

fn numbers(shapes: &[[usize; 3]]) -> usize {
    shapes
        .iter()
        .map(|shape| shape.iter().product::<usize>())
        .sum()
}

fn planes(rows: Tensor<2>, image: ImageSize) -> Tensor<4> {
    let [channels, height, width] = image.shape();
    let count = rows.dims()[0];
    rows.reshape([count, channels, height, width])
}

/// The images of flat latents of a multi-scale flow.
fn restored<B, K>(model: &ImageFlow<B, K>, z: Tensor<2>) -> Tensor<4>
where
    B: thalweg_flow::Bijection<Data = Tensor<4>, Latent = Latents>,
    K: ImageConfig<Bijection = B>,
{
    model.decode(Latents::restore(z, &model.config().latent_shapes()))
}
