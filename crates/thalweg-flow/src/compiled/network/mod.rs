//! The networks of couplings.

mod beside;
mod perceptron;
mod periodic;
mod residual;

use std::fmt::Debug;

use super::{Lowering, Scratch};
use crate::Network;

pub(super) use perceptron::dense;
pub(super) use residual::Residual;

/// A network of samples of one size.
///
/// See [`LowerNetwork`] for an example.
pub trait CompiledNetwork: Debug + Send + Sync {
    /// Fills `y` with the outputs, sample after sample, for samples whose numbers begin at this stride.
    fn apply(&self, x: &[f32], stride: usize, y: &mut Vec<f32>, scratch: &mut Scratch);
}

/// A conditioner that has a compiled form, for the context `C`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::compiled::{CompiledNetwork, LowerNetwork, Lowering, Scratch};
/// use thalweg_flow::{MlpConfig, Noise};
///
/// let device = Device::default();
/// let mlp = MlpConfig::new(2, vec![8], 1).init(&mut Noise::seeded(0), &device);
/// let network = LowerNetwork::<()>::lower_network(&mlp, &mut Lowering::new([2, 1, 1], 1), [2, 1, 1]);
/// let mut y = vec![];
/// network.apply(&[0.5, -1.0], 2, &mut y, &mut Scratch::default());
/// let expected = mlp.forward(Tensor::from_floats([[0.5, -1.0]], &device)).into_scalar::<f32>();
/// assert!((y[0] - expected).abs() < 1e-6);
/// ```
pub trait LowerNetwork<C = (), const D: usize = 2>: Network<C, D> {
    /// The network of samples `[channels, height, width]`, in a plan that knows the batch and the context.
    ///
    /// # Panics
    ///
    /// When it takes another number of channels.
    fn lower_network(&self, plan: &mut Lowering, kept: [usize; 3]) -> Box<dyn CompiledNetwork>;
}

/// # Panics
///
/// Unless the network takes the channels of such samples.
pub(super) fn assert_takes<const D: usize>(network: &impl Network<(), D>, kept: [usize; 3]) {
    if let Some(inputs) = network.inputs().filter(|inputs| *inputs != kept[0]) {
        panic!(
            "the network of a coupling takes {inputs} channels and got {}, of samples {kept:?}",
            kept[0]
        );
    }
}
