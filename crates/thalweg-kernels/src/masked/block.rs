//! An autoregressive transform of some samples side by side, or of one.

use std::ops::Range;

use super::evaluate::SIDE_BY_SIDE;
use super::{Contexts, MaskedMemory, PackedAutoregressive, Rows, sample, side_by_side};
use crate::activation::by_activation;
use crate::pointwise::{BLOCK, values};
use crate::transpose::transpose_to;
use crate::vectorized::vectorized;
use crate::{Direction, NETWORK_LIMIT};

impl PackedAutoregressive {
    /// At most `L` samples side by side; the last one fills up the rest.
    pub(super) fn block<const L: usize>(
        &self,
        direction: Direction,
        rows: Rows<'_>,
        contexts: Contexts<'_>,
        memory: &mut MaskedMemory,
    ) {
        let order = &self.network.order;
        self.start::<L>(&rows, contexts, memory);
        let mut log_dets = [0.0f64; L];
        let mut found = [[0.0; BLOCK]; 2];
        let together = match direction {
            Direction::Forward => BLOCK / L,
            Direction::Inverse => 1,
        };
        if direction == Direction::Forward {
            (0..order.len()).for_each(|place| self.input::<L>(place, memory));
            self.advance::<L>(0..order.len(), memory);
        }
        for start in (0..order.len()).step_by(together) {
            let places = start..(start + together).min(order.len());
            if direction == Direction::Inverse {
                self.advance::<L>(places.clone(), memory);
            }
            self.transform::<L>(direction, places, &mut found, &mut log_dets, memory);
            if direction == Direction::Inverse {
                self.input::<L>(start, memory);
            }
        }
        self.finish::<L>(rows, &log_dets, memory);
    }

    /// Memory for `L` samples, with their numbers, the context and, for one sample, the biases in their places.
    fn start<const L: usize>(
        &self,
        rows: &Rows<'_>,
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
        let (features, units) = (network.features(), network.units());
        sized(&mut memory.numbers, features * SIDE_BY_SIDE);
        sized(&mut memory.inputs, network.inputs() * SIDE_BY_SIDE);
        let modulating = network.given - network.context;
        sized(&mut memory.modulation, modulating * SIDE_BY_SIDE);
        sized(&mut memory.sums, units * SIDE_BY_SIDE);
        let active = if network.residual { units } else { 0 } * SIDE_BY_SIDE;
        // One sample needs room for the inputs of a layer, normalized and then activated.
        sized(&mut memory.active, active.max(2 * network.fresh()));
        sized(&mut memory.columns, self.map.parameters() * BLOCK);
        if L == 1 {
            for layer in &network.layers {
                memory.sums[layer.at..][..layer.bias.len()].copy_from_slice(&layer.bias);
            }
        }
        let count = rows.numbers.len() / rows.stride;
        let numbers = &mut memory.numbers[..features * L];
        if L == 1 {
            numbers.copy_from_slice(&rows.numbers[..features]);
        } else if count == L && rows.stride == features {
            transpose_to(rows.numbers, [L, features], numbers);
        } else {
            for (feature, numbers) in numbers.as_chunks_mut::<L>().0.iter_mut().enumerate() {
                let at =
                    |sample: usize| rows.numbers[sample.min(count - 1) * rows.stride + feature];
                *numbers = std::array::from_fn(at);
            }
        }
        let inputs = memory.inputs.as_chunks_mut::<L>().0;
        let modulation = memory.modulation.as_chunks_mut::<L>().0;
        for sample in 0..L {
            let given = &contexts.from(sample.min(count - 1)).numbers[..network.given];
            let (context, modulating) = given.split_at(network.context);
            let inputs = inputs.iter_mut().zip(context);
            inputs.for_each(|(input, number)| input[sample] = limited(*number));
            let modulation = modulation.iter_mut().zip(modulating);
            modulation.for_each(|(to, number)| to[sample] = *number);
        }
    }

