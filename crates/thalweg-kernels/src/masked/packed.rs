//! Masked networks in the order of their degrees.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::Degrees;
use super::rows::add_rows;
use crate::Activation;
use crate::activation::Function;
use crate::counts::count_multiplications;
use crate::number::Lanes;
use crate::pointwise::{load, store};
use crate::vectorized::arch;

/// A masked network whose units are sorted by degree, so that no masked weight is kept.
///
/// A unit of degree `k` is seen by the units of degree `k` and more in the next layer, which stand side by
/// side. So its row of weights is a slice, which is shorter the higher the degree.
#[derive(Debug, Clone)]
pub struct PackedMasked {
    pub(super) order: Vec<usize>,
    pub(super) context: usize,
    pub(super) parameters: usize,
    pub(super) activation: Activation,
    pub(super) layers: Vec<Layer>,
}

#[derive(Debug, Clone)]
pub(super) struct Layer {
    /// The first of its units among those of all layers.
    pub(super) at: usize,
    pub(super) bias: Vec<f32>,
    /// One row an input, each from the first unit on that sees it.
    weights: Vec<f32>,
    /// The first weight of the inputs of each degree.
    starts: Vec<usize>,
    /// The bounds of the inputs and of the units of each degree.
    inputs: Vec<usize>,
    units: Vec<usize>,
    activates: bool,
    ends_block: bool,
}

impl PackedMasked {
    /// Of the weights `[inputs, units]` and the biases of each layer, with an activation between layers.
    /// Masked weights are not read.
    ///
    /// # Panics
    ///
    /// When there are not as many layers, weights or biases as the degrees say.
    pub fn new(
        degrees: &Degrees,
        layers: Vec<(Vec<f32>, Vec<f32>)>,
        activation: Activation,
    ) -> Self {
        assert!(
            layers.len() == degrees.layers(),
            "a masked network of {} layers got the weights of {}",
            degrees.layers(),
            layers.len()
        );
        let (levels, arranged) = (degrees.levels(), degrees.arranged());
        let (mut at, features) = (0, degrees.features());
        let pack = |(index, (weights, bias)): (usize, (Vec<f32>, Vec<f32>))| {
            let [inputs, width] = [levels[index].len(), levels[index + 1].len()];
            assert!(
                weights.len() == inputs * width && bias.len() == width,
                "layer {index} of a masked network has {inputs} × {width} weights and {width} biases, \
                 got {} and {}",
                weights.len(),
                bias.len()
            );
            let (from, to) = (&arranged[index], &arranged[index + 1]);
            let (mut rows, mut starts) = (vec![], vec![]);
            for degree in 0..features {
                starts.push(rows.len());
                for input in &from.units[from.bounds[degree]..from.bounds[degree + 1]] {
                    let seeing = to.units[to.bounds[degree]..].iter();
                    rows.extend(seeing.map(|unit| weights[input * width + unit]));
                }
            }
            let layer = Layer {
                at,
                bias: to.units.iter().map(|unit| bias[*unit]).collect(),
                weights: rows,
                starts,
                inputs: from.bounds.clone(),
                units: to.bounds.clone(),
                activates: degrees.activates(index),
                ends_block: degrees.ends_block(index),
            };
            at += layer.bias.len();
            layer
        };
        Self {
            order: degrees.order().to_vec(),
            context: degrees.context(),
            parameters: degrees.parameters(),
            activation,
            layers: layers.into_iter().enumerate().map(pack).collect(),
        }
    }

    /// The number of features.
    pub fn features(&self) -> usize {
        self.order.len()
    }

    /// Units of all layers.
    pub(super) fn units(&self) -> usize {
        self.layers.iter().map(|layer| layer.bias.len()).sum()
    }

    /// The most inputs that one layer takes at one place.
    pub(super) fn fresh(&self) -> usize {
        let of = |layer: &Layer| layer.inputs.windows(2).map(|pair| pair[1] - pair[0]).max();
        self.layers.iter().filter_map(of).max().unwrap_or(0)
    }

    /// Multiplications of one evaluation: the number of weights.
    pub(super) fn multiplications(&self) -> usize {
        self.layers.iter().map(|layer| layer.weights.len()).sum()
    }
}

/// The numbers of an evaluation of `L` samples side by side.
pub(super) struct State<'a, const L: usize> {
    /// The context, then the features in their order.
    pub(super) inputs: &'a [[f32; L]],
    /// The units of all layers, in front of their activations. Those of degree `k` are complete after place
    /// `k`.
    pub(super) sums: &'a mut [[f32; L]],
    /// Room for the activated inputs of a layer at one place.
    pub(super) fresh: &'a mut [[f32; L]],
}

/// Completes the units at some places, in their order. The feature at place `k` is read at place `k + 1`.
pub(super) fn advance<const L: usize>(
    activation: impl Function,
    network: &PackedMasked,
    places: Range<usize>,
    state: State<'_, L>,
) {
    network.count(places.clone());
    arch().dispatch(Advance {
        activation,
        network,
        places,
        state,
    });
}

struct Advance<'a, A, const L: usize> {
    activation: A,
    network: &'a PackedMasked,
    places: Range<usize>,
    state: State<'a, L>,
}

impl<A: Function, const L: usize> WithSimd for Advance<'_, A, L> {
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
                                let fresh = &mut state.fresh[..raw.len()];
                                let numbers = (raw.as_flattened(), fresh.as_flattened_mut());
                                activate(simd, self.activation, numbers);
                                &*fresh
                            }
                            false => raw,
                        }
                    }
                };
                let units = &mut sums[layer.units[place]..layer.bias.len()];
                let weights = values.len() * units.len();
                let weights = &layer.weights[layer.starts[place]..][..weights];
                add_rows(simd, values, weights, units);
                if layer.ends_block {
                    let complete = layer.units[place + 1] - layer.units[place];
                    let from = layers[index - 2].at + layer.units[place];
                    let block = units[..complete].as_flattened_mut().iter_mut();
                    let input = before[from..from + complete].as_flattened();
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

impl PackedMasked {
    /// Counts the multiplications of [`advance`], for tests.
    fn count(&self, places: Range<usize>) {
        let at = |layer: &Layer, place| {
            let inputs = layer.inputs[place + 1] - layer.inputs[place];
            inputs * (layer.bias.len() - layer.units[place])
        };
        let of = |layer| places.clone().map(move |place| at(layer, place));
        count_multiplications(|| self.layers.iter().flat_map(of).sum());
    }
}
