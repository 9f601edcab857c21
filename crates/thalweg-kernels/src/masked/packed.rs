//! Masked networks in the order of their degrees.

use super::modulated::Modulation;
use super::{Degrees, panels};
use crate::Activation;

/// A masked network whose units are sorted by degree, so that no masked weight is kept.
///
/// A unit of degree `k` is seen by the units of degree `k` and more in the next layer, which stand side by
/// side. So its row of weights is a slice, which is shorter the higher the degree. That is how one sample reads
/// them; for samples side by side they lie unit by unit, those of a unit a slice too, which is longer the
/// higher the degree.
///
/// See [`PackedAutoregressive`](crate::PackedAutoregressive) for an example.
#[derive(Debug, Clone)]
pub struct PackedMasked {
    pub(super) order: Vec<usize>,
    pub(super) context: usize,
    /// Numbers of a context vector: the inputs of the first layer, then those that [`Modulated`] layers read.
    pub(super) given: usize,
    pub(super) parameters: usize,
    pub(super) activation: Activation,
    pub(super) residual: bool,
    /// From each feature to an angle, 0 where it enters as it is; empty where all do.
    pub(super) angles: Vec<f32>,
    pub(super) layers: Vec<Layer>,
}

#[derive(Debug, Clone)]
pub(super) struct Layer {
    /// The first of its units among those of all layers.
    pub(super) at: usize,
    pub(super) bias: Vec<f32>,
    /// One row an input, each from the first unit on that sees it.
    pub(super) rows: Vec<f32>,
    /// The first weight of the inputs of each degree.
    pub(super) row_starts: Vec<usize>,
    /// The same weights in panels of units, see [`panels`].
    pub(super) panels: Vec<f32>,
    /// The first weight of the units of each degree.
    pub(super) panel_starts: Vec<usize>,
    /// The bounds of the inputs and of the units of each degree.
    pub(super) inputs: Vec<usize>,
    pub(super) units: Vec<usize>,
    pub(super) activates: bool,
    pub(super) ends_block: bool,
    pub(super) modulation: Modulation,
}

impl PackedMasked {
    /// Of the weights `[inputs, units]` and the biases of each layer, with an activation between layers.
    /// Masked weights are not read.
    ///
    /// # Panics
    ///
    /// When there are not as many layers, weights or biases as the degrees say, or when features have several
    /// inputs or different numbers of parameters.
    pub fn new(
        degrees: &Degrees,
        layers: Vec<(Vec<f32>, Vec<f32>)>,
        activation: Activation,
    ) -> Self {
        Self::of_angles(degrees, layers, activation, vec![])
    }

    /// [`new`](Self::new) where some features `x` enter as `cos ωx` and `sin ωx`, by the `ω` of each feature: 0 for those
    /// that enter as they are. The degrees say so too, see [`Degrees::with_angles`].
    ///
    /// ```
    /// use std::f32::consts::PI;
    /// use thalweg_kernels::{
    ///     Activation, Contexts, Degrees, Direction, Map, MaskedMemory, PackedAutoregressive,
    ///     PackedMasked, Rows, Shift,
    /// };
    ///
    /// // Feature 0 is an angle in half turns: z₁ = x₁ + cos πx₀ + 10 sin πx₀.
    /// let degrees = Degrees::new(vec![0, 1], 0, 1, vec![]).with_angles(&[0]);
    /// let layers = vec![(vec![0.0, 0.0, 0.0, 1.0, 0.0, 10.0], vec![0.0, 0.0])];
    /// let network = PackedMasked::of_angles(&degrees, layers, Activation::Relu, vec![PI, 0.0]);
    /// let layer = PackedAutoregressive::new(network, Map::Shift(Shift { subtracts: false }), vec![]);
    /// let mut x = [0.5, 2.0];
    /// let rows = Rows { numbers: &mut x, stride: 2, log_dets: None };
    /// layer.apply(Direction::Forward, rows, Contexts::NONE, &mut MaskedMemory::default());
    /// assert!((x[1] - 12.0).abs() < 1e-5);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new), and when the degrees have other inputs.
    pub fn of_angles(
        degrees: &Degrees,
        layers: Vec<(Vec<f32>, Vec<f32>)>,
        activation: Activation,
        angles: Vec<f32>,
    ) -> Self {
        assert!(
            layers.len() == degrees.layers(),
            "a masked network of {} layers got the weights of {}",
            degrees.layers(),
            layers.len()
        );
        let inputs_of = |feature| match angles.get(feature) {
            Some(factor) if *factor != 0.0 => 2,
            _ => 1,
        };
        let expected = (0..degrees.features()).map(inputs_of);
        let is_packed = degrees.inputs_of().into_iter().eq(expected);
        let Some(parameters) = degrees.parameters().filter(|_| is_packed) else {
            panic!(
                "a masked network on slices takes one input of each of {} features, two of an angle, and the same \
                 parameters of each, not {} inputs and {} outputs in another arrangement",
                degrees.features(),
                degrees.inputs(),
                degrees.outputs()
            );
        };
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
            let weight = |input: usize, unit: usize| weights[input * width + unit];
            let (mut rows, mut row_starts) = (vec![], vec![]);
            let (mut of_panels, mut panel_starts) = (vec![], vec![]);
            for degree in 0..features {
                let (of_inputs, of_units) = (
                    from.bounds[degree]..from.bounds[degree + 1],
                    to.bounds[degree]..to.bounds[degree + 1],
                );
                row_starts.push(rows.len());
                for input in &from.units[of_inputs.clone()] {
                    let seeing = to.units[of_units.start..].iter();
                    rows.extend(seeing.map(|unit| weight(*input, *unit)));
                }
                panel_starts.push(of_panels.len());
                let seen = &from.units[..of_inputs.end];
                panels::pack(&mut of_panels, seen, &to.units[of_units], weight);
            }
            let layer = Layer {
                at,
                bias: to.units.iter().map(|unit| bias[*unit]).collect(),
                rows,
                row_starts,
                panels: of_panels,
                panel_starts,
                inputs: from.bounds.clone(),
                units: to.bounds.clone(),
                activates: degrees.activates(index),
                ends_block: degrees.ends_block(index),
                modulation: Modulation::default(),
            };
            at += layer.bias.len();
            layer
        };
        Self {
            order: degrees.order().to_vec(),
            context: degrees.context(),
            given: degrees.context(),
            parameters,
            activation,
            residual: degrees.is_residual(),
            angles,
            layers: layers.into_iter().enumerate().map(pack).collect(),
        }
    }

    /// Numbers of a context vector.
    pub fn given(&self) -> usize {
        self.given
    }

    /// The number of features.
    pub fn features(&self) -> usize {
        self.order.len()
    }

    /// Inputs of the first layer, the context among them.
    pub(super) fn inputs(&self) -> usize {
        let angles = self.angles.iter().filter(|factor| **factor != 0.0);
        self.context + self.features() + angles.count()
    }

    /// Units of all layers.
    pub(super) fn units(&self) -> usize {
        self.layers.iter().map(|layer| layer.bias.len()).sum()
    }

    /// The most inputs that one layer takes at one place, for the sums of one sample.
    pub(super) fn fresh(&self) -> usize {
        let of = |layer: &Layer| layer.inputs.windows(2).map(|pair| pair[1] - pair[0]).max();
        self.layers.iter().filter_map(of).max().unwrap_or(0)
    }

    /// Multiplications of one evaluation, which is the number of weights.
    pub fn multiplications(&self) -> usize {
        self.layers.iter().map(|layer| layer.rows.len()).sum()
    }
}
