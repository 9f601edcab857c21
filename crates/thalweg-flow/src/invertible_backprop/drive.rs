//! Passes until one is within the tolerance.

use std::sync::PoisonError;

use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use super::keep::{Budget, Keep, Policy};
use super::pass::{Pass, Passed};
use super::{CONSTANT, Memory, Report, Reversible, Store};
use crate::{Base, Bijection, Flow, Variable, warnings};

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

    /// Adds what a pass has shown to what other threads may have found meanwhile.
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
