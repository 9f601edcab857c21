//! Trained flows as plain numbers: of vectors, for one point at a time, and of images.

mod chain;
mod coupling;
mod dense;
mod density;
mod flow;
mod images;
mod matrix;
mod network;
mod order;
mod per_feature;
mod transform;

pub use dense::Dense;
pub use density::Density;
pub use flow::CompiledFlow;
pub use images::{
    Batch, ChannelMap, CompileImages, CompileNetwork, CompiledImages, ImageLayer, ImageLayers,
    ImageNetwork,
};
pub use network::Network;
use order::Ordered;
pub use per_feature::PerFeature;
pub use transform::Transform;

use std::fmt::Debug;

use burn::tensor::Tensor;

/// What has a form of plain numbers.
///
/// | of | the form |
/// |---|---|
/// | a bijection of vectors | [`Layers`] |
/// | a base density | `Box<dyn Density>` |
/// | a transformer | `Box<dyn Transform>` |
/// | a scale map | [`LogScales`] |
/// | a coupling's network | [`Network`] |
///
/// A layer of one's own gives a `Box<dyn Layer>`; a chain gives the layers of its parts in order.
pub trait Compile {
    /// The form.
    type Plain;

    /// Reads the parameters from the device, once: the form does not follow them.
    fn compile(&self) -> Self::Plain;
}

/// The layers of a bijection, first to last.
pub type Layers = Vec<Box<dyn Layer>>;

/// A bijection of one vector, in place.
pub trait Layer: Debug + Send + Sync {
    /// `x` becomes `z = f(x)`; gives `ln |det ∂f/∂x|`.
    fn forward(&self, x: &mut [f32], scratch: &mut Scratch) -> f64;

    /// `z` becomes `x = f⁻¹(z)`; gives `ln |det ∂f⁻¹/∂z|`.
    fn inverse(&self, z: &mut [f32], scratch: &mut Scratch) -> f64;
}

/// Memory that calls use again: one a thread. The first call makes it large enough.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    point: Vec<f32>,
    copy: Vec<f32>,
    kept: Vec<f32>,
    transformed: Vec<f32>,
    parameters: Vec<f32>,
    spare: Vec<f32>,
}

impl Scratch {
    /// The numbers of `x`, to be read while `x` is written.
    pub fn copy_of(&mut self, x: &[f32]) -> &[f32] {
        refill(&mut self.copy, x.iter().copied());
        &self.copy
    }
}

/// Other numbers in the memory of a vector.
fn refill(vector: &mut Vec<f32>, numbers: impl Iterator<Item = f32>) {
    vector.clear();
    vector.extend(numbers);
}

/// # Panics
///
/// Unless there are as many numbers as a layer has features.
fn assert_same_length(features: usize, x: &[f32]) {
    assert!(
        features == x.len(),
        "a layer of {features} features got a point of {}",
        x.len()
    );
}

/// # Panics
///
/// Unless a transformer has all its parameters of each number.
fn assert_parameters(each: usize, numbers: usize, parameters: &[f32]) {
    assert!(
        parameters.len() == each * numbers,
        "a transformer of {numbers} numbers takes {} parameters, {each} for each, and got {}",
        each * numbers,
        parameters.len()
    );
}

/// A number beyond the largest as that one, as tensors have it; NaN stays NaN.
fn finite(x: f32) -> f32 {
    x.clamp(f32::MIN, f32::MAX)
}

/// What a product of matrices has as headroom, as tensors do: terms that are too large for their sum
/// may cancel.
const HEADROOM: f32 = 65_536.0;

/// The numbers of a tensor.
fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.inner().into_data().iter::<f64>().collect()
}

/// The numbers of a tensor, in f32.
fn host_f32<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    host(tensor).into_iter().map(|x| x as f32).collect()
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::Scratch;
    use crate::base::StandardNormal;
    use crate::{Affine, Coupling, Flow, Mlp, MlpConfig, Noise, Permutation, Plu, Split};

    /// Networks of different depths and widths, which swap their memory.
    #[test]
    fn calls_after_the_first_allocate_nothing() {
        let (device, mut noise) = (Device::default(), Noise::seeded(0));
        let mut coupling = |hidden| -> Coupling<Affine, Mlp> {
            let net = MlpConfig::new(2, hidden, 6).init(&mut noise, &device);
            Coupling::new(Split::half(), Affine::new(), net)
        };
        let bijection = (
            coupling(vec![9]),
            coupling(vec![8, 40]),
            crate::InvertibleLinear::<Plu>::new(Plu::rotation(5, &mut Noise::seeded(1), &device)),
            Permutation::shuffled(5, &mut Noise::seeded(2), &device),
            coupling(vec![]),
        );
        let flow = Flow::new(bijection, StandardNormal::new(5)).compile();
        let mut scratch = Scratch::default();
        let memory = |scratch: &Scratch| {
            let Scratch {
                point,
                copy,
                kept,
                transformed,
                parameters,
                spare,
            } = scratch;
            let mut places = [point, copy, kept, transformed, parameters, spare]
                .map(|vector| (vector.as_ptr(), vector.capacity()));
            places.sort();
            places
        };
        let (mut x, mut noise) = ([0.1; 5], Noise::seeded(3));
        flow.log_prob(&x, &mut scratch);
        let before = memory(&scratch);
        for _ in 0..5 {
            flow.log_prob(&x, &mut scratch);
            flow.sample(1.0, &mut noise, &mut x, &mut scratch);
            flow.encode(&mut x, &mut scratch);
            assert_eq!(memory(&scratch), before);
        }
    }
}
