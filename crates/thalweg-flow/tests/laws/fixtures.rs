//! Layers and networks that the tests of several themes build.

use std::cell::Cell;

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::{
    Activation, Additive, Affine, Coupling, InBlocks, Mlp, MlpConfig, ModulationConfig, Network,
    Noise, Permutation, ResidualMlp, ResidualMlpConfig, Split, Standardize, Whiten,
};

/// Noise with another seed at each call.
///
/// Whatever a record forgets then differs between two modules that are built alike. Each test has
/// a thread of its own, so the seeds are the same in every run.
pub(crate) fn fresh_noise() -> Noise {
    thread_local!(static CALLS: Cell<u64> = const { Cell::new(0) });
    Noise::seeded(CALLS.replace(CALLS.get() + 1))
}

/// An MLP with one bounded hidden layer, so that an `exp` behind it does not overflow.
pub(crate) fn mlp(inputs: usize, outputs: usize, device: &Device) -> Mlp {
    MlpConfig::new(inputs, vec![8], outputs)
        .with_activation(Activation::Tanh)
        .init(&mut fresh_noise(), device)
}

pub(crate) fn residual(inputs: usize, outputs: usize, device: &Device) -> ResidualMlp {
    ResidualMlpConfig::new(inputs, 6, 2, outputs)
        .with_activation(Activation::Silu)
        .init(&mut fresh_noise(), device)
}

/// [`residual`], changed at its layers by the last of its inputs, `context` of them.
pub(crate) fn modulated(
    [inputs, context, outputs]: [usize; 3],
    config: ModulationConfig,
    device: &Device,
) -> ResidualMlp {
    let modulation = config.init([context, 6, 2], &mut fresh_noise(), device);
    residual(inputs, outputs, device).with_modulation(modulation)
}

/// The changes in the blocks of a network, with those behind its first layer and in front of its blocks.
pub(crate) fn changes(blocks: InBlocks) -> ModulationConfig {
    ModulationConfig {
        first: true,
        blocks,
        norms: true,
    }
}

/// NICE's coupling.
pub(crate) fn additive(
    split: Split,
    features: usize,
    transformer: Additive,
    device: &Device,
) -> Coupling<Additive, Mlp> {
    let (kept, transformed) = split.sizes(features);
    Coupling::new(split, transformer, mlp(kept, transformed, device))
}

/// RealNVP's coupling with its default scale.
pub(crate) fn affine(split: Split, features: usize, device: &Device) -> Coupling<Affine, Mlp> {
    let (kept, transformed) = split.sizes(features);
    Coupling::new(split, Affine::new(), mlp(kept, 2 * transformed, device))
}

pub(crate) fn shuffled<const D: usize>(features: usize, device: &Device) -> Permutation<D> {
    Permutation::shuffled(features, &mut fresh_noise(), device)
}

/// A standardization of data of deviation 3 around 2.
pub(crate) fn standardize<const D: usize>(shape: [usize; D], device: &Device) -> Standardize<D> {
    let data = fresh_noise().normal(shape, device, DType::F64) * 3.0 + 2.0;
    Standardize::fit(&data).expect("finite data").layer
}

/// A whitening of three correlated features.
pub(crate) fn whiten(device: &Device) -> Whiten {
    let mixing = Tensor::<2>::from_data(
        [[2.0, 0.3, -1.0], [0.0, 1.5, 0.7], [0.0, 0.0, 0.6]],
        (device, DType::F64),
    );
    let data = fresh_noise().normal([40, 3], device, DType::F64);
    Whiten::fit(&(data.matmul(mixing) + 1.0), 0.0).expect("independent features")
}

/// A user's network for images: a bounded function, then one matrix over the channels at each
/// position, which is a 1×1 convolution.
#[derive(Module, Debug)]
pub(crate) struct Pointwise {
    weight: Param<Tensor<3>>,
    bias: Param<Tensor<1>>,
}

impl Pointwise {
    pub(crate) fn new(inputs: usize, outputs: usize, device: &Device) -> Self {
        let shape = [1, outputs, inputs];
        let weight = fresh_noise().normal(shape, device, DType::F32) * 0.3;
        Self {
            weight: Param::from_tensor(weight),
            bias: Param::from_tensor(Tensor::zeros([outputs], device)),
        }
    }
}

impl<C> Network<C, 4> for Pointwise {
    fn apply(&self, kept: Tensor<4>, _: &C) -> Tensor<4> {
        let [batch, channels, height, width] = kept.dims();
        let columns = kept.tanh().reshape([batch, channels, height * width]);
        let outputs = self.bias.val().dims()[0];
        let out = self.weight.val().matmul(columns) + self.bias.val().reshape([1, outputs, 1]);
        out.reshape([batch, outputs, height, width])
    }

    fn inputs(&self) -> Option<usize> {
        Some(self.weight.dims()[2])
    }
}
