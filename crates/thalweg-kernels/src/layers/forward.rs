//! The way through layers.

use std::mem::replace;

use super::LayersOp;
use super::block::{Block, Shape};
use super::layer::Layer;
use super::limit::limit;
use super::pieces::Pieces;
use crate::host::filled::{Unfilled, filled};
use crate::host::product::Threads;

/// The output, and what of each piece is kept, if anything is.
pub(super) fn forward(
    op: &LayersOp,
    inputs: &[&[f32]],
    kept: Option<&mut Vec<Vec<f32>>>,
) -> Vec<f32> {
    let mut layers = op.layers(inputs);
    layers.iter_mut().for_each(Layer::prepare_forward);
    let (output, all) = through(op, &layers, inputs[0], op.apart(inputs[0]), kept.is_some());
    if let Some(kept) = kept {
        *kept = all;
    }
    output
}

/// The output of samples that lie so far apart, piece by piece, by layers that were made ready; and what is
/// kept.
pub(super) fn through(
    op: &LayersOp,
    layers: &[Layer<'_>],
    x: &[f32],
    apart: usize,
    keep: bool,
) -> (Vec<f32>, Vec<Vec<f32>>) {
    let Pieces { samples, threads } = op.pieces();
    let each = op.outputs() * op.positions();
    let length = op.shape_of(x, apart).samples * each;
    let pieces = x.chunks(samples * apart);
    let (output, all) = filled(length, samples * each, pieces, |x, out| {
        let piece = Piece {
            x,
            shape: op.shape_of(x, apart),
            keep,
        };
        forward_piece(op, layers, piece, threads, out)
    });
    (output, all.into_iter().flatten().collect())
}

/// A piece of the batch, and whether anything of it is kept.
struct Piece<'a> {
    x: &'a [f32],
    shape: Shape,
    keep: bool,
}

/// Writes the output of a piece: that, and what is kept.
fn forward_piece<'a, 'o>(
    op: &LayersOp,
    layers: &[Layer<'a>],
    Piece { x, shape, keep }: Piece<'a>,
    threads: Threads,
    out: &'o mut Unfilled,
) -> (&'o mut [f32], Vec<Vec<f32>>) {
    let output_shape = op.output_shape(shape.samples);
    let mut kept = vec![];
    let mut keep_input = |x: Block<'a>, index| {
        if keep && (index > 0 || op.keeps_first()) {
            kept.push(x.values.into_owned());
        }
    };
    let mut x = Block::from_batch(x, shape, op.by_samples());
    if op.keeps_first() {
        op.first.apply(x.values.to_mut());
    }
    limit(&mut x);
    let (last, before) = layers.split_last().expect("there is a layer");
    for (index, layer) in before.iter().enumerate() {
        let y = layer.forward(&x, threads);
        keep_input(replace(&mut x, y), index);
    }
    let y = last.write_batch(&x, output_shape, out, threads);
    keep_input(x, before.len());
    if keep && op.keeps_output() {
        let y = Block::from_batch(y, output_shape, op.by_samples());
        kept.push(y.values.into_owned());
    }
    (y, kept)
}
