//! Contexts as vectors, by networks that train with the flow.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use crate::Mlp;

/// Turns a context of any type into vectors, one a sample.
pub trait Embedding<C>: Module + ModuleDisplay {
    /// `[batch, width]`.
    fn embed(&self, context: &C) -> Tensor<2>;
}

impl Embedding<Tensor<2>> for Mlp {
    fn embed(&self, context: &Tensor<2>) -> Tensor<2> {
        self.forward(context.clone())
    }
}
