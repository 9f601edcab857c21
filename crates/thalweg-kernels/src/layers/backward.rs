//! The backward pass.

use std::mem::take;

use super::Network;
use super::block::{Block, Shape};
use super::gradient::{KernelGradient, LayerGradient, multiplies_pieces, sums};
use super::layer::Layer;
use super::pieces::Pieces;
use crate::activation::activation_gradient;
use crate::host::Pass;
use crate::host::epilogue::Epilogue;
use crate::host::filled::filled;
use crate::host::product::{Threads, product};
use crate::host::sums::add_up;
use crate::share::map;
use crate::vectorized::vectorized;

/// A piece of the batch, of the gradient of the output, and of the kept arrays.
#[derive(Clone, Copy)]
struct Piece<'a> {
    x: &'a [f32],
    shape: Shape,
    gradient: &'a [f32],
    kept: &'a [Vec<f32>],
}

/// The gradients of the wanted inputs: of the batch piece by piece, then of the weights as sums over the
/// pieces.
pub(super) fn backward(network: &Network, pass: &Pass<'_>) -> Vec<Option<Vec<f32>>> {
    let mut layers = network.layers(pass.inputs);
    let Pieces { samples, threads } = network.pieces();
    for (index, layer) in layers.iter_mut().enumerate() {
        if index > 0 || pass.wanted[0] {
            layer.pack_backward(threads);
        }
    }
    let stride = network.stride(pass.inputs[0]);
    let x = pass.inputs[0].chunks(samples * stride);
    let gradient = pass
        .gradient
        .chunks(samples * network.outputs() * network.positions());
    let kept = pass.kept.chunks(network.kept_a_piece().max(1));
    let kept = kept.chain(std::iter::repeat(&[][..]));
    let pieces = x.zip(gradient).zip(kept);
    let pieces: Vec<_> = pieces
        .map(|((x, gradient), kept)| Piece {
            x,
            shape: network.shape_of(x, stride),
            gradient,
            kept,
        })
        .collect();
    let run = |piece| backward_piece(network, &layers, piece, pass.wanted, threads);
    let mut found = vec![None; pass.inputs.len()];
    let mut pieces = if pass.wanted[0] {
        let (length, of_piece) = (network.batch * network.each(), samples * network.each());
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

/// The gradient of a piece of the batch, if it is wanted, and those of its layers.
fn backward_piece<'a>(
    network: &Network,
    layers: &[Layer<'a>],
    piece: Piece<'a>,
    wanted: &[bool],
    threads: Threads,
) -> (Block<'a>, Vec<LayerGradient<'a>>) {
    let inputs = inputs_of(network, layers, piece);
    let first_kept = usize::from(!network.keeps_first());
    let shape = network.output_shape(piece.shape.samples);
    let mut gradient = Block::from_batch(piece.gradient, shape, network.by_samples());
    // The gradient in front of an activation, of the one behind it.
    let through = |gradient: &mut Block<'_>, index| {
        let values = gradient.values.to_mut();
        match network.keeps_slopes(index) {
            true => multiply(values, &piece.kept[network.place_of_slopes(index)]),
            false => {
                let kept = &piece.kept[index - first_kept];
                activation_gradient(network.before(index), values, kept);
            }
        }
    };
    if network.activations.last.is_some() {
        through(&mut gradient, layers.len());
    }
    let mut gradients = vec![];
    let multiplies = multiplies_pieces(network, layers);
    for (index, layer) in layers.iter().enumerate().rev() {
        let of_bias = layer.bias_gradient(&gradient);
        let columns = layer.product_gradient(&gradient);
        let mut of_input = Block::by_channels(vec![], 1);
        if index > 0 || wanted[0] {
            let of_product = columns.as_ref().unwrap_or(&gradient);
            of_input = layer.input_gradient(&gradient, of_product, threads);
            if index > 0 || network.keeps_first() {
                through(&mut of_input, index);
            }
            if index == 0 {
                of_input.stop_at_limit(&inputs[0]);
            }
        }
        let of_product = columns.unwrap_or(std::mem::replace(&mut gradient, of_input));
        let of_kernel = match (wanted[layer.at], multiplies) {
            (false, _) => KernelGradient::Unwanted,
            (true, false) => KernelGradient::Factors(layer.operand(&inputs[index]), of_product),
            (true, true) => {
                let operand = layer.operand(&inputs[index]);
                let (a, b) = layer.weight_term(&operand, &of_product);
                KernelGradient::Product(product(a, b, Epilogue::NONE, threads))
            }
        };
        gradients.push(LayerGradient { of_kernel, of_bias });
    }
    gradients.reverse();
    (gradient, gradients)
}

/// The input of each layer.
fn inputs_of<'a>(network: &Network, layers: &[Layer<'a>], piece: Piece<'a>) -> Vec<Block<'a>> {
    let mut inputs = vec![];
    if !network.keeps_first() {
        inputs.push(Block::from_batch(
            piece.x,
            piece.shape,
            network.by_samples(),
        ));
    }
    let kept = layers[inputs.len()..].iter().zip(piece.kept);
    inputs.extend(kept.map(|(layer, values)| match network.by_samples() {
        true => Block::by_samples(&values[..], layer.inputs()),
        false => Block::by_channels(&values[..], layer.inputs()),
    }));
    inputs[0].limit();
    inputs
}

/// `x ← x y`.
fn multiply(x: &mut [f32], y: &[f32]) {
    vectorized(
        #[inline(always)]
        || x.iter_mut().zip(y).for_each(|(x, y)| *x *= y),
    );
}
