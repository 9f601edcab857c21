//! A masked network of samples side by side.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::packed::Layer;
use super::{PackedMasked, panels};
use crate::Activation;
use crate::activation::{Function, by_activation};
use crate::counts::count_multiplications;
use crate::number::Lanes;
use crate::pointwise::{load, store};
use crate::vectorized::arch;

/// The numbers of an evaluation of `L` samples side by side.
pub(super) struct State<'a, const L: usize> {
    /// The context, then the features in their order.
    pub(super) inputs: &'a [[f32; L]],
    /// The numbers of the context that shift and scale units.
    pub(super) modulation: &'a [[f32; L]],
    /// The units of all layers; those of degree `k` after place `k`. In a plain network hidden units are
    /// activated where they lie.
    pub(super) sums: &'a mut [[f32; L]],
    /// The same units activated, in a residual network, which adds the others too.
    pub(super) active: &'a mut [[f32; L]],
}

/// Computes the units at some places. The feature at place `k` is read at place `k + 1`.
///
/// A unit is computed at once, when all that it sees is there; so its sum does not go through memory with each
/// of its inputs.
pub(super) fn advance<const L: usize>(
    network: &PackedMasked,
    places: Range<usize>,
    state: State<'_, L>,
) {
    count(network, places.clone());
    arch().dispatch(Advance {
        network,
        places,
        state,
    });
}

struct Advance<'a, const L: usize> {
    network: &'a PackedMasked,
    places: Range<usize>,
    state: State<'a, L>,
}

impl<const L: usize> WithSimd for Advance<'_, L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            network,
            places,
            state,
        } = self;
        let (layers, activation) = (&network.layers, network.activation);
        for (index, layer) in layers.iter().enumerate() {
            let (before, sums) = state.sums.split_at_mut(layer.at);
            let values = match index.checked_sub(1).map(|index| &layers[index]) {
                None => state.inputs,
                Some(Layer { at, .. }) if layer.activates && network.residual => {
                    &state.active[*at..]
                }
                Some(Layer { at, .. }) => &before[*at..],
            };
            for place in places.clone() {
                let units = layer.units[place]..layer.units[place + 1];
                let values = &values[..layer.inputs[place + 1]];
                let weights = &layer.panels[layer.panel_starts[place]..];
                let (bias, sums) = (&layer.bias[units.clone()], &mut sums[units]);
                panels::fill(simd, values, weights, bias, sums);
            }
            let units = layer.units[places.start]..layer.units[places.end];
            let modulation = &layer.modulation;
            modulation.apply(units.start, &mut sums[units.clone()], state.modulation);
            if layer.ends_block {
                let from = layers[index - 2].at;
                let input = before[from + units.start..from + units.end].as_flattened();
                let block = sums[units.clone()].as_flattened_mut().iter_mut();
                block.zip(input).for_each(|(sum, input)| *sum += input);
            }
            if let Some(next) = layers.get(index + 1).filter(|next| next.activates) {
                let sums = &mut sums[units.clone()];
                match network.residual {
                    false => activate(simd, activation, sums.as_flattened_mut()),
                    true => {
                        let active = &mut state.active[layer.at..][units.clone()];
                        next.modulation.copy_normed(units, sums, active);
                        activate(simd, activation, active.as_flattened_mut());
                    }
                }
            }
        }
    }
}

/// `x ← a(x)`.
#[inline(always)]
fn activate<S: Simd>(simd: S, activation: Activation, x: &mut [f32]) {
    #[inline(always)]
    fn apply<S: Simd>(a: impl Function, simd: S, x: &mut [f32]) {
        for x in x.chunks_mut(S::F32_LANES) {
            let number: Lanes<S> = load(simd, x);
            store(x, a.value(number));
        }
    }
    by_activation!(Some(activation), apply(simd, x));
}

/// Counts the multiplications of [`advance`] for each sample, for tests.
fn count(network: &PackedMasked, places: Range<usize>) {
    let at = |layer: &Layer, place| {
        let units = layer.units[place + 1] - layer.units[place];
        layer.inputs[place + 1] * units
    };
    let of = |layer| places.clone().map(move |place| at(layer, place));
    count_multiplications(|| network.layers.iter().flat_map(of).sum());
}
