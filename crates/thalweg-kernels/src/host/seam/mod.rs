//! Host operations as operations of Burn, for tensors of the backends that compute in the host's memory.

#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "ndarray")]
#[allow(deprecated)]
// Burn has deprecated this backend in favour of `flex`. It stays a feature here.
mod ndarray;
mod step;
mod tensor;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use burn::backend::{DispatchTensor, DispatchTensorKind, TensorMetadata};
use burn::tensor::{DType, Tensor};

use super::HostOp;
use crate::Numbers;
use crate::chain::chain;
use crate::counts::count_fused;
use step::MOST_INPUTS;
pub(crate) use tensor::{Lender, Order};

/// A tensor of any rank.
pub(crate) struct Input(DispatchTensor);

impl<const D: usize> From<&Tensor<D>> for Input {
    fn from(tensor: &Tensor<D>) -> Self {
        Self(tensor.clone().into_dispatch())
    }
}

/// The backends whose tensors lie in the host's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HostBackend {
    #[cfg(feature = "flex")]
    Flex,
    #[cfg(feature = "ndarray")]
    NdArray,
}

/// An expression of a backend's type of tensors.
macro_rules! by_backend {
    ($backend:expr, $tensor:ident => $expression:expr) => {
        match $backend {
            #[cfg(feature = "flex")]
            HostBackend::Flex => {
                type $tensor = flex::Primitive;
                $expression
            }
            #[cfg(feature = "ndarray")]
            HostBackend::NdArray => {
                type $tensor = ndarray::Primitive;
                $expression
            }
        }
    };
}

impl Input {
    /// `None` unless the numbers lie in the host's memory.
    fn backend(&self) -> Option<HostBackend> {
        let kind = match &self.0.kind {
            DispatchTensorKind::Autodiff(inner) => inner,
            kind => kind,
        };
        match kind {
            #[cfg(feature = "flex")]
            DispatchTensorKind::Flex(_) => Some(HostBackend::Flex),
            #[cfg(feature = "ndarray")]
            DispatchTensorKind::NdArray(_) => Some(HostBackend::NdArray),
            _ => None,
        }
    }
}

pub(super) fn run<const D: usize>(
    inputs: Vec<Input>,
    op: impl FnOnce() -> Arc<dyn HostOp>,
) -> Option<Tensor<D>> {
    if inputs.len() > MOST_INPUTS {
        return chain("a network has more than 256 weights and biases");
    }
    let backend = inputs.first().and_then(Input::backend);
    let same = |input: &Input| input.backend() == backend;
    let Some(backend) = backend.filter(|_| inputs.iter().all(same)) else {
        return chain(
            "the tensors are on a backend without fused operations, or its feature is off",
        );
    };
    if inputs
        .iter()
        .any(|input| input.0.kind.dtype() != DType::F32)
    {
        return chain("the tensors are not f32");
    }
    let op = op();
    count_fused(op.name());
    let inputs = inputs.into_iter().map(|input| input.0).collect();
    let output = by_backend!(backend, T => step::run::<T>(inputs, op));
    output.map(Tensor::from_dispatch)
}

/// Whether the numbers of a tensor lie in the host's memory.
pub(crate) fn is_on_host<const D: usize>(tensor: &Tensor<D>) -> bool {
    Input::from(tensor).backend().is_some()
}

/// A function of the numbers of a tensor of f32 or f64, without its tape, if they lie in the host's
/// memory. They are copied only where they lie in another order.
pub(crate) fn read<const D: usize, R>(
    tensor: &Tensor<D>,
    order: Order,
    function: impl FnOnce(Numbers<'_>) -> R,
) -> Option<R> {
    let input = Input::from(tensor);
    let backend = input.backend()?;
    by_backend!(backend, T => tensor::read::<T, R>(input.0.kind, order, function))
}

/// The tensor without its tape, if it lies in the host's memory and is of f32 or f64.
pub(crate) fn hold<const D: usize>(tensor: &Tensor<D>) -> Option<Box<dyn Lender>> {
    let input = Input::from(tensor);
    let backend = input.backend()?;
    by_backend!(backend, T => tensor::hold::<T>(input.0.kind))
}
