//! What a backend's tensor in the host's memory is to the operations.

use std::fmt::Debug;
use std::ops::Range;

use burn::backend::autodiff::Autodiff;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, BackendTensor, DispatchTensorKind, TensorMetadata};

use crate::Numbers;

/// A tensor of floating-point numbers in the host's memory. Clones share the numbers.
pub(super) trait HostTensor: TensorMetadata + 'static {
    /// The backend of these tensors.
    type Backend: Backend<FloatTensorPrimitive = Self>;

    /// A tensor of this backend, if it is one.
    fn of(kind: DispatchTensorKind) -> Option<BackendTensor<Self::Backend>>;

    /// The inverse of [`of`](Self::of).
    fn into_kind(tensor: BackendTensor<Self::Backend>) -> DispatchTensorKind;

    /// A tensor of these numbers, which are not copied.
    fn from_numbers(numbers: Vec<f32>, shape: Vec<usize>) -> Self;

    /// The numbers where they lie, if they are f32 or f64 and contiguous.
    fn numbers(&self) -> Option<Numbers<'_>>;

    /// The same if they are contiguous in some order of the axes.
    fn in_any_order(&self) -> Option<Numbers<'_>>;

    /// The tensor, copied unless it is contiguous.
    fn contiguous(self) -> Self;

    /// The numbers from the first of the first sample to the last of the last, where these are f32, each
    /// sample is contiguous and samples do not overlap. `None` also where the backend does not lend
    /// memory that is not the tensor's own.
    fn samples(&self) -> Option<&[f32]> {
        None
    }

    /// A view of some features, if the backend's [`samples`](Self::samples) can be read.
    fn part(&self, _features: Range<usize>) -> Option<Self> {
        None
    }
}

/// A tensor on the tape.
pub(super) type Tracked<T> = FloatTensor<Autodiff<<T as HostTensor>::Backend>>;

impl<'a> Numbers<'a> {
    pub(super) fn single(self) -> Option<&'a [f32]> {
        match self {
            Self::Single(numbers) => Some(numbers),
            Self::Double(_) => None,
        }
    }
}

/// The order in which numbers are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// The last axis fastest.
    Rows,
    /// That of the memory, so that a transposed tensor is not copied.
    Any,
}

/// A tensor without its tape.
pub(super) fn plain<T: HostTensor>(kind: DispatchTensorKind) -> Option<T> {
    let kind = match kind {
        DispatchTensorKind::Autodiff(inner) => *inner,
        kind => kind,
    };
    match T::of(kind)? {
        BackendTensor::Float(tensor) => Some(tensor),
        BackendTensor::Autodiff(tensor) => Some(tensor.into_primitive()),
        _ => None,
    }
}

pub(super) fn read<T: HostTensor, R>(
    kind: DispatchTensorKind,
    order: Order,
    function: impl FnOnce(Numbers<'_>) -> R,
) -> Option<R> {
    let tensor = plain::<T>(kind)?;
    if order == Order::Any
        && let Some(numbers) = tensor.in_any_order()
    {
        return Some(function(numbers));
    }
    tensor.contiguous().numbers().map(function)
}

/// A tensor that lends its numbers, in the order of its memory.
pub(crate) trait Lender: Debug {
    /// All of them.
    fn numbers(&self) -> Numbers<'_>;
}

/// A tensor whose numbers are contiguous in some order of the axes.
#[derive(Debug)]
struct InAnyOrder<T>(T);

impl<T: HostTensor> Lender for InAnyOrder<T> {
    fn numbers(&self) -> Numbers<'_> {
        self.0.in_any_order().expect("checked when it was made")
    }
}

pub(super) fn hold<T: HostTensor>(kind: DispatchTensorKind) -> Option<Box<dyn Lender>> {
    let tensor = plain::<T>(kind)?;
    let tensor = match tensor.in_any_order() {
        Some(_) => tensor,
        None => tensor.contiguous(),
    };
    tensor.in_any_order()?;
    Some(Box::new(InAnyOrder(tensor)))
}
