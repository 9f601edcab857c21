//! A value and its tangents through layers.

use burn::nn::Linear;
use burn::tensor::Tensor;
use thalweg_kernels::{NETWORK_LIMIT, network_input};

use crate::networks::{Activation, Modulation};

/// `x W + b`.
pub(super) fn affine(layer: &Linear, x: Tensor<2>) -> Tensor<2> {
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
pub(super) fn first_rows(weight: Tensor<2>, first: usize) -> Tensor<2> {
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
pub(super) fn within_limit(x: &Tensor<2>, first: usize) -> Option<Tensor<2>> {
    let [batch, _] = x.dims();
    let x = x.clone().inner().slice([0..batch, 0..first]);
    let beyond = x.clone().abs().greater_elem(NETWORK_LIMIT);
    let any = beyond.clone().any().into_scalar::<bool>();
    any.then(|| x.ones_like().mask_fill(beyond, 0.0))
}

/// A value and its tangents behind some of the layers.
pub(super) struct Carried {
    pub(super) value: Tensor<2>,
    pub(super) tangents: Tensor<3>,
}

impl Carried {
    /// Behind the first layer, of given directions.
    pub(super) fn enter(layer: &Linear, x: Tensor<2>, directions: Tensor<3>) -> Self {
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
    pub(super) fn enter_basis(layer: &Linear, x: Tensor<2>, first: usize) -> Self {
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

    pub(super) fn activate(self, activation: Option<Activation>) -> Self {
        let Some(activation) = activation else {
            return self;
        };
        let (value, slope) = activation.with_slope(self.value);
        let tangents = self.tangents * slope.unsqueeze_dim(0);
        Self { value, tangents }
    }

    pub(super) fn layer(self, layer: &Linear) -> Self {
        Self {
            value: affine(layer, self.value),
            tangents: product(self.tangents, layer.weight.val()),
        }
    }

    /// `f ⊙ h + g` in front of a layer, or `h`.
    pub(super) fn normed(self, modulation: Option<&Modulation>, layer: usize) -> Self {
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
    pub(super) fn changed(
        self,
        modulation: Option<&Modulation>,
        layer: usize,
        numbers: &[Tensor<2>],
    ) -> Self {
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
    pub(super) fn trace(
        self,
        layer: &Linear,
        activation: Option<Activation>,
    ) -> (Tensor<2>, Tensor<1>) {
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
