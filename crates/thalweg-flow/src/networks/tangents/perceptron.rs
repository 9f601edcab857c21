//! Tangents of a multilayer perceptron.

use burn::nn::Linear;
use burn::tensor::Tensor;
use thalweg_kernels::network_input;

use super::carried::{Carried, affine, first_rows, within_limit};
use super::{Tangents, trace};
use crate::networks::{Activation, Mlp};
use crate::numerics::sum_features;

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
