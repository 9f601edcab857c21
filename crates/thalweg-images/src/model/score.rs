//! Log-densities of images.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{DType, Tensor};
use thalweg_flow::{Base, Bijection, Dequantize, FlowError, Noise};
use thalweg_models::DiscreteFlow;
use thalweg_models::discrete::DiscreteConfig;
use thalweg_models::variational::importance_bound;

use super::{ImageModel, rows};

impl ImageModel {
    /// `ln p` of each image in nats, of pixels in the unit cube; the bound of `k` samples where the model has no more.
    ///
    /// Each image has the noise of its own seed, so its figure does not depend on the images beside it.
    pub(crate) fn log_probs(
        &self,
        levels: Tensor<4>,
        seeds: &[u64],
        dequantize: Dequantize,
        k: usize,
    ) -> Result<Vec<f64>, FlowError> {
        let log_prob = match self {
            Self::Glow(model) => of_unit(model, noisy(&levels, seeds, dequantize)?),
            Self::RealNvp(model) => of_unit(model, noisy(&levels, seeds, dequantize)?),
            Self::Nice(model) => of_unit(model, rows(noisy(&levels, seeds, dequantize)?)),
            Self::FlowMatching(model) => {
                model.log_prob(rows(noisy(&levels, seeds, dequantize)?))?
            }
            Self::Vae(model) => {
                // A probability of levels is a density that is the same all over a bin.
                let numbers = levels.dims()[1..].iter().product();
                let bins = dequantize.bits_per_dim(numbers).to_nats(0.0);
                let latents = model.config().latents;
                return each(&levels, seeds, |image, noise| {
                    let x = model.observe(rows(image), noise)?;
                    let (device, dtype) = (x.device(), x.dtype());
                    let bound = importance_bound(k, CHUNK, |n| {
                        let u = noise.normal([n, 1, latents], &device, dtype);
                        Ok(model.autoencoder.log_weights(x.clone(), &(), u))
                    })?;
                    Ok(bound[0] + bins)
                });
            }
            Self::Fvae(model) => {
                return each(&levels, seeds, |image, noise| {
                    let bound = importance_bound(k, CHUNK, |n| {
                        let bound = model.bound(image.clone().repeat_dim(0, n), noise)?;
                        Ok(bound.unsqueeze_dim(1))
                    })?;
                    Ok(bound[0])
                });
            }
        };
        let values = log_prob.try_into_data()?;
        Ok(values.iter::<f64>().collect())
    }
}

/// Samples of a bound that are computed together.
const CHUNK: usize = 64;

/// A figure of each image, by noise of its own.
fn each(
    levels: &Tensor<4>,
    seeds: &[u64],
    mut figure: impl FnMut(Tensor<4>, &mut Noise) -> Result<f64, FlowError>,
) -> Result<Vec<f64>, FlowError> {
    let images = seeds.iter().enumerate();
    images
        .map(|(index, seed)| {
            let image = levels.clone().narrow(0, index, 1);
            figure(image, &mut Noise::seeded(*seed))
        })
        .collect()
}

/// Images in the unit cube, each with its own noise.
fn noisy(
    levels: &Tensor<4>,
    seeds: &[u64],
    dequantize: Dequantize,
) -> Result<Tensor<4>, FlowError> {
    let images = seeds.iter().enumerate().map(|(index, seed)| {
        let image = levels.clone().narrow(0, index, 1);
        Ok(dequantize.apply(image, &mut Noise::seeded(*seed))?.0)
    });
    let images: Vec<Tensor<4>> = images.collect::<Result<_, FlowError>>()?;
    match images.is_empty() {
        true => Ok(levels.clone().cast(DType::F32)),
        false => Ok(Tensor::cat(images, 0)),
    }
}

/// `ln p` of samples in the unit cube.
fn of_unit<B, P, K, const D: usize>(model: &DiscreteFlow<B, P, K, D>, y: Tensor<D>) -> Tensor<1>
where
    B: Bijection<Data = Tensor<D>, Latent = K::Latent> + Module + ModuleDisplay,
    P: Base<Latent = K::Latent> + Module + ModuleDisplay,
    K: DiscreteConfig<D, Bijection = B, Base = P>,
{
    let (x, log_det) = model.config().rescale(y);
    model.flow.log_prob(x).add_scalar(log_det)
}
