//! Autoregressive transforms of samples on slices, both ways.

use super::{Contexts, MaskedMemory, PackedMasked, Rows};
use crate::pointwise::BLOCK;
use crate::{Direction, Map};

/// `z_k = τ(x_k; m(x_<k, c))` with a masked network `m`, feature after feature in their order.
///
/// Either way it uses each weight that is not masked once a sample. The inverse computes, at place `k`, the
/// units of degree `k` in each layer: those that see the feature that it has just found. Samples go
/// side by side in blocks of 64 or 16, so that each weight is read once for all of a block.
///
/// The bits of a sample do not depend on the others.
///
/// ```
/// use thalweg_kernels::{
///     Activation, Contexts, Degrees, Direction, Map, MaskedMemory, PackedAutoregressive,
///     PackedMasked, Rows, Shift,
/// };
///
/// // z₀ = x₀ + 1 and z₁ = x₁ + 10 x₀ + 2: the other three weights are masked.
/// let degrees = Degrees::new(vec![0, 1], 0, 1, vec![]);
/// let layers = vec![(vec![9.0, 10.0, 9.0, 9.0], vec![1.0, 2.0])];
/// let network = PackedMasked::new(&degrees, layers, Activation::Relu);
/// let layer = PackedAutoregressive::new(network, Map::Shift(Shift { subtracts: false }), vec![]);
/// assert_eq!((layer.network().features(), layer.network().multiplications()), (2, 1));
///
/// let (mut x, mut memory) = ([3.0, 5.0], MaskedMemory::default());
/// let mut apply = |direction, numbers: &mut [f32]| {
///     let rows = Rows { numbers, stride: 2, log_dets: None };
///     layer.apply(direction, rows, Contexts::NONE, &mut memory);
/// };
/// apply(Direction::Forward, &mut x);
/// assert_eq!(x, [4.0, 37.0]);
/// apply(Direction::Inverse, &mut x);
/// assert_eq!(x, [3.0, 5.0]);
/// ```
#[derive(Debug, Clone)]
pub struct PackedAutoregressive {
    pub(super) network: PackedMasked,
    pub(super) map: Map,
    /// Parameters of the map behind those that the network gives, the same for all features and samples.
    pub(super) constants: Vec<f32>,
}

/// Samples side by side, as many as the map computes at a time: a few registers.
pub(super) const SIDE_BY_SIDE: usize = BLOCK;

/// Samples side by side where there are fewer.
const FEW: usize = 16;

/// From this many samples on a small block is faster than one sample after the other.
const ENOUGH: usize = 4;

impl PackedAutoregressive {
    /// A map of each feature, given the network's parameters and some constants behind them.
    ///
    /// # Panics
    ///
    /// When these are not the number of parameters that the map takes.
    pub fn new(network: PackedMasked, map: Map, constants: Vec<f32>) -> Self {
        let (given, taken) = (network.parameters, map.parameters());
        assert!(
            given + constants.len() == taken,
            "a map takes {taken} parameters of each feature, got {given} of the network and {} constants",
            constants.len()
        );
        Self {
            network,
            map,
            constants,
        }
    }

    /// The network.
    pub fn network(&self) -> &PackedMasked {
        &self.network
    }

    /// Each sample `x` becomes `z`, or the other way round, given the context vector of each.
    ///
    /// It runs on this thread and allocates nothing after the first call with the same memory.
    ///
    /// # Panics
    ///
    /// When there are fewer numbers of context than the network takes, or the samples are not as many as the
    /// log-determinants.
    pub fn apply(
        &self,
        direction: Direction,
        rows: Rows<'_>,
        contexts: Contexts<'_>,
        memory: &mut MaskedMemory,
    ) {
        let Rows {
            numbers,
            stride,
            mut log_dets,
        } = rows;
        let (count, width) = (numbers.len() / stride, self.network.given);
        let given = contexts.numbers.len();
        assert!(
            count == 0 || given >= (count - 1) * contexts.stride + width,
            "{count} samples with {width} numbers of context got {given} at a stride of {}",
            contexts.stride
        );
        if let Some(log_dets) = &log_dets {
            let places = log_dets.len();
            assert!(
                places == count,
                "{count} samples and {places} log-determinants"
            );
        }
        let mut first = 0;
        while first < count {
            let samples = match count - first {
                ..ENOUGH => first..first + 1,
                // A large block that is filled up takes as long as three small ones.
                left if left <= SIDE_BY_SIDE - FEW => first..first + left.min(FEW),
                left => first..first + left.min(SIDE_BY_SIDE),
            };
            first = samples.end;
            let log_dets = log_dets.as_deref_mut();
            let block = Rows {
                numbers: &mut numbers[samples.start * stride..samples.end * stride],
                stride,
                log_dets: log_dets.map(|log_dets| &mut log_dets[samples.clone()]),
            };
            let contexts = contexts.from(samples.start);
            match samples.len() {
                1 => self.block::<1>(direction, block, contexts, memory),
                ..=FEW => self.block::<FEW>(direction, block, contexts, memory),
                _ => self.block::<SIDE_BY_SIDE>(direction, block, contexts, memory),
            }
        }
    }
}
