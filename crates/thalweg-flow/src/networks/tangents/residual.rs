//! Tangents of a residual network.

use burn::tensor::Tensor;
use thalweg_kernels::network_input;

use super::Tangents;
use super::carried::Carried;
use crate::networks::ResidualMlp;

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
