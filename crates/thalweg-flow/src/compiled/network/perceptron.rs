//! Multilayer perceptrons.

use burn::nn::Linear;
use thalweg_kernels::{NETWORK_LIMIT, activate};

use super::{CompiledNetwork, LowerNetwork, assert_takes};
use crate::compiled::dense::Dense;
use crate::compiled::scratch::sized;
use crate::compiled::{Lowering, Scratch, host_f32};
use crate::networks::standardized::EPSILON;
use crate::{Activation, Mlp, StandardizedMlp};

/// A multilayer perceptron of vectors.
#[derive(Debug)]
pub(super) struct Perceptron {
    /// Whether the inputs are bounded by [`NETWORK_LIMIT`].
    is_bounded: bool,
    /// Each layer, and the activation of its inputs.
    layers: Vec<(Option<Activation>, Dense)>,
    /// The activation of the outputs.
    last: Option<Activation>,
    /// Whether activations are standardized.
    is_standardized: bool,
    widest: usize,
}

impl Perceptron {
    pub(super) fn new(
        is_bounded: bool,
        layers: impl IntoIterator<Item = (Option<Activation>, Dense)>,
        last: Option<Activation>,
    ) -> Self {
        let layers: Vec<(_, Dense)> = layers.into_iter().collect();
        let sizes = layers.iter().flat_map(|(_, dense)| dense.sizes());
        Self {
            is_bounded,
            widest: sizes.max().unwrap_or(0),
            layers,
            last,
            is_standardized: false,
        }
    }

    /// Layers with an activation between two.
    fn hidden(layers: &[Linear], activation: Activation, last: Option<Activation>) -> Self {
        let before = |index| (index > 0).then_some(activation);
        let layers = layers.iter().enumerate();
        let layers = layers.map(|(index, layer)| (before(index), dense(layer)));
        Self::new(true, layers, last)
    }

    pub(super) fn sizes(&self) -> [usize; 2] {
        let size = |layer: Option<&(_, Dense)>| layer.map_or([0, 0], |(_, dense)| dense.sizes());
        [size(self.layers.first())[0], size(self.layers.last())[1]]
    }
}

impl CompiledNetwork for Perceptron {
    fn apply(&self, x: &[f32], stride: usize, y: &mut Vec<f32>, scratch: &mut Scratch) {
        let [inputs, outputs] = self.sizes();
        y.resize(x.len().div_ceil(stride) * outputs, 0.0);
        let [a, b] = &mut scratch.layers;
        let (mut a, mut b) = (sized(a, self.widest), sized(b, self.widest));
        let most = if self.is_bounded {
            NETWORK_LIMIT
        } else {
            f32::INFINITY
        };
        for (x, y) in x.chunks(stride).zip(y.chunks_exact_mut(outputs)) {
            let numbers = a.iter_mut().zip(&x[..inputs]);
            numbers.for_each(|(a, x)| *a = x.clamp(-most, most));
            for (activation, dense) in &self.layers {
                let [inputs, outputs] = dense.sizes();
                activate(*activation, &mut a[..inputs]);
                if self.is_standardized && activation.is_some() {
                    standardize(&mut a[..inputs]);
                }
                dense.apply(&a[..inputs], &mut b[..outputs]);
                std::mem::swap(&mut a, &mut b);
            }
            let numbers = y.iter_mut().zip(&a[..outputs]);
            numbers.for_each(|(y, a)| *y = *a);
            activate(self.last, y);
        }
    }
}

pub(in crate::compiled) fn dense(layer: &Linear) -> Dense {
    let weight = layer.weight.val();
    let none = || vec![0.0; weight.dims()[1]];
    let bias = layer.bias.as_ref().map(|bias| host_f32(bias.val()));
    Dense::of_rows(
        &host_f32(weight.clone().transpose()),
        bias.unwrap_or_else(none),
    )
}

/// To mean 0 and deviation 1; see [`StandardizedMlp`].
fn standardize(x: &mut [f32]) {
    let count = x.len() as f64;
    let mean = x.iter().map(|x| f64::from(*x)).sum::<f64>() / count;
    let squares = x.iter().map(|x| (f64::from(*x) - mean).powi(2));
    let deviation = (squares.sum::<f64>() / (count - 1.0) + EPSILON).sqrt();
    x.iter_mut()
        .for_each(|x| *x = ((f64::from(*x) - mean) / deviation) as f32);
}

impl<C> LowerNetwork<C> for StandardizedMlp {
    fn lower_network(&self, _: &mut Lowering, kept: [usize; 3]) -> Box<dyn CompiledNetwork> {
        assert_takes(self, kept);
        Box::new(Perceptron {
            is_standardized: true,
            ..Perceptron::hidden(&self.layers, self.activation, None)
        })
    }
}

impl<C> LowerNetwork<C> for Mlp {
    fn lower_network(&self, _: &mut Lowering, kept: [usize; 3]) -> Box<dyn CompiledNetwork> {
        assert_takes(self, kept);
        let network = Perceptron::hidden(&self.layers, self.activation, self.output_activation);
        Box::new(network)
    }
}
