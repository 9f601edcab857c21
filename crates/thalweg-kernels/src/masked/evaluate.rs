//! Autoregressive transforms of samples on slices, both ways.

use std::ops::Range;

use super::PackedMasked;
use super::packed::{State, advance};
use crate::activation::by_activation;
use crate::pointwise::{BLOCK, values};
use crate::{Direction, Map, NETWORK_LIMIT};

/// `z_k = τ(x_k; m(x_<k, c))` with a masked network `m`, feature after feature in their order.
///
/// Either way it uses each weight that is not masked once a sample. The inverse computes, at place `k`, the
/// units of degree `k` in each layer: those that see the feature that it has just found. Samples go
/// side by side in blocks, so that each weight is read once for all of a block.
///
/// The bits of a sample do not depend on the others.
#[derive(Debug, Clone)]
pub struct PackedAutoregressive {
    network: PackedMasked,
    map: Map,
    /// Parameters of the map behind those that the network gives, the same for all features and samples.
    constants: Vec<f32>,
}

/// Samples, whose numbers begin at equal strides, and their log-determinants, if somebody reads them.
#[derive(Debug)]
pub struct Rows<'a> {
    /// The features of each sample come first.
    pub numbers: &'a mut [f32],
    /// From sample to sample.
    pub stride: usize,
    /// One a sample: the sum of the logarithms of the slopes is added.
    pub log_dets: Option<&'a mut [f64]>,
}

/// The context vectors of samples.
#[derive(Debug, Clone, Copy)]
pub struct Contexts<'a> {
    /// The first of them begins here.
    pub numbers: &'a [f32],
    /// From sample to sample; 0 where one vector is for all.
    pub stride: usize,
}

impl Contexts<'static> {
    /// For a network that takes none.
    pub const NONE: Self = Self {
        numbers: &[],
        stride: 0,
    };
}

impl<'a> Contexts<'a> {
    /// Those from a sample on.
    fn from(self, sample: usize) -> Self {
        let numbers = &self.numbers[sample * self.stride..];
        Self { numbers, ..self }
    }
}

/// Memory of evaluations, which calls use again.
#[derive(Debug, Clone, Default)]
pub struct MaskedMemory {
    inputs: Vec<f32>,
    sums: Vec<f32>,
    fresh: Vec<f32>,
    /// The parameters of a block of numbers, parameter by parameter.
    columns: Vec<f32>,
}

impl MaskedMemory {
    /// Addresses and sizes, for tests.
    #[doc(hidden)]
    pub fn places(&self) -> [(*const f32, usize); 4] {
        let all = [&self.inputs, &self.sums, &self.fresh, &self.columns];
        all.map(|vector| (vector.as_ptr(), vector.capacity()))
    }
}

/// Samples side by side: a register, or a few of them.
pub(super) const SIDE_BY_SIDE: usize = 16;

