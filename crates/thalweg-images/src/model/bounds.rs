//! Models whose nats are a bound.

use burn::tensor::Tensor;
use thalweg_flow::{Dequantize, FlowError, Latents, Noise, Placement};
use thalweg_models::variational::importance_bound;
use thalweg_models::{Fvae, FvaeConfig, ImageSize, ModelConfig, Vae, VaeConfig};

use super::pixels::{Pixels, each, planes, rows};

/// Samples of a bound that are computed together.
const CHUNK: usize = 64;

/// With a probability of levels: the nats of other likelihoods are of other data.
impl Pixels for Vae {
    fn name(&self) -> &'static str {
        VaeConfig::KIND
    }

    fn placement(&self) -> Placement {
        Placement::of(self)
    }

    fn width(&self, _: ImageSize) -> usize {
        self.config().latents
    }

    fn log_probs(
        &self,
        levels: Tensor<4>,
        seeds: &[u64],
        dequantize: Dequantize,
        k: usize,
    ) -> Result<Vec<f64>, FlowError> {
        // A probability of levels is a density that is the same all over a bin.
        let numbers = levels.dims()[1..].iter().product();
        let bins = dequantize.bits_per_dim(numbers).to_nats(0.0);
        let latents = self.config().latents;
        each(&levels, seeds, |image, noise| {
            let x = self.observe(rows(image), noise)?;
            let (device, dtype) = (x.device(), x.dtype());
            let bound = importance_bound(k, CHUNK, |n| {
                let u = noise.normal([n, 1, latents], &device, dtype);
                Ok(self.autoencoder.log_weights(x.clone(), &(), u))
            })?;
            Ok(bound[0] + bins)
        })
    }

    fn encode(&self, y: Tensor<4>) -> Result<Tensor<2>, FlowError> {
        Ok(self.autoencoder.posterior(rows(y), &()).mean())
    }

    fn decode(&self, z: Tensor<2>, image: ImageSize) -> Result<Tensor<4>, FlowError> {
        Ok(planes(Self::decode(self, z, &()), image))
    }

    fn sample(
        &self,
        n: usize,
        temperatures: &[f64],
        noise: &mut Noise,
        image: ImageSize,
    ) -> Result<Tensor<4>, FlowError> {
        let drawn = Self::sample(self, n, &(), temperatures[0], noise);
        Ok(planes(drawn, image))
    }

    fn is_bound(&self) -> bool {
        true
    }
}

impl Pixels for Fvae {
    fn name(&self) -> &'static str {
        FvaeConfig::KIND
    }

    fn placement(&self) -> Placement {
        Placement::of(self)
    }

    fn width(&self, _: ImageSize) -> usize {
        let shapes = self.config().flow_latents();
        let numbers = shapes.iter().map(|shape| shape.iter().product::<usize>());
        numbers.sum()
    }

    fn log_probs(
        &self,
        levels: Tensor<4>,
        seeds: &[u64],
        _: Dequantize,
        k: usize,
    ) -> Result<Vec<f64>, FlowError> {
        each(&levels, seeds, |image, noise| {
            let bound = importance_bound(k, CHUNK, |n| {
                let bound = self.bound(image.clone().repeat_dim(0, n), noise)?;
                Ok(bound.unsqueeze_dim(1))
            })?;
            Ok(bound[0])
        })
    }

    fn encode(&self, y: Tensor<4>) -> Result<Tensor<2>, FlowError> {
        Ok(Self::encode(self, y).flatten())
    }

    fn decode(&self, z: Tensor<2>, _: ImageSize) -> Result<Tensor<4>, FlowError> {
        let z = Latents::restore(z, &self.config().flow_latents());
        Ok(Self::decode(self, z))
    }

    fn sample(
        &self,
        n: usize,
        temperatures: &[f64],
        noise: &mut Noise,
        _: ImageSize,
    ) -> Result<Tensor<4>, FlowError> {
        Ok(Self::sample(self, n, temperatures[0], noise))
    }

    fn is_bound(&self) -> bool {
        true
    }
}
