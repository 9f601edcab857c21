//! Repeats the pass until every drift is within the tolerance.

use std::sync::PoisonError;

use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use super::keep::{Budget, Keep, Policy};
use super::pass::{Pass, Passed};
use super::{CONSTANT, Memory, Reversible, Store};
use crate::{Base, Bijection, Flow, Variable, warnings};

/// The passes of a [`Reversible`]: totals, and figures of the last pass.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// Gradients returned so far.
    pub passes: usize,
    /// Passes repeated because an input had drifted too far.
    pub repeated: usize,
    /// Layers of the flow: the members of its chains.
    pub layers: usize,
    /// Layers whose input the last pass saved, anchors included.
    pub kept: usize,
    /// Indices of the layers whose input is saved because it drifted too far.
    pub anchors: Vec<usize>,
    /// Bytes of the inputs that the last pass saved.
    pub kept_bytes: usize,
    /// Bytes of the inputs of all layers.
    pub all_bytes: usize,
    /// The largest relative drift of an input in the last pass.
    pub drift: f64,
}

impl Reversible {
    pub(super) fn remembered(&self) -> Memory {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.clone()
    }

    /// See [`Flow::loss_and_gradients`].
    pub(crate) fn differentiate<C, B, P>(
        &self,
        flow: &Flow<B, P>,
        context: &C,
        x: B::Data,
        loss: impl Fn(Tensor<1>) -> Tensor<1>,
    ) -> (Tensor<1>, GradientsParams)
    where
        B: Bijection<C>,
        P: Base<C, Latent = B::Latent>,
    {
        assert!(!x.is_tracked(), "{CONSTANT}");
        let pass = Pass {
            flow,
            context,
            x,
            loss,
        };
        let mut memory = self.remembered();
        if matches!(self.store, Store::Within(_)) && memory.report.all_bytes == 0 {
            memory.report.all_bytes = pass.bytes();
        }
        let mut repeated = 0;
        let passed = loop {
            let passed = pass.run(self.keep(&memory));
            let Some((layer, drift)) = passed.first_beyond(self.tolerance) else {
                break passed;
            };
            warnings::tell(&format!(
                "layer {layer} of the flow was inverted with an error of {drift:.1e}, more than \
                 {:.1e}: its input is kept from now on",
                self.tolerance
            ));
            memory.anchors.insert(layer);
            repeated += 1;
        };
        self.remember(memory, &passed, repeated);
        (passed.loss, passed.gradients)
    }

    fn keep(&self, memory: &Memory) -> Keep {
        let policy = match self.store {
            Store::Nothing => Policy::Nothing,
            Store::Every(layers) => Policy::Every(layers),
            Store::Within(bytes) => Policy::Within(Budget::new(bytes, memory.report.all_bytes)),
        };
        Keep {
            policy,
            anchors: memory.anchors.clone(),
        }
    }

    /// Merges the result of a pass with those of other threads.
    fn remember(&self, found: Memory, passed: &Passed, repeated: usize) {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.anchors.extend(found.anchors);
        memory.report = Report {
            passes: memory.report.passes + 1,
            repeated: memory.report.repeated + repeated,
            layers: passed.layers,
            kept: passed.kept,
            anchors: memory.anchors.iter().copied().collect(),
            kept_bytes: passed.kept_bytes,
            all_bytes: passed.all_bytes,
            drift: passed.drift(),
        };
    }
}
