//! Trained flows of vectors as plain numbers, for one point at a time.

mod chain;
mod coupling;
mod dense;
mod density;
mod flow;
mod matrix;
mod network;
mod order;
mod per_feature;
mod spline;
mod transform;

pub use dense::Dense;
pub use density::Density;
pub use flow::CompiledFlow;
pub use network::Network;
pub use per_feature::PerFeature;
pub use transform::{LogScales, Transform};

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

/// The numbers of a tensor.
fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.inner().into_data().iter::<f64>().collect()
}

/// The numbers of a tensor, in f32.
fn host_f32<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    host(tensor).into_iter().map(|x| x as f32).collect()
}
