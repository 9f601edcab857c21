//! The way back through a coupling.

use burn::module::Module;
use burn::tensor::Tensor;

use super::{BackwardPass, WithGradient};
use crate::{Transformer, Variable};

/// Back through a coupling whose network runs once for inverse and gradient: what it keeps, and so
/// the network's result, is the same on both sides.
///
/// `value` and `gradient` are the kept and the transformed part of both; `parameters` is the
/// network.
pub(crate) fn through_coupling<M: Module, T: Transformer, const D: usize, const E: usize>(
    way: &mut BackwardPass,
    layer: &M,
    transformer: &T,
    [kept, transformed]: [Tensor<D>; 2],
    [kept_gradient, gradient]: [Tensor<D>; 2],
    parameters: impl FnOnce(&Tensor<D>) -> Tensor<D>,
    merge: impl Fn(Tensor<D>, Tensor<D>) -> Tensor<E>,
) -> WithGradient<Tensor<E>> {
    let kept = kept.leaf();
    let parameters = parameters(&kept);
    let plain = transformer.valid();
    let (transformed, _) = plain.inverse(transformed, parameters.clone().plain());
    let value = merge(kept.clone().plain(), transformed.clone());
    way.check(&value);

    let transformed = transformed.leaf();
    let (moved, log_det) = transformer.forward(transformed.clone(), parameters);
    let (output, slope) = ((kept.clone(), moved), (kept_gradient, gradient));
    let mut gradients = way.gradients(layer, &output, log_det, &slope);
    let kept = kept.gradient(&mut gradients);
    let gradient = merge(kept, transformed.gradient(&mut gradients));
    WithGradient { value, gradient }
}
