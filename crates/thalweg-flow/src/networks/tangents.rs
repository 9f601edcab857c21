//! Tangents of networks: derivatives in given directions, forward through the layers.

use burn::nn::Linear;
use burn::tensor::Tensor;
use thalweg_kernels::{NETWORK_LIMIT, network_input};

use super::context::beside;
use super::{Activation, Mlp, Modulation, Network, ResidualMlp, WithContext};
use crate::numerics::sum_features;

/// A network that computes derivatives beside its outputs: `J e` of directions `e` with `J = ∂y/∂x`, and the
/// trace of `J`.
///
/// Each layer maps tangents as it maps values (forward mode): `e W` behind a matrix, `a′(h) ⊙ e` behind an
/// activation. All of it is operations of tensors, so that a loss of tangents has a gradient in the parameters;
/// Burn differentiates once, and a gradient of a gradient does not exist there.
///
/// Directions lie along the first inputs, `[directions, batch, first]`; the inputs behind those are held.
/// Beyond ±[`NETWORK_LIMIT`] an input counts as that limit, and its derivative is 0.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Activation, MlpConfig, Noise, Tangents};
///
/// let device = Device::default();
/// let mlp = MlpConfig::new(3, vec![8], 3)
///     .with_activation(Activation::Tanh)
///     .init(&mut Noise::seeded(0), &device);
/// let x = Tensor::<2>::ones([5, 3], &device);
/// let basis = Tensor::<2>::eye(3, &device).reshape([3, 1, 3]).expand([3, 5, 3]);
/// let (_, columns) = mlp.tangents(x.clone(), basis, &());
/// let (_, trace) = mlp.divergence(x, 3, &());
/// assert_eq!((columns.dims(), trace.dims()), ([3, 5, 3], [5]));
/// ```
///
/// # References
///
/// Griewank, Walther: *Evaluating derivatives*, 2008, section 3.1.
pub trait Tangents<C = ()>: Network<C> {
    /// `y = f(x)` and `J e`: `[directions, batch, outputs]` for `[directions, batch, first inputs]`.
    ///
    /// # Panics
    ///
    /// When there are more numbers in a direction than inputs, or another batch.
    fn tangents(&self, x: Tensor<2>, directions: Tensor<3>, context: &C) -> (Tensor<2>, Tensor<3>);

    /// `y = f(x)` and `Σ_{i < features} ∂yᵢ/∂xᵢ`, `[batch]`, exactly.
    ///
    /// # Panics
    ///
    /// When there are fewer inputs or outputs.
    fn divergence(&self, x: Tensor<2>, features: usize, context: &C) -> (Tensor<2>, Tensor<1>) {
        let [batch, _] = x.dims();
        let basis = basis(features, &x);
        let directions = basis.expand([features, batch, features]);
        let (y, columns) = self.tangents(x, directions, context);
        (y, trace(columns))
    }

    /// Whether [`divergence`](Self::divergence) costs about as much as `f` itself, whatever the number of
    /// features.
    fn has_cheap_divergence(&self) -> bool {
        false
    }
}

/// The directions of the first inputs, `[features, 1, features]`.
fn basis<const D: usize>(features: usize, x: &Tensor<D>) -> Tensor<3> {
    let basis = Tensor::<2>::eye(features, &x.device()).cast(x.dtype());
    basis.reshape([features, 1, features])
}

/// `Σᵢ ∂yᵢ/∂xᵢ`, `[batch]`, of the columns `∂y/∂xᵢ`, `[features, batch, outputs]`.
fn trace(columns: Tensor<3>) -> Tensor<1> {
    let [features, batch, _] = columns.dims();
    let basis = basis(features, &columns);
    let diagonal = columns.slice([0..features, 0..batch, 0..features]) * basis;
    diagonal.sum_dim(2).sum_dim(0).reshape([batch])
}

/// `x W + b`.
fn affine(layer: &Linear, x: Tensor<2>) -> Tensor<2> {
    let y = x.matmul(layer.weight.val());
    match &layer.bias {
        Some(bias) => y + bias.val().unsqueeze(),
        None => y,
    }
}

/// `e W` of each direction.
fn product(e: Tensor<3>, weight: Tensor<2>) -> Tensor<3> {
    let ([directions, batch, inputs], [_, outputs]) = (e.dims(), weight.dims());
    let rows = e.reshape([directions * batch, inputs]);
    rows.matmul(weight).reshape([directions, batch, outputs])
}

/// The weights of the first inputs, `[first, outputs]`.
fn first_rows(weight: Tensor<2>, first: usize) -> Tensor<2> {
    let [inputs, outputs] = weight.dims();
    assert!(
        first <= inputs,
        "a network of {inputs} inputs got tangents of {first}"
    );
    weight.slice([0..first, 0..outputs])
}