/// From this many samples on a block is faster than one sample after the other.
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
        let (count, width) = (numbers.len() / stride, self.network.context);
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
                left @ ..ENOUGH => first..first + left.min(1),
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
                _ => self.block::<SIDE_BY_SIDE>(direction, block, contexts, memory),
            }
        }
    }

    /// At most `L` samples side by side; the last one fills up the rest.
    fn block<const L: usize>(
        &self,
        direction: Direction,
        rows: Rows<'_>,
        contexts: Contexts<'_>,
        memory: &mut MaskedMemory,
    ) {
        let (order, stride) = (&self.network.order, rows.stride);
        let count = rows.numbers.len() / stride;
        self.start::<L>(count, contexts, memory);
        let mut log_dets = [0.0f64; L];
        let (mut numbers, mut slopes) = ([0.0; BLOCK], [0.0; BLOCK]);
        let together = match direction {
            Direction::Forward => BLOCK / L,
            Direction::Inverse => 1,
        };
        if direction == Direction::Forward {
            for (place, feature) in order.iter().enumerate() {
                let at = |sample: usize| rows.numbers[sample.min(count - 1) * stride + feature];
                self.input(place, std::array::from_fn::<_, L, _>(at), memory);
            }
            self.advance::<L>(0..order.len(), memory);
        }
        for start in (0..order.len()).step_by(together) {
            let places = start..(start + together).min(order.len());
            let features = order[places.clone()].iter();
            for (feature, numbers) in features.zip(numbers.as_chunks_mut::<L>().0) {
                for (sample, number) in numbers.iter_mut().enumerate() {
                    *number = rows.numbers[sample.min(count - 1) * stride + feature];
                }
            }
            if direction == Direction::Inverse {
                self.advance::<L>(places.clone(), memory);
            }
            let found = [&mut numbers, &mut slopes];
            self.transform::<L>(direction, places.clone(), found, memory);
            let found = numbers.as_chunks::<L>().0.iter();
            let found = found.zip(slopes.as_chunks::<L>().0);
            for (place, (numbers, slopes)) in places.zip(found) {
                for (sample, number) in numbers[..count].iter().enumerate() {
                    rows.numbers[sample * stride + order[place]] = *number;
                }
                let sums = log_dets.iter_mut().zip(slopes);
                sums.for_each(|(sum, slope)| *sum += f64::from(*slope));
                if direction == Direction::Inverse {
                    self.input(place, *numbers, memory);
                }
            }
        }
        if let Some(sums) = rows.log_dets {
            let sums = sums.iter_mut().zip(log_dets);
            sums.for_each(|(sum, log_det)| *sum += log_det);
        }
    }

    /// Memory for `L` samples, with the biases and the context in their places.
    fn start<const L: usize>(
        &self,
        count: usize,
        contexts: Contexts<'_>,
        memory: &mut MaskedMemory,
    ) {
        let network = &self.network;
        // One size for each network, whatever the number of samples: a later call does not allocate.
        let sized = |vector: &mut Vec<f32>, numbers: usize| {
            if vector.len() < numbers {
                vector.resize(numbers, 0.0);
            }
        };
        let inputs = network.context + network.features();
        sized(&mut memory.inputs, inputs * SIDE_BY_SIDE);
        sized(&mut memory.sums, network.units() * SIDE_BY_SIDE);
        sized(&mut memory.fresh, network.fresh() * SIDE_BY_SIDE);
        sized(&mut memory.columns, self.map.parameters() * BLOCK);
        let sums = memory.sums.as_chunks_mut::<L>().0;
        for layer in &network.layers {
            let sums = sums[layer.at..].iter_mut().zip(&layer.bias);
            sums.for_each(|(sum, bias)| *sum = [*bias; L]);
        }
        let inputs = memory.inputs.as_chunks_mut::<L>().0;
        for sample in 0..L {
            let context = &contexts.from(sample.min(count - 1)).numbers[..network.context];
            let inputs = inputs.iter_mut().zip(context);
            inputs.for_each(|(input, number)| input[sample] = limited(*number));
        }
    }

    /// Hands a feature to the network.
    fn input<const L: usize>(&self, place: usize, numbers: [f32; L], memory: &mut MaskedMemory) {
        let inputs = memory.inputs.as_chunks_mut::<L>().0;
        inputs[self.network.context + place] = numbers.map(limited);
    }

    /// Completes the units of the network at some places.
    fn advance<const L: usize>(&self, places: Range<usize>, memory: &mut MaskedMemory) {
        let network = &self.network;
        let state = State {
            inputs: memory.inputs.as_chunks::<L>().0,
            sums: memory.sums.as_chunks_mut::<L>().0,
            fresh: memory.fresh.as_chunks_mut::<L>().0,
        };
        by_activation!(Some(network.activation), advance(network, places, state));
    }

    /// The map of the numbers at some places, `L` of each, which are replaced; and the logarithms of their
    /// slopes.
    fn transform<const L: usize>(
        &self,
        direction: Direction,
        places: Range<usize>,
        [numbers, slopes]: [&mut [f32; BLOCK]; 2],
        memory: &mut MaskedMemory,
    ) {
        let given = self.network.parameters;
        let count = places.len() * L;
        let outputs = self.network.layers.last().map_or(0, |layer| layer.at);
        let outputs = &memory.sums.as_chunks::<L>().0[outputs..];
        let columns = &mut memory.columns[..self.map.parameters() * BLOCK];
        let (by_network, constant) = columns.split_at_mut(given * BLOCK);
        for (parameter, column) in by_network.chunks_exact_mut(BLOCK).enumerate() {
            let column = column.as_chunks_mut::<L>().0.iter_mut();
            for (place, column) in places.clone().zip(column) {
                *column = outputs[place * given + parameter];
            }
        }
        let constant = constant.chunks_exact_mut(BLOCK).zip(&self.constants);
        constant.for_each(|(column, number)| column[..count].fill(*number));
        values(&self.map, direction, count, [numbers, slopes], columns);
    }
}

/// See [`network_input`](crate::network_input).
fn limited(number: f32) -> f32 {
    number.clamp(-NETWORK_LIMIT, NETWORK_LIMIT)
}
