//! Operations on arrays in the host's memory, and how Burn comes to run them.

pub(crate) mod epilogue;
pub(crate) mod filled;
pub(crate) mod matrix;
pub(crate) mod product;
mod seam;
pub(crate) mod sums;

use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

use burn::tensor::Tensor;

/// A differentiable function of arrays, each of them row by row.
///
/// It runs where tensors lie in the host's memory, on plain slices, so an operation knows nothing of
/// tensors, devices or tapes; see [`run`].
pub(crate) trait HostOp: Debug + Send + Sync + 'static {
    /// For counts.
    fn name(&self) -> &'static str {
        std::any::type_name::<Self>()
    }

    /// Of the output.
    fn shape(&self) -> Vec<usize>;

    /// The output. Arrays that [`backward`](Self::backward) needs besides the inputs go to `kept`.
    fn forward(&self, inputs: &[&[f32]], kept: Option<&mut Vec<Vec<f32>>>) -> Vec<f32>;

    /// The gradients of the wanted inputs, from the gradient of the output.
    fn backward(&self, pass: Pass<'_>) -> Vec<Option<Vec<f32>>>;

    /// Whether samples of the first input may have a stride, as those of a view of some features do. Its
    /// slice then ends with the last sample, and numbers between two samples are not its own.
    fn takes_stride(&self) -> bool {
        false
    }

    /// The features of the first input, if the output is a view of them. [`forward`](Self::forward) is
    /// called only on a backend without such views.
    fn part(&self) -> Option<Range<usize>> {
        None
    }
}

/// The arguments of [`HostOp::backward`].
pub(crate) struct Pass<'a> {
    /// The inputs of `forward`.
    pub(crate) inputs: &'a [&'a [f32]],
    /// Arrays that `forward` kept.
    pub(crate) kept: Vec<Vec<f32>>,
    /// Of the output.
    pub(crate) gradient: &'a [f32],
    /// Whether the gradient of each input is wanted.
    pub(crate) wanted: &'a [bool],
}

/// The operation's output where all tensors are f32 in the host's memory, as a step of the tape where
/// they are on one; otherwise the tensors as they came, for operations of tensors.
pub(crate) fn run<const D: usize>(
    inputs: Vec<Input>,
    op: impl FnOnce() -> Arc<dyn HostOp>,
) -> Option<Tensor<D>> {
    seam::run(inputs, op)
}

pub(crate) use crate::number::elementary;
pub(crate) use crate::transpose;
pub(crate) use seam::{Input, Lender, Order, hold, is_on_host, read};
