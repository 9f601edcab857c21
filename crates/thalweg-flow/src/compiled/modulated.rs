//! Networks that a context shifts and gates, without tensors.

use std::mem::take;

use thalweg_kernels::{NETWORK_LIMIT, activate, gates};

use super::dense::Dense;
use super::network::dense;
use super::scratch::sized;
use super::{CompiledNetwork, Scratch, host_f32};
use crate::networks::{Function, Modulation};
use crate::{Activation, ResidualMlp};

/// The numbers of a context that change layers, part after part.
#[derive(Debug)]
struct Parts {
    /// Numbers of the context.
    context: usize,
    layers: Vec<(Dense, Function)>,
}

impl Parts {
    fn new(modulation: &Modulation, activation: Activation) -> Self {
        let layers = modulation.functions(activation);
        Self {
            context: modulation.context().unwrap_or(0),
            layers: layers.map(|(layer, of)| (dense(layer), of)).collect(),
        }
    }

    fn count(&self) -> usize {
        let outputs = self.layers.iter().map(|(layer, _)| layer.sizes()[1]);
        outputs.sum()
    }

    /// Fills `y` from a context within ±[`NETWORK_LIMIT`].
    fn apply(&self, context: &[f32], mut y: &mut [f32]) {
        for (layer, function) in &self.layers {
            let (part, rest) = y.split_at_mut(layer.sizes()[1]);
            layer.apply(context, part);
            match function {
                Function::Identity => {}
                Function::Activation(activation) => activate(Some(*activation), part),
                Function::Sigmoid => gates(part),
            }
            y = rest;
        }
    }
}

/// A context, and behind it the numbers that change layers, as [`PackedMasked`] takes them.
///
/// [`PackedMasked`]: thalweg_kernels::PackedMasked
#[derive(Debug)]
pub(super) struct Given(Parts);

impl Given {
    pub(super) fn new(modulation: &Modulation, activation: Activation) -> Self {
        Self(Parts::new(modulation, activation))
    }

    /// The numbers of the context, and of all.
    pub(super) fn sizes(&self) -> [usize; 2] {
        [self.0.context, self.0.context + self.0.count()]
    }
}

impl CompiledNetwork for Given {
    fn apply(&self, x: &[f32], stride: usize, y: &mut Vec<f32>, scratch: &mut Scratch) {
        let [context, all] = self.sizes();
        y.resize(x.len().div_ceil(stride) * all, 0.0);
        let limited = sized(&mut scratch.layers[0], context);
        for (x, y) in x.chunks(stride).zip(y.chunks_exact_mut(all)) {
            let (copied, parts) = y.split_at_mut(context);
            copied.copy_from_slice(&x[..context]);
            let numbers = limited.iter_mut().zip(&*copied);
            numbers.for_each(|(to, x)| *to = x.clamp(-NETWORK_LIMIT, NETWORK_LIMIT));
            self.0.apply(limited, parts);
        }
    }
}

/// A residual network of `[features | context]` with changes at its layers.
#[derive(Debug)]
pub(super) struct ModulatedResidual {
    activation: Activation,
    /// The first one, two for each block, the last one.
    layers: Vec<Dense>,
    /// The part of the numbers that changes each layer, and whether they are factors.
    changes: Vec<Option<(usize, bool)>>,
    /// Factors and summands in front of the first layer of each block, or none.
    norms: Vec<[Vec<f32>; 2]>,
    parts: Parts,
    width: usize,
}

impl ModulatedResidual {
    pub(super) fn new(network: &ResidualMlp, modulation: &Modulation) -> Self {
        let blocks = network.blocks.iter();
        let blocks = blocks.flat_map(|block| [&block.first, &block.second]);
        let all = std::iter::once(&network.input).chain(blocks);
        let layers: Vec<Dense> = all.chain([&network.output]).map(dense).collect();
        let change = |layer| {
            let part = modulation.part(layer);
            part.map(|part| (part.index, part.is_gate))
        };
        let norms = modulation.norms.iter();
        Self {
            activation: network.activation,
            width: layers[0].sizes()[1],
            changes: (0..layers.len() - 1).map(change).collect(),
            layers,
            norms: norms
                .map(|norm| [&norm.factor, &norm.summand].map(|of| host_f32(of.val())))
                .collect(),
            parts: Parts::new(modulation, network.activation),
        }
    }

    fn change(&self, layer: usize, y: &mut [f32], numbers: &[f32]) {
        let Some((part, is_gate)) = self.changes[layer] else {
            return;
        };
        let numbers = y.iter_mut().zip(&numbers[part * self.width..]);
        match is_gate {
            true => numbers.for_each(|(y, number)| *y *= number),
            false => numbers.for_each(|(y, number)| *y += number),
        }
    }

    /// The hidden units `h` of one sample, from those behind the first layer.
    fn blocks(&self, h: &mut [f32], [a, b]: [&mut [f32]; 2], numbers: &[f32]) {
        for block in 0..(self.layers.len() - 2) / 2 {
            let [first, second] = [2 * block + 1, 2 * block + 2];
            a.copy_from_slice(h);
            if let Some([factors, summands]) = self.norms.get(block) {
                let norms = factors.iter().zip(summands);
                let numbers = a.iter_mut().zip(norms);
                numbers.for_each(|(a, (f, g))| *a = *a * f + g);
            }
            activate(Some(self.activation), a);
            self.layers[first].apply(a, b);
            self.change(first, b, numbers);
            activate(Some(self.activation), b);
            self.layers[second].apply(b, a);
            self.change(second, a, numbers);
            h.iter_mut().zip(&*a).for_each(|(h, a)| *h += a);
        }
    }
}

impl CompiledNetwork for ModulatedResidual {
    fn apply(&self, x: &[f32], stride: usize, y: &mut Vec<f32>, scratch: &mut Scratch) {
        let last = self.layers.len() - 1;
        let ([inputs, _], [_, outputs]) = (self.layers[0].sizes(), self.layers[last].sizes());
        y.resize(x.len().div_ceil(stride) * outputs, 0.0);
        let [mut memory, mut limited] = take(&mut scratch.hidden);
        let (width, limited_x) = (self.width, sized(&mut limited, inputs));
        let memory_of_all = sized(&mut memory, 3 * width + self.parts.count());
        let (units, numbers) = memory_of_all.split_at_mut(3 * width);
        let (h, rest) = units.split_at_mut(width);
        let (a, b) = rest.split_at_mut(width);
        for (x, y) in x.chunks(stride).zip(y.chunks_exact_mut(outputs)) {
            let copied = limited_x.iter_mut().zip(&x[..inputs]);
            copied.for_each(|(to, x)| *to = x.clamp(-NETWORK_LIMIT, NETWORK_LIMIT));
            self.parts
                .apply(&limited_x[inputs - self.parts.context..], numbers);
            self.layers[0].apply(limited_x, h);
            self.change(0, h, numbers);
            self.blocks(h, [a, b], numbers);
            self.layers[last].apply(h, y);
        }
        scratch.hidden = [memory, limited];
    }
}
