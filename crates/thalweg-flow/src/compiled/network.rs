//! The networks of couplings.

use thalweg_kernels::NETWORK_LIMIT;

use super::{Compile, Dense, refill};
use crate::{Activation, Mlp};

/// A multilayer perceptron of one vector.
#[derive(Debug)]
pub struct Network {
    layers: Vec<(Dense, Option<Activation>)>,
    widest: usize,
}

impl Network {
    /// Fills `outputs` with what the network gives for `inputs`; `spare` is memory that it may use.
    pub(super) fn apply(&self, inputs: &[f32], outputs: &mut Vec<f32>, spare: &mut Vec<f32>) {
        // They are swapped below, so each is to be large enough for every layer.
        for memory in [&mut *outputs, &mut *spare] {
            memory.clear();
            memory.reserve(self.widest);
        }
        refill(spare, limited(inputs));
        for (dense, activation) in &self.layers {
            dense.apply(spare, outputs);
            if let Some(activation) = activation {
                activate(*activation, outputs);
            }
            std::mem::swap(spare, outputs);
        }
        std::mem::swap(spare, outputs);
    }
}

/// What a network sees of its inputs: see [`NETWORK_LIMIT`].
pub(super) fn limited(inputs: &[f32]) -> impl Iterator<Item = f32> {
    let limit = |x: &f32| x.clamp(-NETWORK_LIMIT, NETWORK_LIMIT);
    inputs.iter().map(limit)
}

fn activate(activation: Activation, numbers: &mut [f32]) {
    let each = |function: fn(f32) -> f32, numbers: &mut [f32]| {
        numbers.iter_mut().for_each(|x| *x = function(*x));
    };
    match activation {
        // A NaN stays one, as in tensors.
        Activation::Relu => numbers
            .iter_mut()
            .for_each(|x| *x = if *x < 0.0 { 0.0 } else { *x }),
        Activation::Tanh => each(f32::tanh, numbers),
        Activation::Silu => each(|x| x / (1.0 + (-x).exp()), numbers),
        Activation::LeakyRelu => each(|x| if x < 0.0 { 0.1 * x } else { x }, numbers),
    }
}

impl Compile for Mlp {
    type Plain = Network;

    fn compile(&self) -> Network {
        let last = self.layers.len() - 1;
        let layers = self.layers.iter().enumerate().map(|(index, layer)| {
            let bias = layer.bias.as_ref().map(|bias| bias.val());
            let activation = match index == last {
                true => self.output_activation,
                false => Some(self.activation),
            };
            (Dense::new(layer.weight.val(), bias), activation)
        });
        let layers: Vec<(Dense, _)> = layers.collect();
        let sizes = layers.iter().flat_map(|(dense, _)| dense.sizes());
        Network {
            widest: sizes.max().unwrap_or(0),
            layers,
        }
    }
}
