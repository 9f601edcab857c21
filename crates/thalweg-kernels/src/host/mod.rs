//! Operations on arrays in the host's memory, and how Burn comes to run them.

pub(crate) mod activate;
pub(crate) mod filled;
pub(crate) mod finish;
pub(crate) mod matrix;
pub(crate) mod product;
mod seam;
pub(crate) mod sums;
pub(crate) mod turned;

use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

use burn::tensor::Tensor;

/// A differentiable function of arrays, each of them row by row.
///
/// It runs where tensors lie in the host's memory, on plain slices, so an operation knows nothing of
/// tensors, devices or tapes; see [`run`].
pub(crate) trait HostOp: Debug + Send + Sync + 'static {
    /// Of the output.
    fn shape(&self) -> Vec<usize>;

    /// The output. With `kept`, what [`backward`](Self::backward) wants besides the inputs goes there.
    fn forward(&self, inputs: &[&[f32]], kept: Option<&mut Vec<Vec<f32>>>) -> Vec<f32>;

    /// The gradients of the inputs that are wanted, given the output's.
    fn backward(&self, pass: Pass<'_>) -> Vec<Option<Vec<f32>>>;

    /// Whether samples of the first input may lie apart, as those of a part of the features do: its slice
    /// then ends with the last sample, and what lies between two samples is not the operation's.
    fn takes_apart(&self) -> bool {
        false
    }

    /// The features of the first input that are the output where they lie, if that is all it is:
    /// [`forward`](Self::forward) is not called then.
    fn part(&self) -> Option<Range<usize>> {
        None
    }
}

/// What an operation has on the way back.
pub(crate) struct Pass<'a> {
    /// As `forward` had them.
    pub(crate) inputs: &'a [&'a [f32]],
    /// What `forward` kept.
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
pub(crate) use seam::Input;