/// 1 for the first inputs within ±[`NETWORK_LIMIT`], 0 for those beyond, `[batch, first]`; none if no input is
/// beyond.
///
/// Hardly ever is one beyond, and without this factor an exact divergence is one product less.
fn within_limit(x: &Tensor<2>, first: usize) -> Option<Tensor<2>> {
    let [batch, _] = x.dims();
    let x = x.clone().inner().slice([0..batch, 0..first]);
    let beyond = x.clone().abs().greater_elem(NETWORK_LIMIT);
    let any = beyond.clone().any().into_scalar::<bool>();
    any.then(|| x.ones_like().mask_fill(beyond, 0.0))
}

/// A value and its tangents behind some of the layers.
struct Carried {
    value: Tensor<2>,
    tangents: Tensor<3>,
}

impl Carried {
    /// Behind the first layer, of given directions.
    fn enter(layer: &Linear, x: Tensor<2>, directions: Tensor<3>) -> Self {
        let [_, _, first] = directions.dims();
        let directions = match within_limit(&x, first) {
            Some(within) => directions * of_batch(&x, within).unsqueeze_dim(0),
            None => directions,
        };
        let weight = first_rows(layer.weight.val(), first);
        Self {
            value: affine(layer, network_input(x)),
            tangents: product(directions, weight),
        }
    }

    /// Behind the first layer, of the directions of the first inputs: they are rows of the matrix.
    fn enter_basis(layer: &Linear, x: Tensor<2>, first: usize) -> Self {
        let [batch, _] = x.dims();
        let weight = first_rows(layer.weight.val(), first);
        let [_, outputs] = weight.dims();
        let rows = weight.reshape([first, 1, outputs]);
        let tangents = match within_limit(&x, first) {
            Some(within) => {
                rows * of_batch(&x, within)
                    .swap_dims(0, 1)
                    .reshape([first, batch, 1])
            }
            None => rows.expand([first, batch, outputs]),
        };
        let value = affine(layer, network_input(x));
        Self { value, tangents }
    }

    fn activate(self, activation: Option<Activation>) -> Self {
        let Some(activation) = activation else {
            return self;
        };
        let (value, slope) = activation.with_slope(self.value);
        let tangents = self.tangents * slope.unsqueeze_dim(0);
        Self { value, tangents }
    }

    fn layer(self, layer: &Linear) -> Self {
        Self {
            value: affine(layer, self.value),
            tangents: product(self.tangents, layer.weight.val()),
        }
    }

    /// `f ⊙ h + g` in front of a layer, or `h`.
    fn normed(self, modulation: Option<&Modulation>, layer: usize) -> Self {
        let norm = modulation.and_then(|modulation| Some((modulation, modulation.norm(layer)?)));
        let Some((modulation, norm)) = norm else {
            return self;
        };
        Self {
            value: modulation.normed(layer, self.value),
            tangents: self.tangents * norm.factor.val().unsqueeze(),
        }
    }

    /// The units of a layer, changed by a context, which is held.
    fn changed(self, modulation: Option<&Modulation>, layer: usize, numbers: &[Tensor<2>]) -> Self {
        let part = modulation.and_then(|modulation| Some((modulation, modulation.part(layer)?)));
        let Some((modulation, part)) = part else {
            return self;
        };
        let tangents = match part.is_gate {
            true => self.tangents * numbers[part.index].clone().unsqueeze_dim(0),
            false => self.tangents,
        };
        Self {
            value: modulation.changed(layer, self.value, numbers),
            tangents,
        }
    }

    /// The last layer and its activation, where only the trace is asked for: no product of matrices.
    fn trace(self, layer: &Linear, activation: Option<Activation>) -> (Tensor<2>, Tensor<1>) {
        let [features, batch, width] = self.tangents.dims();
        let columns = first_rows(layer.weight.val().transpose(), features);
        let columns = columns.reshape([features, 1, width]);
        let y = affine(layer, self.value);
        let diagonal = (self.tangents * columns)
            .sum_dim(2)
            .reshape([features, batch]);
        let Some(activation) = activation else {
            return (y, diagonal.sum_dim(0).reshape([batch]));
        };
        let (y, slope) = activation.with_slope(y);
        let slope = slope.slice([0..batch, 0..features]).transpose();
        (y, (diagonal * slope).sum_dim(0).reshape([batch]))
    }
}

/// A constant on the device of `x`, which may record a graph.
fn of_batch(x: &Tensor<2>, constant: Tensor<2>) -> Tensor<2> {
    match x.is_autodiff() {
        true => constant.autodiff(),
        false => constant,
    }
}

impl Mlp {
    /// The layers, each with the activation behind it.
    fn activated(&self) -> impl DoubleEndedIterator<Item = (&Linear, Option<Activation>)> {
        let last = self.layers.len().saturating_sub(1);
        self.layers.iter().enumerate().map(move |(index, layer)| {
            let between = (index < last).then_some(self.activation);
            (layer, between.or(self.output_activation))
        })
    }

