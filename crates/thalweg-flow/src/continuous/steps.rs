//! A continuous flow as a bijection: its backward pass takes one step after the other.

use burn::tensor::Tensor;
use thalweg_kernels::Direction;

use super::{Continuous, Integrated, VectorField};
use crate::invertible_backprop::{BackwardPass, Checkpoints, WithGradient};
use crate::numerics::nothing;
use crate::{Bijection, FlowError, LogDet, TensorMap, Variable, probe};

/// The result, or a panic with its message.
fn or_panic(result: Result<Integrated, FlowError>) -> (Tensor<2>, LogDet) {
    match result {
        Ok(Integrated { value, log_det, .. }) => probe::layer("Continuous", (value, log_det)),
        Err(error) => panic!("{error}"),
    }
}

/// The state at the start of a step, for the backward pass.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    x: Tensor<2>,
    t: f64,
    h: f64,
    is_first: bool,
}

impl Moment {
    /// Saves the states of a way that ends at `end`.
    pub(super) fn keep(states: Vec<(f64, Tensor<2>)>, end: f64, checkpoints: &mut Checkpoints) {
        let nexts = states.iter().skip(1).map(|(t, _)| *t);
        let nexts: Vec<f64> = nexts.chain([end]).collect();
        for (index, ((t, x), next)) in states.into_iter().zip(nexts).enumerate() {
            checkpoints.save_kept(&Self {
                x,
                t,
                h: next - t,
                is_first: index == 0,
            });
        }
    }
}

impl Variable for Moment {
    fn map(self, change: &mut impl TensorMap) -> Self {
        let x = change.map(self.x);
        Self { x, ..self }
    }
}

impl<C, F: VectorField<C>> Bijection<C> for Continuous<F> {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, context: &C) -> (Tensor<2>, LogDet) {
        or_panic(self.try_forward(x, context))
    }

    fn inverse(&self, z: Tensor<2>, context: &C) -> (Tensor<2>, LogDet) {
        or_panic(self.try_inverse(z, context))
    }

    fn forward_checkpointed(
        &self,
        x: Tensor<2>,
        context: &C,
        checkpoints: &mut Checkpoints,
    ) -> (Tensor<2>, LogDet) {
        or_panic(self.run(Direction::Forward, x, context, checkpoints))
    }

    fn backward(
        &self,
        z: WithGradient<Tensor<2>>,
        context: &C,
        pass: &mut BackwardPass,
    ) -> WithGradient<Tensor<2>> {
        let way = self.way(self.divergence.trace(&self.field, &z.value), context);
        let mut after = z.gradient;
        loop {
            let Moment { x, t, h, is_first } = pass.kept().expect("each step keeps its state");
            let step = |x: Tensor<2>| match nothing(&x) {
                Some(nothing) => nothing,
                None => way.step(t, h, x),
            };
            let before = pass.through(self, x, &after, step);
            if is_first {
                return before;
            }
            after = before.gradient;
        }
    }
}
