//! The forward pass.

use super::Network;
use super::block::{Block, Shape};
use super::layer::Layer;
use super::pieces::Pieces;
use crate::activation::{activate, activate_with_slope};
use crate::host::filled::{Unfilled, filled};
use crate::host::product::Threads;

/// The output; and, if wanted, the arrays that the backward pass needs.
pub(super) fn forward(
    network: &Network,
    inputs: &[&[f32]],
    kept: Option<&mut Vec<Vec<f32>>>,
) -> Vec<f32> {
    let mut layers = network.layers(inputs);
    layers.iter_mut().for_each(Layer::pack_forward);
    let stride = network.stride(inputs[0]);
    let (output, all) = through(network, &layers, inputs[0], stride, kept.is_some());
    if let Some(kept) = kept {
        *kept = all;
    }
    output
}

/// The output of samples with a stride, piece by piece, by packed layers; and the kept arrays.
pub(super) fn through(
    network: &Network,
    layers: &[Layer<'_>],
    x: &[f32],
    stride: usize,
    keep: bool,
) -> (Vec<f32>, Vec<Vec<f32>>) {
    let Pieces { samples, threads } = network.pieces();
    let each = network.outputs() * network.positions();
    let length = network.shape_of(x, stride).samples * each;
    let pieces = x.chunks(samples * stride);
    let (output, all) = filled(length, samples * each, pieces, |x, out| {
        let shape = network.shape_of(x, stride);
        forward_piece(network, layers, (x, shape, keep), threads, out)
    });
    (output, all.into_iter().flatten().collect())
}

/// Writes the output of a piece, its slice and shape; returns it, and the arrays that are kept if the
/// last of the triple says so.
fn forward_piece<'a, 'o>(
    network: &Network,
    layers: &[Layer<'a>],
    (x, shape, keep): (&'a [f32], Shape, bool),
    threads: Threads,
    out: &'o mut Unfilled,
) -> (&'o mut [f32], Vec<Vec<f32>>) {
    let output_shape = network.output_shape(shape.samples);
    // An activation whose slopes are kept is a step of its own, behind the layer.
    let own_step = |layer| keep && network.keeps_slopes(layer);
    let (mut kept, mut slopes) = (vec![], vec![]);
    let mut activate_at = |layer, x: &mut [f32]| {
        if own_step(layer) {
            let mut slope = vec![0.0; x.len()];
            activate_with_slope(network.before(layer), x, &mut slope);
            slopes.push(slope);
        }
    };
    let mut x = Block::from_batch(x, shape, network.by_samples());
    if own_step(0) {
        activate_at(0, x.values.to_mut());
    } else if network.keeps_first() {
        activate(network.before(0), x.values.to_mut());
    }
    x.limit();
    let keep_input = |kept: &mut Vec<_>, x: Block<'a>, index| {
        if keep && (index > 0 || network.keeps_first()) {
            kept.push(x.values.into_owned());
        }
    };
    let (last, before) = layers.split_last().expect("there is a layer");
    for (index, layer) in before.iter().enumerate() {
        let mut y = layer.forward(&x, !own_step(index + 1), threads);
        keep_input(&mut kept, x, index);
        activate_at(index + 1, y.values.to_mut());
        x = y;
    }
    let end = layers.len();
    let y = last.write_batch(&x, !own_step(end), output_shape, out, threads);
    keep_input(&mut kept, x, before.len());
    if keep && network.keeps_output() {
        let y = Block::from_batch(y, output_shape, network.by_samples());
        kept.push(y.values.into_owned());
    }
    if own_step(end) {
        // In the order of the gradient, which is that of the block.
        let mut block = Block::from_batch(y, output_shape, network.by_samples());
        let mut slope = vec![0.0; block.values.len()];
        activate_with_slope(network.before(end), block.values.to_mut(), &mut slope);
        slopes.push(slope);
        activate(network.before(end), y);
    }
    kept.extend(slopes);
    (y, kept)
}
