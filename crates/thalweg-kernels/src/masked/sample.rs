//! A masked network of one sample.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::PackedMasked;
use super::packed::Layer;
use super::rows::add_rows;
use crate::activation::Function;
use crate::counts::count_multiplications;
use crate::number::Lanes;
use crate::pointwise::{load, store};
use crate::vectorized::arch;

/// The numbers of an evaluation of one sample.
pub(super) struct State<'a> {
    /// The context, then the features in their order.
    pub(super) inputs: &'a [f32],
    /// The numbers of the context that shift and scale units.
    pub(super) modulation: &'a [[f32; 1]],
    /// The units of all layers, in front of their activations, at first their biases. Those of degree `k` are
    /// complete after place `k`.
    pub(super) sums: &'a mut [f32],
    /// Room for the inputs of a layer at one place, activated, and normalized before that.
    pub(super) fresh: &'a mut [f32],
}

/// Completes the units at some places, in their order. The feature at place `k` is read at place `k + 1`.
pub(super) fn advance(
    activation: impl Function,
    network: &PackedMasked,
    places: Range<usize>,
    state: State<'_>,
) {
    count(network, places.clone());
    arch().dispatch(Advance {
        activation,
        network,
        places,
        state,
    });
}

struct Advance<'a, A> {
    activation: A,
    network: &'a PackedMasked,
    places: Range<usize>,
    state: State<'a>,
}

impl<A: Function> WithSimd for Advance<'_, A> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (layers, state) = (&self.network.layers, self.state);
        for place in self.places {
            for (index, layer) in layers.iter().enumerate() {
                let (before, sums) = state.sums.split_at_mut(layer.at);
                let new = layer.inputs[place]..layer.inputs[place + 1];
                let values = match index.checked_sub(1).map(|index| &layers[index]) {
                    None => &state.inputs[new],
                    Some(Layer { at, .. }) => {
                        let raw = &before[at + new.start..at + new.end];
                        match layer.activates {
                            true => {
                                let (fresh, normed) = state.fresh.split_at_mut(raw.len());
                                let raw = layer.modulation.normed(new, raw, normed);
                                activate(simd, self.activation, (raw, fresh));
                                &*fresh
                            }
                            false => raw,
                        }
                    }
                };
                let units = &mut sums[layer.units[place]..layer.bias.len()];
                let weights = values.len() * units.len();
                let weights = &layer.rows[layer.row_starts[place]..][..weights];
                add_rows(simd, values, weights, units);
                let complete = layer.units[place + 1] - layer.units[place];
                let done = units[..complete].as_chunks_mut().0;
                let modulation = &layer.modulation;
                modulation.apply(layer.units[place], done, state.modulation);
                if layer.ends_block {
                    let from = layers[index - 2].at + layer.units[place];
                    let block = units[..complete].iter_mut();
                    let input = &before[from..from + complete];
                    block.zip(input).for_each(|(sum, input)| *sum += input);
                }
            }
        }
    }
}

/// `y = a(x)`.
#[inline(always)]
fn activate<S: Simd>(simd: S, a: impl Function, (x, y): (&[f32], &mut [f32])) {
    for start in (0..x.len()).step_by(S::F32_LANES) {
        let part = start..x.len().min(start + S::F32_LANES);
        let x: Lanes<S> = load(simd, &x[part.clone()]);
        store(&mut y[part], a.value(x));
    }
}

/// Counts the multiplications of [`advance`], for tests.
fn count(network: &PackedMasked, places: Range<usize>) {
    let at = |layer: &Layer, place| {
        let inputs = layer.inputs[place + 1] - layer.inputs[place];
        inputs * (layer.bias.len() - layer.units[place])
    };
    let of = |layer| places.clone().map(move |place| at(layer, place));
    count_multiplications(|| network.layers.iter().flat_map(of).sum());
}
