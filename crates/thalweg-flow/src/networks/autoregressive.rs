//! Networks whose outputs for a feature depend on the features before it.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use super::{MaskedMlp, Network, WithContext};
use crate::numerics::expanded;
use crate::shape::assert_rows;
use crate::{Embedded, Embedding};

/// A network of all features whose outputs for each depend on those that come before it in an order, and
/// on the context: `[batch, features] → [batch, parameters · features]`, one block a parameter.
///
/// A network of your own says its [`order`](Self::order). The provided
/// [`unroll`](Self::unroll) evaluates it whole at each place; [`MaskedMlp`] computes at each place only the
/// units that are new there.
///
/// See [`MaskedMlp`] and [`Autoregressive`](crate::Autoregressive) for a network that learns.
///
/// ```
/// use burn::module::Module;
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Additive, Autoregressive, AutoregressiveNetwork, Bijection, Network};
///
/// /// Shifts feature 1 by feature 0.
/// #[derive(Module, Debug)]
/// struct Before {}
///
/// impl<C> Network<C> for Before {
///     fn apply(&self, x: Tensor<2>, _: &C) -> Tensor<2> {
///         let first = x.narrow(1, 0, 1);
///         Tensor::cat(vec![first.zeros_like(), first], 1)
///     }
/// }
///
/// impl<C> AutoregressiveNetwork<C> for Before {
///     fn order(&self) -> &[usize] {
///         &[0, 1]
///     }
/// }
///
/// let layer = Autoregressive::new(Additive::new(), Before {});
/// let x = Tensor::<2>::from_floats([[3.0, 5.0]], &Device::default());
/// let (z, _) = layer.forward(x.clone(), &());
/// assert_eq!(z.to_data().try_to_vec::<f32>().unwrap(), [3.0, 8.0]);
/// assert_eq!(layer.inverse(z, &()).0.to_data(), x.to_data());
/// ```
pub trait AutoregressiveNetwork<C = ()>: Network<C> {
    /// `order()[k]` is the feature that comes at place `k`. Its length is the number of features.
    fn order(&self) -> &[usize];

    /// Evaluates the network place after place, for samples like those of `like`, `[batch, features]`.
    ///
    /// At place `k` it calls `next(k, parameters)` with the parameters of the feature at that place, `[batch,
    /// parameters]`, and is given the feature, `[batch, 1]`.
    fn unroll(
        &self,
        like: &Tensor<2>,
        context: &C,
        next: &mut dyn FnMut(usize, Tensor<2>) -> Tensor<2>,
    ) {
        let [rows, features] = like.dims();
        let zeros = Tensor::zeros([rows, 1], (&like.device(), like.dtype()));
        let mut columns = vec![zeros; features];
        for (place, feature) in self.order().iter().enumerate() {
            let all = self.apply(Tensor::cat(columns.clone(), 1), context);
            let each = all.dims()[1] / features;
            let blocks: Tensor<3> = all.reshape([rows, each, features]);
            let parameters = blocks.narrow(2, *feature, 1).reshape([rows, each]);
            columns[*feature] = next(place, parameters);
        }
    }

    /// The masked network that this is, if it is one: the host evaluates it without tensors.
    #[doc(hidden)]
    fn masked(&self) -> Option<&MaskedMlp> {
        None
    }

    /// The context vectors that [`masked`](Self::masked) takes, one row a sample or one for all.
    #[doc(hidden)]
    fn vectors(&self, _context: &C) -> Option<Tensor<2>> {
        None
    }
}

impl<C> AutoregressiveNetwork<C> for MaskedMlp {
    fn order(&self) -> &[usize] {
        self.degrees().order()
    }

    fn unroll(&self, like: &Tensor<2>, _: &C, next: &mut dyn FnMut(usize, Tensor<2>) -> Tensor<2>) {
        self.unroll(like.dims()[0], None, next);
    }

    fn masked(&self) -> Option<&MaskedMlp> {
        Some(self)
    }
}

impl AutoregressiveNetwork<Tensor<2>> for WithContext<MaskedMlp> {
    fn order(&self) -> &[usize] {
        self.network.degrees().order()
    }

    fn unroll(
        &self,
        like: &Tensor<2>,
        context: &Tensor<2>,
        next: &mut dyn FnMut(usize, Tensor<2>) -> Tensor<2>,
    ) {
        let ([rows, width], samples) = (context.dims(), like.dims()[0]);
        assert_rows(rows, samples);
        let context = expanded(context.clone(), [samples, width]);
        self.network.unroll(samples, Some(context), next);
    }

    fn masked(&self) -> Option<&MaskedMlp> {
        Some(&self.network)
    }

    fn vectors(&self, context: &Tensor<2>) -> Option<Tensor<2>> {
        Some(self.network.given(context))
    }
}

/// A network under an embedding of its context.
impl<C, E: Embedding<C>, N> AutoregressiveNetwork<C> for Embedded<E, N>
where
    N: Module + ModuleDisplay + AutoregressiveNetwork<Tensor<2>>,
{
    fn order(&self) -> &[usize] {
        self.inner.order()
    }

    fn unroll(
        &self,
        like: &Tensor<2>,
        context: &C,
        next: &mut dyn FnMut(usize, Tensor<2>) -> Tensor<2>,
    ) {
        let vectors = self.embedding.embed(context);
        self.inner.unroll(like, &vectors, next);
    }

    fn masked(&self) -> Option<&MaskedMlp> {
        self.inner.masked()
    }

    fn vectors(&self, context: &C) -> Option<Tensor<2>> {
        self.inner.vectors(&self.embedding.embed(context))
    }
}
