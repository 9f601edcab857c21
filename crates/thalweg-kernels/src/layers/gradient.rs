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
    let of_kernels = |piece: &Vec<LayerGradient<'_>>| {
        let mut layers = layers.iter();
        layers.any(|(index, _)| matches!(piece[*index].of_kernel, KernelGradient::Product(_)))
    };
    match pieces.first().is_some_and(of_kernels) {
        true => sums_of_pieces(layers, pieces),
        false => sums_over_pieces(layers, pieces),
    }
}

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