    /// Value and trace of a network of one or two hidden layers and a linear output.
    ///
    /// With two, `tr J = Σⱼₖ a′(h₁)ⱼ (W₂ ⊙ M)ⱼₖ a′(h₂)ₖ` and `M = (W₃ W₁)ᵀ`: one product more than the
    /// network itself, whatever the number of features.
    fn cheap_divergence(&self, x: Tensor<2>, features: usize) -> (Tensor<2>, Tensor<1>) {
        let weight = |layer: &Linear| layer.weight.val();
        let x = network_input(x);
        let [first, middle @ .., last] = &self.layers[..] else {
            unreachable!("a network with a cheap divergence has two or three layers");
        };
        let (h, first_slope) = self.activation.with_slope(affine(first, x));
        let rows = first_rows(weight(first), features);
        let columns = first_rows(weight(last).transpose(), features);
        match middle.first() {
            None => {
                let around = (rows * columns).sum_dim(0);
                let trace = sum_features(first_slope * around);
                (affine(last, h), trace)
            }
            Some(middle) => {
                let (h, second_slope) = self.activation.with_slope(affine(middle, h));
                let around = rows.transpose().matmul(columns) * weight(middle);
                let trace = sum_features(first_slope.matmul(around) * second_slope);
                (affine(last, h), trace)
            }
        }
    }
}

impl<C> Tangents<C> for Mlp {
    fn tangents(&self, x: Tensor<2>, directions: Tensor<3>, _: &C) -> (Tensor<2>, Tensor<3>) {
        let mut layers = self.activated();
        let (first, activation) = layers.next().expect(A_LAYER);
        let carried = Carried::enter(first, x, directions).activate(activation);
        let carried = layers.fold(carried, |carried, (layer, activation)| {
            carried.layer(layer).activate(activation)
        });
        (carried.value, carried.tangents)
    }

    fn divergence(&self, x: Tensor<2>, features: usize, _: &C) -> (Tensor<2>, Tensor<1>) {
        let cheap = Tangents::<C>::has_cheap_divergence(self);
        if cheap && within_limit(&x, features).is_none() {
            return self.cheap_divergence(x, features);
        }
        if let [only] = &self.layers[..] {
            let carried = Carried::enter_basis(only, x, features);
            let Carried { value, tangents } = carried.activate(self.output_activation);
            return (value, trace(tangents));
        }
        let mut layers = self.activated();
        let (first, activation) = layers.next().expect(A_LAYER);
        let (last, behind) = layers.next_back().expect(A_LAYER);
        let carried = Carried::enter_basis(first, x, features).activate(activation);
        let carried = layers.fold(carried, |carried, (layer, activation)| {
            carried.layer(layer).activate(activation)
        });
        carried.trace(last, behind)
    }

    fn has_cheap_divergence(&self) -> bool {
        matches!(self.layers.len(), 2 | 3) && self.output_activation.is_none()
    }
}

const A_LAYER: &str = "a perceptron has a layer or more";

impl ResidualMlp {
    /// The blocks.
    fn carry(&self, entered: Carried, numbers: &[Tensor<2>]) -> Carried {
        let (before, modulation) = (Some(self.activation), self.modulation.as_ref());
        let entered = entered.changed(modulation, 0, numbers);
        self.blocks
            .iter()
            .enumerate()
            .fold(entered, |h, (index, block)| {
                let [first, second] = [2 * index + 1, 2 * index + 2];
                let (value, tangents) = (h.value.clone(), h.tangents.clone());
                let inner = h.normed(modulation, first).activate(before);
                let inner = inner
                    .layer(&block.first)
                    .changed(modulation, first, numbers);
                let inner = inner.activate(before).layer(&block.second);
                let inner = inner.changed(modulation, second, numbers);
                Carried {
                    value: value + inner.value,
                    tangents: tangents + inner.tangents,
                }
            })
    }
}

impl<C> Tangents<C> for ResidualMlp {
    fn tangents(&self, x: Tensor<2>, directions: Tensor<3>, _: &C) -> (Tensor<2>, Tensor<3>) {
        let numbers = self.numbers(&network_input(x.clone()));
        let carried = self.carry(Carried::enter(&self.input, x, directions), &numbers);
        let Carried { value, tangents } = carried.layer(&self.output);
        (value, tangents)
    }

    fn divergence(&self, x: Tensor<2>, features: usize, _: &C) -> (Tensor<2>, Tensor<1>) {
        let numbers = self.numbers(&network_input(x.clone()));
        let carried = self.carry(Carried::enter_basis(&self.input, x, features), &numbers);
        carried.trace(&self.output, None)
    }
}

/// The context is held.
impl<N: Tangents> Tangents<Tensor<2>> for WithContext<N> {
    fn tangents(
        &self,
        x: Tensor<2>,
        directions: Tensor<3>,
        context: &Tensor<2>,
    ) -> (Tensor<2>, Tensor<3>) {
        let [_, features] = x.dims();
        assert!(
            directions.dims()[2] <= features,
            "a network of {features} features beside a context got tangents of {}",
            directions.dims()[2]
        );
        self.network.tangents(beside(x, context), directions, &())
    }

    fn divergence(
        &self,
        x: Tensor<2>,
        features: usize,
        context: &Tensor<2>,
    ) -> (Tensor<2>, Tensor<1>) {
        self.network.divergence(beside(x, context), features, &())
    }

    fn has_cheap_divergence(&self) -> bool {
        self.network.has_cheap_divergence()
    }
}
