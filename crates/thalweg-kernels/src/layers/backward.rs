//! The way back through layers.

use std::borrow::Cow;
use std::mem::take;

use super::block::Block;
use super::layer::Layer;
use super::{LayersOp, Pieces};
use crate::host::Pass;
use crate::host::activate::Finish;
use crate::host::filled::filled;
use crate::host::product::{Threads, product};
use crate::host::sums::{Sum, add_up, sums_of_products};
use crate::share::map;

/// What a piece has.
#[derive(Clone, Copy)]
struct Piece<'a> {
    x: &'a [f32],
    gradient: &'a [f32],
    kept: &'a [Vec<f32>],
}

/// The gradient of a layer's parameters, for one piece.
struct LayerGradient<'a> {
    of_kernel: KernelGradient<'a>,
    /// The gradient of the bias, if it has one.
    of_bias: Vec<f32>,
}

/// The gradient of a layer's kernel, for one piece.
enum KernelGradient<'a> {
    /// What it is the product of: what the kernel was multiplied by, and the gradient of what that gave.
    Factors(Block<'a>, Block<'a>),
    Product(Vec<f32>),
    Unwanted,
}

impl<'a> KernelGradient<'a> {
    fn factors(&self) -> Option<[&Block<'a>; 2]> {
        match self {
            Self::Factors(operand, of_product) => Some([operand, of_product]),
            Self::Product(_) | Self::Unwanted => None,
        }
    }

    fn take_product(&mut self) -> Option<Vec<f32>> {
        match self {
            Self::Product(product) => Some(take(product)),
            Self::Factors(..) | Self::Unwanted => None,
        }
    }
}

/// The gradients of the inputs that are wanted: those of the batch piece by piece, then those of the
/// weights as sums over the pieces.
pub(super) fn backward(op: &LayersOp, pass: &Pass<'_>) -> Vec<Option<Vec<f32>>> {
    let layers = op.layers(pass.inputs);
    let Pieces { samples, threads } = op.pieces();
    let positions = op.positions();
    let x = pass.inputs[0].chunks(samples * op.channels * positions);
    let gradient = pass.gradient.chunks(samples * op.outputs() * positions);
    let kept = pass.kept.chunks(op.kept_a_piece().max(1));
    let kept = kept.chain(std::iter::repeat(&[][..]));
    let pieces = x.zip(gradient).zip(kept);
    let pieces: Vec<_> = pieces
        .map(|((x, gradient), kept)| Piece { x, gradient, kept })
        .collect();
    let run = |piece| backward_piece(op, &layers, piece, pass.wanted, threads);
    let mut found = vec![None; pass.inputs.len()];
    let mut pieces = if pass.wanted[0] {
        let (length, each) = (pass.inputs[0].len(), samples * op.channels * positions);
        let (to_x, pieces) = filled(length, each, pieces.into_iter(), |piece, out| {
            let (to_x, gradients) = run(piece);
            (to_x.write_batch(op.samples_of(piece.x), out), gradients)
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
    let kernels = match multiplies_pieces(op, &layers) {
        true => sums_of_pieces(&wanted, &mut pieces),
        false => sums_over_pieces(&wanted, &pieces),
    };
    for ((_, layer), kernel) in wanted.iter().zip(kernels) {
        found[layer.at] = Some(layer.weight_gradient(kernel));
    }
    found
}

/// Whether each piece has the product that is its share of a kernel's gradient, while its numbers are
/// close at hand; for large kernels, or many pieces, these would be more memory than a cache has, and
/// all threads multiply for one layer after the other instead.
fn multiplies_pieces(op: &LayersOp, layers: &[Layer<'_>]) -> bool {
    const NUMBERS: usize = 1 << 18;
    let Pieces { samples, threads } = op.pieces();
    let size = |layer: &Layer<'_>| layer.weight_size().iter().product::<usize>();
    let sizes: usize = layers.iter().map(size).sum();
    threads == Threads::One && sizes * op.batch.div_ceil(samples) <= NUMBERS
}

/// A layer and its number.
type Numbered<'l, 'a> = (usize, &'l Layer<'a>);

fn sums_of_pieces(
    layers: &[Numbered<'_, '_>],
    pieces: &mut [Vec<LayerGradient<'_>>],
) -> Vec<Vec<f32>> {
    let sum = |(index, layer): &Numbered<'_, '_>| {
        let [rows, columns] = layer.weight_size();
        let products = pieces
            .iter_mut()
            .filter_map(|piece| piece[*index].of_kernel.take_product());
        add_up(rows * columns, products)
    };
    layers.iter().map(sum).collect()
}

fn sums_over_pieces(
    layers: &[Numbered<'_, '_>],
    pieces: &[Vec<LayerGradient<'_>>],
) -> Vec<Vec<f32>> {
    let sums = layers.iter().map(|(index, layer)| {
        let [rows, columns] = layer.weight_size();
        let factors = pieces
            .iter()
            .filter_map(|piece| piece[*index].of_kernel.factors());
        let terms = factors.map(|[operand, gradient]| layer.weight_term(operand, gradient));
        Sum {
            rows,
            columns,
            terms: terms.collect(),
        }
    });
    sums_of_products(&sums.collect::<Vec<_>>())
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
    let shape = [op.samples_of(piece.x), op.outputs(), op.positions()];
    let mut gradient = Block::from_batch(piece.gradient, shape, op.by_samples());
    if op.keeps_output() {
        let output = &inputs[layers.len()];
        op.last.slope(gradient.values.to_mut(), &output.values);
    }
    let mut gradients = vec![];
    let multiplies = multiplies_pieces(op, layers);
    for (index, layer) in layers.iter().enumerate().rev() {
        let of_bias = layer.bias_gradient(&gradient);
        let of_product = layer.spread_gradient(&gradient).unwrap_or(gradient);
        gradient = Block::by_channels(vec![], 1);
        if index > 0 || wanted[0] {
            gradient = layer.input_gradient(&of_product, threads);
            let before = if index > 0 { op.between } else { op.first };
            before.slope(gradient.values.to_mut(), &inputs[index].values);
        }
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
        let shape = [op.samples_of(piece.x), op.channels, op.positions()];
        inputs.push(Block::from_batch(piece.x, shape, op.by_samples()));
    }
    for values in piece.kept {
        let index = inputs.len();
        inputs.push(Block {
            values: Cow::Borrowed(values),
            channels: layers.get(index).map_or(op.outputs(), Layer::inputs),
            by_samples: op.by_samples(),
        });
    }
    inputs
}
