//! The way back through layers.

use std::borrow::Cow;

use super::layer::Layer;
use super::regroup::regrouped;
use super::{LayersOp, Pieces};
use crate::host::Pass;
use crate::host::activate::Monotone;
use crate::host::product::Threads;
use crate::host::share::map;
use crate::host::sums::{Sum, add_up, sums_of_products, sums_of_rows};

/// What a piece has.
struct Piece<'a> {
    x: &'a [f32],
    gradient: &'a [f32],
    kept: &'a [Vec<f32>],
}

/// What the gradient of a layer's parameters is made of, for one piece.
struct LayerGradient<'a> {
    /// What the kernel was multiplied by.
    operand: Cow<'a, [f32]>,
    /// The gradient of what the product gave.
    of_product: Cow<'a, [f32]>,
    /// The gradient of the bias, if it has one.
    of_bias: Vec<f32>,
    columns: usize,
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
    let done = map(pieces.into_iter(), |piece| {
        backward_piece(op, &layers, &piece, pass.wanted, threads)
    });
    let (to_x, pieces): (Vec<_>, Vec<_>) = done.into_iter().unzip();

    let mut found = vec![None; pass.inputs.len()];
    if pass.wanted[0] {
        found[0] = Some(to_x.concat());
    }
    let wanted = || layers.iter().enumerate().filter(|(_, l)| pass.wanted[l.at]);
    let sums = wanted().map(|(index, layer)| {
        let [rows, columns] = layer.weight_size();
        let terms = pieces.iter().map(|piece| {
            let LayerGradient {
                operand,
                of_product,
                columns,
                ..
            } = &piece[index];
            layer.weight_term(operand, of_product, *columns)
        });
        Sum {
            rows,
            columns,
            terms: terms.collect(),
        }
    });
    let weights = sums_of_products(&sums.collect::<Vec<_>>());
    for ((_, layer), kernel) in wanted().zip(weights) {
        found[layer.at] = Some(layer.weight_gradient(kernel));
    }
    for (index, layer) in layers.iter().enumerate() {
        if layer.has_bias() && pass.wanted[layer.at + 1] {
            let of_pieces = pieces.iter().map(|piece| piece[index].of_bias.clone());
            found[layer.at + 1] = Some(add_up(layer.outputs(), of_pieces));
        }
    }
    found
}

/// The gradient of a piece of the batch, and those of what its layers give.
fn backward_piece<'a>(
    op: &LayersOp,
    layers: &[Layer<'_>],
    piece: &Piece<'a>,
    wanted: &[bool],
    threads: Threads,
) -> (Vec<f32>, Vec<LayerGradient<'a>>) {
    let (positions, count) = (op.positions(), layers.len());
    let samples = piece.x.len() / (op.channels * positions);
    let columns = samples * positions;
    let mut inputs: Vec<Cow<'a, [f32]>> = vec![];
    if !op.keeps_first() {
        inputs.push(regrouped(piece.x, [samples, op.channels, positions]));
    }
    inputs.extend(piece.kept.iter().map(|x| Cow::Borrowed(x.as_slice())));
    let mut gradient = regrouped(piece.gradient, [samples, op.outputs(), positions]);
    if op.keeps_output() {
        op.last.slope(gradient.to_mut(), &inputs[count]);
    }
    let mut gradients = vec![];
    for (index, layer) in layers.iter().enumerate().rev() {
        let spread = layer.spread_gradient(&gradient, columns);
        let next = (index > 0 || wanted[0]).then(|| {
            let of_product = spread.as_deref().unwrap_or(&gradient);
            let mut x = layer.input_gradient(of_product, columns, threads);
            let before = if index > 0 { op.between } else { op.first };
            if before != Monotone::Identity {
                before.slope(&mut x, &inputs[index]);
            }
            Cow::Owned(x)
        });
        let of_output = std::mem::replace(&mut gradient, next.unwrap_or_default());
        let of_bias = match layer.has_bias() {
            true => sums_of_rows(&of_output, columns),
            false => vec![],
        };
        let operand = match &inputs[index] {
            Cow::Borrowed(x) => layer.operand(x, columns),
            Cow::Owned(x) => Cow::Owned(layer.operand(x, columns).into_owned()),
        };
        gradients.push(LayerGradient {
            operand,
            of_product: spread.map_or(of_output, Cow::Owned),
            of_bias,
            columns,
        });
    }
    gradients.reverse();
    let to_x = regrouped(&gradient, [op.channels, samples, positions]).into_owned();
    (to_x, gradients)
}
