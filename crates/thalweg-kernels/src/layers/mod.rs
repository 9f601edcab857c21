//! Layers one after the other, on the host: of a multilayer perceptron, or of convolutions.
//!
//! Both are products of matrices: of rows of features and a weight, or of a kernel and matrices whose
//! columns are the positions of images. Pieces of the batch go through all layers together, one piece a
//! thread at a time, so that a piece's activations stay in the cache of a processor.

mod backward;
mod block;
mod gradient;
mod layer;
mod phases;
mod shifts;
mod winograd;

use std::sync::Arc;

use burn::tensor::Tensor;

use self::block::{Block, Shape};
use self::layer::Layer;
pub(crate) use self::layer::LayerSize;
use self::phases::Phases;
use self::winograd::Winograd;
use crate::host::activate::Monotone;
use crate::host::filled::{Unfilled, filled};
use crate::host::product::Threads;
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

/// How the batch is divided.
#[derive(Clone, Copy)]
struct Pieces {
    /// Samples in each.
    samples: usize,
    /// Who multiplies.
    threads: Threads,
}

impl LayersOp {
    fn layers<'a>(&self, inputs: &[&'a [f32]]) -> Vec<Layer<'a>> {
        let (mut at, count) = (1, self.layers.len());
        let images = (self.phases(), self.pieces().samples);
        let layers = self.layers.iter().enumerate().map(|(index, size)| {
            let bias = size.biased.then(|| inputs[at + 1]);
            let after = if index + 1 == count {
                self.last
            } else {
                self.between
            };
            let layer = Layer::new(*size, images, inputs[at], bias, after, at);
            at += 1 + usize::from(size.biased);
            layer
        });
        layers.collect()
    }

    fn positions(&self) -> usize {
        self.height * self.width
    }

    /// Pixels lie in phases where a layer wants them to.
    fn phases(&self) -> Phases {
        let (height, width) = (self.height, self.width);
        let of_period = |period| Phases {
            height,
            width,
            period,
        };
        let Pieces { samples, threads } = self.pieces();
        let takes = |size: &LayerSize| {
            let channels = [size.inputs, size.outputs];
            Winograd::takes(channels, size.side, of_period(1), samples)
        };
        let divided = threads == Threads::One && self.layers.iter().any(takes);
        of_period(if divided { 2 } else { 1 })
    }

    /// Numbers of a sample that goes in.
    fn each(&self) -> usize {
        self.channels * self.positions()
    }

    /// How far apart the samples of the batch lie.
    fn apart(&self, batch: &[f32]) -> usize {
        match self.batch {
            0 | 1 => self.each(),
            samples => (batch.len() - self.each()) / (samples - 1),
        }
    }

    /// A piece of samples that lie so far apart. Behind the last one may lie as much as between two.
    fn shape_of(&self, x: &[f32], apart: usize) -> Shape {
        Shape {
            samples: (x.len() + apart - self.each()) / apart,
            channels: self.channels,
            phases: self.phases(),
            apart,
        }
    }

    /// What comes out for so many samples.
    fn output_shape(&self, samples: usize) -> Shape {
        let channels = self.outputs();
        Shape {
            samples,
            channels,
            phases: self.phases(),
            apart: channels * self.positions(),
        }
    }

    fn outputs(&self) -> usize {
        self.layers
            .last()
            .map_or(self.channels, |layer| layer.outputs)
    }

    fn pieces(&self) -> Pieces {
        /// Columns of a piece, and of a piece of a batch that has many: enough for a product of
        /// matrices, and few enough for the cache.
        const COLUMNS: [usize; 2] = [128, 256];
        /// Pieces from which there are many.
        const MANY: usize = 16;
        /// Weights of a layer above which a piece costs more to fetch them for than to multiply.
        const LARGE: usize = 1 << 18;
        let positions = self.positions().max(1);
        let [few, many] = COLUMNS.map(|columns| columns.div_ceil(positions));
        let samples = if self.batch > MANY * few { many } else { few };
        let largest = self.layers.iter().map(LayerSize::weights).max();
        match largest > Some(LARGE) || self.batch < 2 * samples {
            true => Pieces {
                samples: self.batch.max(1),
                threads: Threads::All,
            },
            false => Pieces {
                samples,
                threads: Threads::One,
            },
        }
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

    /// What [`forward_piece`](Self::forward_piece) keeps.
    fn kept_a_piece(&self) -> usize {
        self.layers.len() - 1 + usize::from(self.keeps_first()) + usize::from(self.keeps_output())
    }

    /// Writes the output of a piece: that, and what is kept.
    fn forward_piece<'a, 'o>(
        &self,
        (x, shape): (&'a [f32], Shape),
        layers: &[Layer<'a>],
        threads: Threads,
        keep: bool,
        out: &'o mut Unfilled,
    ) -> (&'o mut [f32], Vec<Vec<f32>>) {
        let samples = shape.samples;
        let mut kept = vec![];
        let mut keep_input = |x: Block<'a>, index| {
            if keep && (index > 0 || self.keeps_first()) {
                kept.push(x.values.into_owned());
            }
        };
        let mut x = Block::from_batch(x, shape, self.by_samples());
        if self.keeps_first() {
            self.first.apply(x.values.to_mut());
        }
        let (last, before) = layers.split_last().expect("there is a layer");
        for (index, layer) in before.iter().enumerate() {
            let y = layer.forward(&x, threads);
            keep_input(std::mem::replace(&mut x, y), index);
        }
        let y = last.write_batch(&x, self.output_shape(samples), out, threads);
        keep_input(x, before.len());
        if keep && self.keeps_output() {
            let y = Block::from_batch(y, self.output_shape(samples), self.by_samples());
            kept.push(y.values.into_owned());
        }
        (y, kept)
    }
}

impl HostOp for LayersOp {
    fn shape(&self) -> Vec<usize> {
        self.shape.clone()
    }

    fn forward(&self, inputs: &[&[f32]], kept: Option<&mut Vec<Vec<f32>>>) -> Vec<f32> {
        let (mut layers, keep) = (self.layers(inputs), kept.is_some());
        let Pieces { samples, threads } = self.pieces();
        for layer in &mut layers {
            layer.prepare_forward(self.phases(), samples);
        }
        let apart = self.apart(inputs[0]);
        let pieces = inputs[0].chunks(samples * apart);
        let of_piece = samples * self.outputs() * self.positions();
        let length = self.shape.iter().product();
        let (output, all) = filled(length, of_piece, pieces, |x, out| {
            let piece = (x, self.shape_of(x, apart));
            self.forward_piece(piece, &layers, threads, keep, out)
        });
        if let Some(kept) = kept {
            *kept = all.into_iter().flatten().collect();
        }
        output
    }

    fn backward(&self, pass: Pass<'_>) -> Vec<Option<Vec<f32>>> {
        backward::backward(self, &pass)
    }

    fn takes_apart(&self) -> bool {
        // An activation in front of the first layer makes another input of the batch anyway.
        !self.keeps_first()
    }
}
