//! Flows of images.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
#[cfg(feature = "check")]
use thalweg_check::{Check, CheckError, Options, check};
use thalweg_flow::{
    Base, Bijection, Dequantize, FlowError, Latents, Lower, Noise, Placement, Steps,
};
use thalweg_models::discrete::DiscreteConfig;
use thalweg_models::image::ImageConfig;
use thalweg_models::{
    ContinuousFlow, ContinuousFlowConfig, DiscreteFlow, ImageFlow, ImageSize, ModelConfig, Nice,
    NiceConfig,
};

use super::pixels::{Pixels, noisy, on_host, planes, rows};

impl<B, K> Pixels for ImageFlow<B, K>
where
    B: Bijection<Data = Tensor<4>, Latent = Latents> + Lower + Sync,
    K: ImageConfig<Bijection = B>,
{
    fn name(&self) -> &'static str {
        K::KIND
    }

    fn placement(&self) -> Placement {
        Placement::of(&self.flow)
    }

    fn log_probs(
        &self,
        levels: Tensor<4>,
        seeds: &[u64],
        dequantize: Dequantize,
        _: usize,
    ) -> Result<Vec<f64>, FlowError> {
        on_host(of_unit(self, noisy(&levels, seeds, dequantize)?))
    }

    fn encode(&self, y: Tensor<4>) -> Result<Tensor<2>, FlowError> {
        Ok(Self::encode(self, y).flatten())
    }

    fn decode(&self, z: Tensor<2>, _: ImageSize) -> Result<Tensor<4>, FlowError> {
        let z = Latents::restore(z, &self.config().latent_shapes());
        Ok(Self::decode(self, z))
    }

    fn scales(&self) -> usize {
        self.config().latent_shapes().len()
    }

    fn sample(
        &self,
        n: usize,
        temperatures: &[f64],
        noise: &mut Noise,
        _: ImageSize,
    ) -> Result<Tensor<4>, FlowError> {
        Ok(self.sample_scales(n, temperatures, noise))
    }

    #[cfg(feature = "check")]
    fn check(
        &self,
        levels: Tensor<4>,
        _: Dequantize,
        options: &Options,
    ) -> Result<Check, CheckError> {
        check(self, &levels, options)
    }
}

impl Pixels for Nice {
    fn name(&self) -> &'static str {
        NiceConfig::KIND
    }

    fn placement(&self) -> Placement {
        Placement::of(&self.flow)
    }

    fn log_probs(
        &self,
        levels: Tensor<4>,
        seeds: &[u64],
        dequantize: Dequantize,
        _: usize,
    ) -> Result<Vec<f64>, FlowError> {
        on_host(of_unit(self, rows(noisy(&levels, seeds, dequantize)?)))
    }

    fn encode(&self, y: Tensor<4>) -> Result<Tensor<2>, FlowError> {
        Ok(Self::encode(self, rows(y)))
    }

    fn decode(&self, z: Tensor<2>, image: ImageSize) -> Result<Tensor<4>, FlowError> {
        Ok(planes(Self::decode(self, z), image))
    }

    fn sample(
        &self,
        n: usize,
        temperatures: &[f64],
        noise: &mut Noise,
        image: ImageSize,
    ) -> Result<Tensor<4>, FlowError> {
        Ok(planes(Self::sample(self, n, temperatures[0], noise), image))
    }

    #[cfg(feature = "check")]
    fn check(
        &self,
        levels: Tensor<4>,
        _: Dequantize,
        options: &Options,
    ) -> Result<Check, CheckError> {
        check(self, &rows(levels), options)
    }
}

impl Pixels for ContinuousFlow {
    fn name(&self) -> &'static str {
        ContinuousFlowConfig::KIND
    }

    fn placement(&self) -> Placement {
        Placement::of(&self.flow)
    }

    fn log_probs(
        &self,
        levels: Tensor<4>,
        seeds: &[u64],
        dequantize: Dequantize,
        _: usize,
    ) -> Result<Vec<f64>, FlowError> {
        on_host(self.log_prob(rows(noisy(&levels, seeds, dequantize)?))?)
    }

    fn encode(&self, y: Tensor<4>) -> Result<Tensor<2>, FlowError> {
        Self::encode(self, rows(y))
    }

    fn decode(&self, z: Tensor<2>, image: ImageSize) -> Result<Tensor<4>, FlowError> {
        Ok(planes(Self::decode(self, z)?, image))
    }

    fn sample(
        &self,
        n: usize,
        temperatures: &[f64],
        noise: &mut Noise,
        image: ImageSize,
    ) -> Result<Tensor<4>, FlowError> {
        Ok(planes(
            Self::sample(self, n, temperatures[0], noise)?,
            image,
        ))
    }

    fn tolerance(&self) -> Option<f64> {
        match self.config().integration.steps {
            Steps::Adaptive { absolute, .. } => Some(absolute),
            _ => None,
        }
    }

    #[cfg(feature = "check")]
    fn check(
        &self,
        levels: Tensor<4>,
        dequantize: Dequantize,
        options: &Options,
    ) -> Result<Check, CheckError> {
        let noise = &mut Noise::seeded(options.seed);
        let (y, _) = dequantize.apply(rows(levels), noise)?;
        check(self, &y, options)
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