    /// The numbers and log-determinants out of the memory.
    fn finish<const L: usize>(&self, rows: Rows<'_>, sums: &[f64; L], memory: &MaskedMemory) {
        let (features, stride) = (self.network.features(), rows.stride);
        let count = rows.numbers.len() / stride;
        let numbers = &memory.numbers[..features * L];
        if L == 1 {
            rows.numbers[..features].copy_from_slice(numbers);
        } else if count == L && stride == features {
            transpose_to(numbers, [features, L], rows.numbers);
        } else {
            for (feature, numbers) in numbers.as_chunks::<L>().0.iter().enumerate() {
                let to = rows.numbers[feature..].iter_mut().step_by(stride);
                to.zip(numbers).for_each(|(to, number)| *to = *number);
            }
        }
        if let Some(log_dets) = rows.log_dets {
            let log_dets = log_dets.iter_mut().zip(sums);
            log_dets.for_each(|(log_det, sum)| *log_det += sum);
        }
    }

    /// Hands the feature at a place to the network.
    fn input<const L: usize>(&self, place: usize, memory: &mut MaskedMemory) {
        let (network, feature) = (&self.network, self.network.order[place]);
        let inputs =
            &mut memory.inputs.as_chunks_mut::<L>().0[network.layers[0].inputs[place + 1]..];
        let numbers = memory.numbers.as_chunks::<L>().0[feature].map(limited);
        match network.angles.get(feature) {
            Some(&factor) if factor != 0.0 => {
                inputs[0] = numbers.map(|number| (number * factor).cos());
                inputs[1] = numbers.map(|number| (number * factor).sin());
            }
            _ => inputs[0] = numbers,
        }
    }

    /// Completes the units of the network at some places.
    fn advance<const L: usize>(&self, places: Range<usize>, memory: &mut MaskedMemory) {
        let network = &self.network;
        if L > 1 {
            let state = side_by_side::State {
                inputs: memory.inputs.as_chunks::<L>().0,
                modulation: memory.modulation.as_chunks::<L>().0,
                sums: memory.sums.as_chunks_mut::<L>().0,
                active: memory.active.as_chunks_mut::<L>().0,
            };
            return side_by_side::advance(network, places, state);
        }
        use sample::advance;
        let state = sample::State {
            inputs: &memory.inputs,
            modulation: memory.modulation.as_chunks().0,
            sums: &mut memory.sums,
            fresh: &mut memory.active,
        };
        by_activation!(Some(network.activation), advance(network, places, state));
    }

    /// The map of the numbers at some places, `L` of each, which are replaced, and the sums of the logarithms
    /// of their slopes; with room for both.
    fn transform<const L: usize>(
        &self,
        direction: Direction,
        places: Range<usize>,
        [numbers, slopes]: &mut [[f32; BLOCK]; 2],
        log_dets: &mut [f64; L],
        memory: &mut MaskedMemory,
    ) {
        let (order, given) = (&self.network.order, self.network.parameters);
        let count = places.len() * L;
        let outputs = self.network.layers.last().map_or(0, |layer| layer.at);
        let outputs = &mut memory.sums.as_chunks_mut::<L>().0[outputs..];
        let of_features = memory.numbers.as_chunks_mut::<L>().0;
        let chunks = numbers.as_chunks_mut::<L>().0.iter_mut();
        for (feature, numbers) in order[places.clone()].iter().zip(chunks) {
            *numbers = of_features[*feature];
        }
        let found = [&mut *numbers, &mut *slopes];
        if L == BLOCK && self.constants.is_empty() {
            // The parameters of a block lie as the map takes them.
            let block = outputs[places.start * given..][..given].as_flattened_mut();
            values(&self.map, direction, count, found, block);
        } else {
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
            values(&self.map, direction, count, found, columns);
        }
        let chunks = numbers.as_chunks::<L>().0.iter();
        for (feature, numbers) in order[places.clone()].iter().zip(chunks) {
            of_features[*feature] = *numbers;
        }
        let slopes = &slopes.as_chunks::<L>().0[..places.len()];
        match L {
            1 => slopes
                .iter()
                .for_each(|slopes| log_dets[0] += f64::from(slopes[0])),
            _ => slopes.iter().for_each(|slopes| add(log_dets, slopes)),
        }
    }
}

/// `sum ← sum + number`.
fn add<const L: usize>(sums: &mut [f64; L], numbers: &[f32; L]) {
    vectorized(
        #[inline(always)]
        || {
            for (sum, number) in sums.iter_mut().zip(numbers) {
                *sum += f64::from(*number);
            }
        },
    );
}

/// See [`network_input`](crate::network_input).
fn limited(number: f32) -> f32 {
    number.clamp(-NETWORK_LIMIT, NETWORK_LIMIT)
}
