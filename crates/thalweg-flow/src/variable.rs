//! Values that bijections map: tensors, and structures of tensors.

use burn::tensor::{Gradients, Tensor};

use crate::Latents;

/// Data or latents: one tensor, or several in a fixed order, each with the batch along axis 0.
///
/// Implemented for float tensors of every rank, for [`Latents`], and for tuples and vectors of those. A
/// user's structure implements [`map`](Self::map).
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{TensorMap, Variable};
///
/// struct Negate;
///
/// impl TensorMap for Negate {
///     fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
///         tensor.neg()
///     }
/// }
///
/// let device = Device::default();
/// let pair = (Tensor::<2>::ones([5, 3], &device), Tensor::<4>::ones([5, 1, 2, 2], &device));
/// let (vectors, images) = pair.map(&mut Negate);
/// assert_eq!((vectors.sum() + images.sum()).into_scalar::<f32>(), -35.0);
/// ```
pub trait Variable: Clone + Send + 'static {
    /// Applies `change` to each tensor, in a fixed order.
    fn map(self, change: &mut impl TensorMap) -> Self;

    /// Each tensor as a matrix `[batch, numbers]`.
    fn rows(&self) -> Vec<Tensor<2>> {
        let mut rows = Rows(vec![]);
        self.clone().map(&mut rows);
        rows.0
    }

    /// Detached from the graph, on the device without autodiff.
    fn plain(self) -> Self {
        self.map(&mut Plain)
    }

    /// A leaf of a new graph.
    fn leaf(self) -> Self {
        self.map(&mut Leaf)
    }

    /// The gradient at a [`leaf`](Self::leaf), on the device without autodiff; zero where the loss does
    /// not depend on it.
    fn gradient(&self, gradients: &mut Gradients) -> Self {
        self.clone().map(&mut AtLeaf(gradients))
    }

    /// Whether one of the tensors is part of a graph.
    fn is_tracked(&self) -> bool {
        self.rows().iter().any(Tensor::is_tracked)
    }
}

/// A function of tensors of any rank that keeps their shape.
///
/// See [`Variable`] for an example.
pub trait TensorMap {
    /// The new tensor.
    fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D>;
}

/// `Σ aᵢ bᵢ` over all numbers, `[1]`, whose derivative in `a` is `b`.
pub(super) fn inner_product<T: Variable>(a: &T, b: &T) -> Tensor<1> {
    let pairs = a.rows().into_iter().zip(b.rows());
    let products = pairs.map(|(a, b)| (a * b).sum());
    let sum = products.reduce(Tensor::add);
    sum.expect("data and latents have at least one tensor")
}

/// The size of the numbers in bytes.
pub(super) fn bytes<T: Variable>(variable: &T) -> usize {
    let tensors = variable.rows().into_iter();
    tensors
        .map(|rows| rows.dims().iter().product::<usize>() * rows.dtype().size())
        .sum()
}

impl<const D: usize> Variable for Tensor<D> {
    fn map(self, change: &mut impl TensorMap) -> Self {
        change.map(self)
    }
}

impl Variable for Latents {
    fn map(self, change: &mut impl TensorMap) -> Self {
        Latents::map(self, |_, scale| change.map(scale))
    }
}

impl<T: Variable> Variable for Vec<T> {
    fn map(self, change: &mut impl TensorMap) -> Self {
        self.into_iter().map(|part| part.map(change)).collect()
    }
}

macro_rules! tuple {
    ($($part:ident $index:tt),+) => {
        impl<$($part: Variable),+> Variable for ($($part,)+) {
            fn map(self, change: &mut impl TensorMap) -> Self {
                ($(self.$index.map(change),)+)
            }
        }
    };
}

tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);

struct Rows(Vec<Tensor<2>>);

impl TensorMap for Rows {
    fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
        let dims = tensor.dims();
        let shape = [dims[0], dims[1..].iter().product()];
        self.0.push(tensor.clone().reshape(shape));
        tensor
    }
}

struct Plain;

impl TensorMap for Plain {
    fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
        tensor.inner()
    }
}

struct Leaf;

impl TensorMap for Leaf {
    fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
        tensor.inner().autodiff().require_grad()
    }
}

struct AtLeaf<'a>(&'a mut Gradients);

impl TensorMap for AtLeaf<'_> {
    fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
        let gradient = tensor.grad_remove(self.0);
        gradient.unwrap_or_else(|| tensor.inner().zeros_like())
    }
}
