//! Vector fields that change with time.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

/// A velocity `v(t, x; c)`: the right side of `dx/dt = v(t, x; c)`.
///
/// `x` is `[batch, features]`, `t` is `[batch, 1]` or one time for all rows, `[1, 1]`. A field without a
/// context implements the trait for every `C`, one with a context for its own type, so that a missing condition
/// does not compile. A user's field implements three methods:
///
/// ```
/// use burn::module::Module;
/// use burn::tensor::Tensor;
/// use thalweg_flow::{Continuous, VectorField};
///
/// /// `v = −x`: everything flows to the origin.
/// #[derive(Module, Debug)]
/// struct Sink {
///     features: usize,
/// }
///
/// impl<C> VectorField<C> for Sink {
///     fn features(&self) -> usize {
///         self.features
///     }
///
///     fn velocity(&self, _: Tensor<2>, x: Tensor<2>, _: &C) -> Tensor<2> {
///         x.neg()
///     }
///
///     fn tangents(
///         &self, _: Tensor<2>, x: Tensor<2>, directions: Tensor<3>, _: &C
///     ) -> (Tensor<2>, Tensor<3>) {
///         (x.neg(), directions.neg())
///     }
/// }
///
/// let x = Tensor::<2>::ones([4, 2], &Default::default());
/// let found = Continuous::new(Sink { features: 2 }).try_inverse(x, &())?;
/// let log_det = found.log_det.into_data().try_to_vec::<f32>().unwrap();
/// assert!((log_det[0] + 2.0).abs() < 1e-5); // the volume shrinks by e⁻²
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
pub trait VectorField<C = ()>: Module + ModuleDisplay {
    /// The features of `x`.
    fn features(&self) -> usize;

    /// `v(t, x; c)`, `[batch, features]`.
    fn velocity(&self, t: Tensor<2>, x: Tensor<2>, context: &C) -> Tensor<2>;

    /// `v` and `J e` with `J = ∂v/∂x`, for directions `e`, `[directions, batch, features]`.
    fn tangents(
        &self,
        t: Tensor<2>,
        x: Tensor<2>,
        directions: Tensor<3>,
        context: &C,
    ) -> (Tensor<2>, Tensor<3>);

    /// `v` and its divergence `tr J`, `[batch]`, exactly: by default from the tangents of all features.
    fn divergence(&self, t: Tensor<2>, x: Tensor<2>, context: &C) -> (Tensor<2>, Tensor<1>) {
        let [batch, features] = x.dims();
        let basis = Tensor::<2>::eye(features, &x.device()).cast(x.dtype());
        let basis = basis.reshape([features, 1, features]);
        let directions = basis.clone().expand([features, batch, features]);
        let (v, columns) = self.tangents(t, x, directions, context);
        let trace = (columns * basis).sum_dim(2).sum_dim(0).reshape([batch]);
        (v, trace)
    }

    /// Whether [`divergence`](Self::divergence) costs about as much as [`velocity`](Self::velocity), whatever
    /// the number of features.
    fn has_cheap_divergence(&self) -> bool {
        false
    }
}
