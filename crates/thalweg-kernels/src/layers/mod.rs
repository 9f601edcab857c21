//! Layers one after the other, on the host: of a multilayer perceptron, or of convolutions.
//!
//! Both are products of matrices: of rows of features and a weight, or of a kernel and matrices whose
//! columns are the positions of images. Pieces of the batch go through all layers together, one piece a
//! thread at a time, so that a piece's activations stay in the cache of a processor.

mod backward;
mod block;
mod forward;
mod gradient;
mod layer;
mod limit;
mod phases;
mod pieces;
mod ready;
mod shifts;
mod winograd;

use std::borrow::Cow;
use std::sync::Arc;

use burn::tensor::Tensor;

use self::layer::Layer;
pub(crate) use self::layer::LayerSize;
pub(crate) use self::ready::ReadyLayers;
use crate::host::activate::Monotone;
use crate::host::{HostOp, Input, Pass, run};

/// Layers, and what they run on.
///
/// Inputs: the images or rows, then each layer's weight and, if it has one, its bias.
///
/// Kept, for each piece in turn: the input of each layer after its activation, but for the first
/// layer's where it is the batch itself; and the output, if an activation stands there.
#[derive(Debug)]
struct LayersOp {
    batch: usize,
    /// Images that go through in all calls for which kernels are made ready.
    served: usize,
    channels: usize,
    height: usize,
    width: usize,
    layers: Vec<LayerSize>,
    /// In front of the first layer.
    first: Monotone,
    /// Between two layers.
    between: Monotone,
    /// Behind the last layer.
    last: Monotone,
    /// Of the output.
    shape: Vec<usize>,
}

/// A layer's sizes, weight and bias.
pub(crate) type Parameters = (LayerSize, Input, Option<Input>);

/// Runs layers on images, or on rows, which are images of one pixel; `None` where the host cannot.
/// Activations stand in front of the first layer, between two, and behind the last.
pub(crate) fn run_layers<const D: usize>(
    x: &Tensor<D>,
    layers: impl Iterator<Item = Parameters>,
    [first, between, last]: [Monotone; 3],
) -> Option<Tensor<D>> {
    let (mut inputs, mut sizes) = (vec![Input::from(x)], vec![]);
    for (size, weight, bias) in layers {
        sizes.push(size);
        inputs.push(weight);
        inputs.extend(bias);
    }
    if sizes.is_empty() {
        return None;
    }
    run(inputs, || {
        let mut shape = x.dims();
        let op = LayersOp {
            batch: shape[0],
            served: shape[0],
            channels: shape[1],
            height: if D == 4 { shape[2] } else { 1 },
            width: if D == 4 { shape[3] } else { 1 },
            first,
            between,
            last,
            shape: {
                shape[1] = sizes.last().map_or(shape[1], |size| size.outputs);
                shape.to_vec()
            },
            layers: sizes,
        };
        Arc::new(op)
    })
}

impl LayersOp {
    fn layers<'a>(&self, inputs: &[&'a [f32]]) -> Vec<Layer<'a>> {
        self.layers_of(&mut inputs[1..].iter().map(|input| Cow::Borrowed(*input)))
    }

    /// The layers of their weights and biases, in the order of the inputs.
    fn layers_of<'a>(&self, inputs: &mut dyn Iterator<Item = Cow<'a, [f32]>>) -> Vec<Layer<'a>> {
        let (images, mut at) = (self.images(), 1);
        let last = self.layers.len() - 1;
        let mut next = || inputs.next().expect("a weight, and a bias if there is one");
        let layers = self.layers.iter().enumerate().map(|(index, size)| {
            let (weight, bias) = (next(), size.biased.then(&mut next));
            let after = if index == last {
                self.last
            } else {
                self.between
            };
            let layer = Layer::new(*size, images, weight, bias, after, at);
            at += 1 + usize::from(size.biased);
            layer
        });
        layers.collect()
    }

    fn outputs(&self) -> usize {
        self.layers
            .last()
            .map_or(self.channels, |layer| layer.outputs)
    }

    /// Whether what goes through the layers are rows of features.
    fn by_samples(&self) -> bool {
        self.layers.iter().all(|layer| layer.of_rows)
    }

    /// Whether the first layer's input is kept, for being another than the batch.
    fn keeps_first(&self) -> bool {
        self.first != Monotone::Identity
    }

    fn keeps_output(&self) -> bool {
        self.last != Monotone::Identity
    }

    /// Arrays that are kept of each piece.
    fn kept_a_piece(&self) -> usize {
        self.layers.len() - 1 + usize::from(self.keeps_first()) + usize::from(self.keeps_output())
    }
}

impl HostOp for LayersOp {
    fn shape(&self) -> Vec<usize> {
        self.shape.clone()
    }

    fn forward(&self, inputs: &[&[f32]], kept: Option<&mut Vec<Vec<f32>>>) -> Vec<f32> {
        forward::forward(self, inputs, kept)
    }

    fn backward(&self, pass: Pass<'_>) -> Vec<Option<Vec<f32>>> {
        backward::backward(self, &pass)
    }

    fn takes_apart(&self) -> bool {
        // An activation in front of the first layer makes another input of the batch anyway.
        !self.keeps_first()
    }
}
