//! Layers one after the other on slices: of a multilayer perceptron, or of convolutions.
//!
//! Both are products of matrices: rows of features times a weight, or a kernel times a matrix whose
//! columns are the pixels of images. Pieces of the batch go through all layers together, one piece a
//! thread at a time, so that a piece's activations stay in the cache of a processor.

mod backward;
mod block;
mod forward;
mod gradient;
mod layer;
mod phases;
mod pieces;
mod shifts;
mod winograd;

use std::borrow::Cow;
use std::sync::Arc;

use burn::tensor::Tensor;

use self::layer::Layer;
pub(crate) use self::layer::LayerSize;
use crate::Activation;
use crate::activation::needs_input;
use crate::host::{HostOp, Input, Pass, run};

/// The sizes of layers, and of their input.
///
/// Inputs of the operation: the images or rows, then each layer's weight and, if it has one, its bias.
///
/// Kept for the gradient, for each piece in turn: the input of each layer, but the first one's where it
/// is the batch itself; the output, if an activation follows the last layer whose derivative is a function
/// of it; and the slopes of each activation whose derivative is none. Those could be found again from the
/// activations' inputs, which take as much memory and two more exponentials a number.
#[derive(Debug)]
struct Network {
    batch: usize,
    /// Images in all calls for which kernels are packed once.
    total: usize,
    channels: usize,
    height: usize,
    width: usize,
    layers: Vec<LayerSize>,
    activations: Activations,
    /// Of the output.
    shape: Vec<usize>,
}

/// The activations in front of the first layer, between two, and behind the last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Activations {
    pub(crate) first: Option<Activation>,
    pub(crate) between: Option<Activation>,
    pub(crate) last: Option<Activation>,
}

/// A layer's sizes, weight and bias.
pub(crate) type Parameters = (LayerSize, Input, Option<Input>);

/// Runs layers on images, or on rows, which are images of one pixel; `None` where the tensors are not
/// f32 on the host, or there is no layer.
pub(crate) fn run_layers<const D: usize>(
    x: &Tensor<D>,
    layers: impl Iterator<Item = Parameters>,
    activations: Activations,
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
        let network = Network {
            batch: shape[0],
            total: shape[0],
            channels: shape[1],
            height: if D == 4 { shape[2] } else { 1 },
            width: if D == 4 { shape[3] } else { 1 },
            activations,
            shape: {
                shape[1] = sizes.last().map_or(shape[1], |size| size.outputs);
                shape.to_vec()
            },
            layers: sizes,
        };
        Arc::new(network)
    })
}

/// Layers with packed weights, for images of one size and a maximum batch size.
pub(crate) struct PackedLayers {
    network: Network,
    layers: Vec<Layer<'static>>,
}

impl PackedLayers {
    /// One layer or more: for each its weight and, if it has one, its bias.
    pub(crate) fn new(
        layers: Vec<(LayerSize, Vec<Vec<f32>>)>,
        activations: Activations,
        [height, width]: [usize; 2],
        images: usize,
    ) -> Self {
        let (sizes, parameters): (Vec<_>, Vec<_>) = layers.into_iter().unzip();
        let outputs = sizes.last().expect("a layer").outputs;
        let network = Network {
            batch: images,
            total: usize::MAX,
            channels: sizes[0].inputs,
            height,
            width,
            shape: vec![images, outputs, height, width],
            layers: sizes,
            activations,
        };
        let mut layers = network.layers_of(&mut parameters.into_iter().flatten().map(Cow::Owned));
        layers.iter_mut().for_each(Layer::pack_forward);
        Self { network, layers }
    }

    /// The output of images with this stride.
    pub(crate) fn apply(&self, x: &[f32], stride: usize) -> Vec<f32> {
        forward::through(&self.network, &self.layers, x, stride, false).0
    }
}

impl Network {
    fn layers<'a>(&self, inputs: &[&'a [f32]]) -> Vec<Layer<'a>> {
        self.layers_of(&mut inputs[1..].iter().map(|input| Cow::Borrowed(*input)))
    }

    /// The layers with these weights and biases, in the order of the inputs.
    fn layers_of<'a>(&self, inputs: &mut dyn Iterator<Item = Cow<'a, [f32]>>) -> Vec<Layer<'a>> {
        let (images, mut at) = (self.images(), 1);
        let mut next = || inputs.next().expect("a weight, and a bias if there is one");
        let layers = self.layers.iter().enumerate().map(|(index, size)| {
            let (weight, bias) = (next(), size.biased.then(&mut next));
            let layer = Layer::new(*size, images, weight, bias, self.before(index + 1), at);
            at += 1 + usize::from(size.biased);
            layer
        });
        layers.collect()
    }

    /// The activation in front of a layer, or behind the last.
    fn before(&self, layer: usize) -> Option<Activation> {
        match layer {
            0 => self.activations.first,
            layer if layer == self.layers.len() => self.activations.last,
            _ => self.activations.between,
        }
    }

    fn outputs(&self) -> usize {
        self.layers
            .last()
            .map_or(self.channels, |layer| layer.outputs)
    }

    /// Whether the layers map rows of features.
    fn by_samples(&self) -> bool {
        self.layers.iter().all(|layer| layer.of_rows)
    }

    /// Whether the first layer's input is kept: it is not the batch.
    fn keeps_first(&self) -> bool {
        self.activations.first.is_some()
    }

    fn keeps_output(&self) -> bool {
        self.activations.last.is_some() && !self.keeps_slopes(self.layers.len())
    }

    /// Whether the slopes of the activation in front of a layer are kept, or behind the last.
    fn keeps_slopes(&self, layer: usize) -> bool {
        needs_input(self.before(layer))
    }

    /// Arrays that are kept of each piece but the slopes, which come behind them.
    fn kept_before_slopes(&self) -> usize {
        self.layers.len() - 1 + usize::from(self.keeps_first()) + usize::from(self.keeps_output())
    }

    /// The place of the slopes of an activation among the kept arrays of a piece.
    fn place_of_slopes(&self, layer: usize) -> usize {
        let before = (0..layer).filter(|before| self.keeps_slopes(*before));
        self.kept_before_slopes() + before.count()
    }

    /// Arrays that are kept of each piece.
    fn kept_a_piece(&self) -> usize {
        self.place_of_slopes(self.layers.len() + 1)
    }
}

impl HostOp for Network {
    fn shape(&self) -> Vec<usize> {
        self.shape.clone()
    }

    fn forward(&self, inputs: &[&[f32]], kept: Option<&mut Vec<Vec<f32>>>) -> Vec<f32> {
        forward::forward(self, inputs, kept)
    }

    fn backward(&self, pass: Pass<'_>) -> Vec<Option<Vec<f32>>> {
        backward::backward(self, &pass)
    }

    fn takes_stride(&self) -> bool {
        // An activation in front of the first layer copies the batch anyway.
        !self.keeps_first()
    }
}
