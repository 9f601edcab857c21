//! Flows on levels: NICE on vectors, Glow and RealNVP on images.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_flow::base::MultiScaleNormal;
use thalweg_flow::{Bijection, CompiledFlow, Flow, FlowError, Latents, Lower, Noise};
use thalweg_models::discrete::DiscreteConfig;
use thalweg_models::image::ImageConfig;
use thalweg_models::model::ModelConfig;
use thalweg_models::nice::{NiceBijection, NicePrior};
use thalweg_models::{ImageFlow, Nice};

use super::Subject;

/// The unit cube.
const CUBE: [f64; 2] = [0.0, 1.0];

/// Images at a time in the compiled form.
const IMAGES: usize = 8;

impl Subject<2> for Nice {
    type Context = ();
    type Latent = Tensor<2>;
    type Bijection = NiceBijection;
    type Base = NicePrior;

    fn name(&self) -> String {
        <thalweg_models::NiceConfig as ModelConfig>::KIND.to_owned()
    }

    fn without_tape(&self) -> Self {
        Module::valid(self)
    }

    fn flow(&self) -> &Flow<NiceBijection, NicePrior> {
        &self.flow
    }

    fn points(&self, rows: Tensor<2>, noise: &mut Noise) -> Result<Tensor<2>, FlowError> {
        Ok(self.dequantize().apply(rows, noise)?.0)
    }

    fn enter(&self, x: Tensor<2>) -> (Tensor<2>, f64) {
        self.config().rescale(x)
    }

    fn decode(&self, z: Tensor<2>, (): &()) -> Result<Tensor<2>, FlowError> {
        Ok(Nice::decode(self, z))
    }

    fn support(&self) -> Option<[f64; 2]> {
        Some(CUBE)
    }

    fn compiled(&self) -> Result<CompiledFlow, String> {
        Ok(self.compile())
    }
}

impl<B, K> Subject<4> for ImageFlow<B, K>
where
    B: Bijection<Data = Tensor<4>, Latent = Latents> + Lower,
    K: ImageConfig<Bijection = B>,
{
    type Context = ();
    type Latent = Latents;
    type Bijection = B;
    type Base = MultiScaleNormal;

    fn name(&self) -> String {
        <K as ModelConfig>::KIND.to_owned()
    }

    fn without_tape(&self) -> Self {
        Module::valid(self)
    }

    fn flow(&self) -> &Flow<B, MultiScaleNormal> {
        &self.flow
    }

    fn points(&self, rows: Tensor<4>, noise: &mut Noise) -> Result<Tensor<4>, FlowError> {
        Ok(self.dequantize().apply(rows, noise)?.0)
    }

    fn support(&self) -> Option<[f64; 2]> {
        Some(CUBE)
    }

    fn compiled(&self) -> Result<CompiledFlow, String> {
        Ok(self.compile(IMAGES).flow)
    }
}
