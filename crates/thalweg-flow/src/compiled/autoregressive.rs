//! Autoregressive layers.

use std::mem::take;
use std::ops::Range;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_kernels::{Contexts, Direction, PackedAutoregressive, PackedMasked, Rows};

use super::modulated::Given;
use super::{
    Batch, FlowStep, Lower, LowerEmbedding, LowerTransformer, Lowering, Scratch, assert_features,
};
use crate::{Autoregressive, AutoregressiveNetwork, Embedded, MaskedMlp, Transformer, WithContext};

/// A network of an [`Autoregressive`] layer that has a compiled form, for the context `C`.
///
/// [`MaskedMlp`](crate::MaskedMlp) implements it; see [`Autoregressive`] for an example of the layer.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_flow::compiled::{LowerAutoregressive, Lowering};
/// use thalweg_flow::{MaskedMlpConfig, Noise, WithContext};
///
/// let config = MaskedMlpConfig::new(3, vec![16], 2).with_context(4);
/// let network = WithContext::new(config.init(&mut Noise::seeded(0), &Device::default()));
/// let mut plan = Lowering::new([3, 1, 1], 1);
/// let (_, context) = network.lower_autoregressive(&mut plan);
/// // The four numbers of the condition, as other layers find them.
/// assert_eq!(context, Some(plan.context(4)));
/// ```
pub trait LowerAutoregressive<C = ()>: AutoregressiveNetwork<C> {
    /// The masked network, and the place of the context vector that it takes.
    ///
    /// # Panics
    ///
    /// When it takes another number of features than the samples of the plan have, or a context of another
    /// length.
    fn lower_autoregressive(&self, plan: &mut Lowering) -> (PackedMasked, Option<Range<usize>>);
}

/// # Panics
///
/// When the network takes another number of features.
fn packed(network: &MaskedMlp, plan: &Lowering) -> PackedMasked {
    assert_features(network.degrees().features(), plan);
    network.packed()
}

impl<C> LowerAutoregressive<C> for MaskedMlp {
    fn lower_autoregressive(&self, plan: &mut Lowering) -> (PackedMasked, Option<Range<usize>>) {
        let context = self.degrees().context();
        assert!(
            context == 0,
            "a masked network without a condition takes 0 numbers of context, this one {context}"
        );
        (packed(self, plan), None)
    }
}

impl LowerAutoregressive<Tensor<2>> for WithContext<MaskedMlp> {
    fn lower_autoregressive(&self, plan: &mut Lowering) -> (PackedMasked, Option<Range<usize>>) {
        let context = self.network.degrees().context();
        let at = match self.network.modulation() {
            None => plan.context(context),
            Some((modulation, activation)) => {
                let given = Given::new(modulation, activation);
                plan.context_of(given.sizes(), |_| Box::new(given))
            }
        };
        (packed(&self.network, plan), Some(at))
    }
}

impl<C, E, N> LowerAutoregressive<C> for Embedded<E, N>
where
    E: LowerEmbedding<C>,
    N: Module + ModuleDisplay + LowerAutoregressive<Tensor<2>>,
{
    fn lower_autoregressive(&self, plan: &mut Lowering) -> (PackedMasked, Option<Range<usize>>) {
        let vector = self.embedding.lower_embedding(plan);
        plan.embedded(vector, |plan| self.inner.lower_autoregressive(plan))
    }
}

/// Either way, each weight that is not masked is used once a sample.
#[derive(Debug)]
struct AutoregressiveStep {
    layer: PackedAutoregressive,
    context: Option<Range<usize>>,
}

impl FlowStep for AutoregressiveStep {
    fn apply(&self, direction: Direction, x: &mut Batch<'_>, scratch: &mut Scratch) {
        let mut memory = take(&mut scratch.masked);
        let contexts = match &self.context {
            Some(at) => scratch.contexts_from(at.start),
            None => Contexts::NONE,
        };
        let rows = Rows {
            numbers: x.numbers,
            stride: x.stride,
            log_dets: x.log_dets.as_deref_mut(),
        };
        self.layer.apply(direction, rows, contexts, &mut memory);
        scratch.masked = memory;
    }
}

impl<C, T, N> Lower<C> for Autoregressive<T, N>
where
    T: Transformer + LowerTransformer,
    N: LowerAutoregressive<C>,
{
    fn lower(&self, plan: &mut Lowering) {
        let (network, context) = self.network.lower_autoregressive(plan);
        let layer = self.transformer.lower_transformer().after(network);
        plan.add(AutoregressiveStep { layer, context });
    }
}
