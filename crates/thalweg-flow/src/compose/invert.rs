//! Any bijection the other way round.

use burn::module::{Module, ModuleDisplay};

use crate::{Bijection, LogDet};

/// A bijection with its directions swapped: `f⁻¹` in place of `f`.
///
/// Useful where the fast direction of a layer should be the other one: `inverted` turns a
/// density estimator into a sampler of the same family.
#[derive(Module, Debug)]
pub struct Inverted<B: Module + ModuleDisplay> {
    pub(crate) inner: B,
}

/// Gives every module the method [`inverted`](Invert::inverted).
pub trait Invert: Module + ModuleDisplay {
    /// The same map with `forward` and `inverse` exchanged.
    ///
    /// ```
    /// use burn::tensor::Tensor;
    /// use thalweg_flow::{Bijection, Invert, Logit};
    ///
    /// let sigmoid = Logit::<2>::new(0.0).inverted();
    /// let z = Tensor::<2>::zeros([1, 2], &Default::default());
    /// let (x, _) = sigmoid.forward(z, &());
    /// assert_eq!(x.into_data().to_vec::<f32>().unwrap(), [0.5, 0.5]);
    /// ```
    fn inverted(self) -> Inverted<Self> {
        Inverted { inner: self }
    }
}

impl<B: Module + ModuleDisplay> Invert for B {}

impl<C, B: Bijection<C>> Bijection<C> for Inverted<B> {
    type Data = B::Latent;
    type Latent = B::Data;

    fn forward(&self, x: Self::Data, context: &C) -> (Self::Latent, LogDet) {
        self.inner.inverse(x, context)
    }

    fn inverse(&self, z: Self::Latent, context: &C) -> (Self::Data, LogDet) {
        self.inner.forward(z, context)
    }
}
