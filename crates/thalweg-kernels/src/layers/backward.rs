//! The way back through layers.

use std::mem::take;

use super::LayersOp;
use super::block::{Block, Shape};
use super::gradient::{KernelGradient, LayerGradient, multiplies_pieces, sums};
use super::layer::Layer;
use super::limit::{limit, stop_at_limit};
use super::pieces::Pieces;
use crate::host::Pass;
use crate::host::filled::filled;
use crate::host::finish::Finish;
use crate::host::product::{Threads, product};
use crate::host::sums::add_up;
use crate::share::map;

/// What a piece has.
#[derive(Clone, Copy)]
struct Piece<'a> {
    x: &'a [f32],
    shape: Shape,
    gradient: &'a [f32],
    kept: &'a [Vec<f32>],
}

/// The gradients of the inputs that are wanted: those of the batch piece by piece, then those of the
/// weights as sums over the pieces.
pub(super) fn backward(op: &LayersOp, pass: &Pass<'_>) -> Vec<Option<Vec<f32>>> {
    let mut layers = op.layers(pass.inputs);
    let Pieces { samples, threads } = op.pieces();
    for (index, layer) in layers.iter_mut().enumerate() {
        if index > 0 || pass.wanted[0] {
            layer.prepare_back(threads);
        }
    }
    let apart = op.apart(pass.inputs[0]);
    let x = pass.inputs[0].chunks(samples * apart);
    let gradient = pass
        .gradient
        .chunks(samples * op.outputs() * op.positions());
    let kept = pass.kept.chunks(op.kept_a_piece().max(1));
    let kept = kept.chain(std::iter::repeat(&[][..]));
    let pieces = x.zip(gradient).zip(kept);
    let pieces: Vec<_> = pieces
        .map(|((x, gradient), kept)| Piece {
            x,
            shape: op.shape_of(x, apart),
            gradient,
            kept,
        })
        .collect();
    let run = |piece| backward_piece(op, &layers, piece, pass.wanted, threads);
    let mut found = vec![None; pass.inputs.len()];
    let mut pieces = if pass.wanted[0] {
        let (length, of_piece) = (op.batch * op.each(), samples * op.each());
        let (to_x, pieces) = filled(length, of_piece, pieces.into_iter(), |piece, out| {
            let (to_x, gradients) = run(piece);
            (to_x.write_batch(piece.shape, out), gradients)
        });
        found[0] = Some(to_x);
        pieces
    } else {
        map(pieces.into_iter(), |piece| run(piece).1)
    };
    for (index, layer) in layers.iter().enumerate() {
        if layer.has_bias() && pass.wanted[layer.at + 1] {
            let of_pieces = pieces
                .iter_mut()
                .map(|piece| take(&mut piece[index].of_bias));
            found[layer.at + 1] = Some(add_up(layer.outputs(), of_pieces));
        }
    }
    let wanted = layers.iter().enumerate();
    let wanted: Vec<_> = wanted.filter(|(_, layer)| pass.wanted[layer.at]).collect();
    for ((_, layer), kernel) in wanted.iter().zip(sums(&wanted, &mut pieces)) {
        found[layer.at] = Some(layer.weight_gradient(kernel));
    }
    found
}

/// The gradient of a piece of the batch, if it is wanted, and those of what its layers give.
fn backward_piece<'a>(
    op: &LayersOp,
    layers: &[Layer<'a>],
    piece: Piece<'a>,
    wanted: &[bool],
    threads: Threads,
) -> (Block<'a>, Vec<LayerGradient<'a>>) {
    let inputs = inputs_of(op, layers, piece);
    let shape = op.output_shape(piece.shape.samples);
    let mut gradient = Block::from_batch(piece.gradient, shape, op.by_samples());
    if op.keeps_output() {
        let output = &inputs[layers.len()];
        op.last.slope(gradient.values.to_mut(), &output.values);
    }
    let mut gradients = vec![];
    let multiplies = multiplies_pieces(op, layers);
    for (index, layer) in layers.iter().enumerate().rev() {
        let of_bias = layer.bias_gradient(&gradient);
        let spread = layer.spread_gradient(&gradient);
        let mut of_input = Block::by_channels(vec![], 1);
        if index > 0 || wanted[0] {
            let of_product = spread.as_ref().unwrap_or(&gradient);
            of_input = layer.input_gradient(&gradient, of_product, threads);
            let before = if index > 0 { op.between } else { op.first };
            before.slope(of_input.values.to_mut(), &inputs[index].values);
            if index == 0 {
                stop_at_limit(&mut of_input, &inputs[0]);
            }
        }
        let of_product = spread.unwrap_or(std::mem::replace(&mut gradient, of_input));
        let of_kernel = match (wanted[layer.at], multiplies) {
            (false, _) => KernelGradient::Unwanted,
            (true, false) => KernelGradient::Factors(layer.operand(&inputs[index]), of_product),
            (true, true) => {
                let operand = layer.operand(&inputs[index]);
                let (a, b) = layer.weight_term(&operand, &of_product);
                KernelGradient::Product(product(a, b, Finish::NONE, threads))
            }
        };
        gradients.push(LayerGradient { of_kernel, of_bias });
    }
    gradients.reverse();
    (gradient, gradients)
}

/// What each layer was given, and the output if it is kept.
fn inputs_of<'a>(op: &LayersOp, layers: &[Layer<'a>], piece: Piece<'a>) -> Vec<Block<'a>> {
    let mut inputs = vec![];
    if !op.keeps_first() {
        let mut input = Block::from_batch(piece.x, piece.shape, op.by_samples());
        limit(&mut input);
        inputs.push(input);
    }
    for values in piece.kept {
        let index = inputs.len();
        let channels = layers.get(index).map_or(op.outputs(), Layer::inputs);
        inputs.push(match op.by_samples() {
            true => Block::by_samples(&values[..], channels),
            false => Block::by_channels(&values[..], channels),
        });
    }
    inputs
}
