//! Layers whose kernels stay ready.

use std::borrow::Cow;

use super::forward::through;
use super::layer::{Layer, LayerSize};
use super::{LayersOp, Monotone};

/// Layers for images of one size, so many at most.
pub(crate) struct ReadyLayers {
    op: LayersOp,
    layers: Vec<Layer<'static>>,
}

impl ReadyLayers {
    /// Of one layer or more: for each its weight and, if it has one, its bias.
    pub(crate) fn new(
        layers: Vec<(LayerSize, Vec<Vec<f32>>)>,
        [first, between, last]: [Monotone; 3],
        [height, width]: [usize; 2],
        images: usize,
    ) -> Self {
        let (sizes, parameters): (Vec<_>, Vec<_>) = layers.into_iter().unzip();
        let outputs = sizes.last().expect("a layer").outputs;
        let op = LayersOp {
            batch: images,
            served: usize::MAX,
            channels: sizes[0].inputs,
            height,
            width,
            shape: vec![images, outputs, height, width],
            layers: sizes,
            first,
            between,
            last,
        };
        let mut layers = op.layers_of(&mut parameters.into_iter().flatten().map(Cow::Owned));
        layers.iter_mut().for_each(Layer::prepare_forward);
        Self { op, layers }
    }

    /// What comes out for images that begin so far apart.
    pub(crate) fn apply(&self, x: &[f32], apart: usize) -> Vec<f32> {
        through(&self.op, &self.layers, x, apart, false).0
    }
}
