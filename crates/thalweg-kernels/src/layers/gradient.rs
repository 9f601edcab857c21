//! The gradients of a network's parameters, piece by piece, and their sums.

use std::mem::take;

use super::Network;
use super::block::Block;
use super::layer::Layer;
use super::pieces::Pieces;
use crate::host::product::Threads;
use crate::host::sums::{Sum, add_up, sums_of_products};

/// The gradient of a layer's parameters, for one piece.
pub(super) struct LayerGradient<'a> {
    pub(super) of_kernel: KernelGradient<'a>,
    /// The gradient of the bias, if it has one.
    pub(super) of_bias: Vec<f32>,
}

/// The gradient of a layer's kernel, for one piece.
pub(super) enum KernelGradient<'a> {
    /// The factors: the operand of the kernel, and the gradient of their product.
    Factors(Block<'a>, Block<'a>),
    Product(Vec<f32>),
    Unwanted,
}

/// Whether each piece multiplies its share of a kernel's gradient while its numbers are in the cache. For
/// large kernels, or many pieces, the shares would not fit it, and all threads multiply for one layer
/// after the other.
pub(super) fn multiplies_pieces(network: &Network, layers: &[Layer<'_>]) -> bool {
    const NUMBERS: usize = 1 << 18;
    let Pieces { samples, threads } = network.pieces();
    let size = |layer: &Layer<'_>| layer.weight_size().iter().product::<usize>();
    let sizes: usize = layers.iter().map(size).sum();
    threads == Threads::One && sizes * network.batch.div_ceil(samples) <= NUMBERS
}

/// A layer and its number.
type Numbered<'l, 'a> = (usize, &'l Layer<'a>);

/// The sums over the pieces, in their order.
pub(super) fn sums(
    layers: &[Numbered<'_, '_>],
    pieces: &mut [Vec<LayerGradient<'_>>],
) -> Vec<Vec<f32>> {
    let (mut sums, mut added) = (vec![], vec![]);
    for (index, layer) in layers {
        let [rows, columns] = layer.weight_size();
        let products = pieces
            .iter_mut()
            .filter_map(|piece| match &mut piece[*index].of_kernel {
                KernelGradient::Product(product) => Some(take(product)),
                KernelGradient::Factors(..) | KernelGradient::Unwanted => None,
            });
        let products: Vec<_> = products.collect();
        if !products.is_empty() {
            added.push(add_up(rows * columns, products));
        }
    }
    if !added.is_empty() {
        return added;
    }
    for (index, layer) in layers {
        let [rows, columns] = layer.weight_size();
        let terms = pieces
            .iter()
            .filter_map(|piece| match &piece[*index].of_kernel {
                KernelGradient::Factors(operand, gradient) => {
                    Some(layer.weight_term(operand, gradient))
                }
                KernelGradient::Product(_) | KernelGradient::Unwanted => None,
            });
        let terms = terms.collect();
        sums.push(Sum {
            rows,
            columns,
            terms,
        });
    }
    sums_of_products(&sums)
}
