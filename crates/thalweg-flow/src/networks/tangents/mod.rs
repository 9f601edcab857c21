//! Tangents of networks: derivatives in given directions, forward through the layers.

mod carried;
mod perceptron;
mod residual;

use burn::tensor::Tensor;

use super::context::beside;
use super::{Network, WithContext};

/// A network that computes derivatives beside its outputs: `J e` of directions `e` with `J = ∂y/∂x`, and the
/// trace of `J`.
///
/// Each layer maps tangents as it maps values (forward mode): `e W` behind a matrix, `a′(h) ⊙ e` behind an
/// activation. All of it is operations of tensors, so that a loss of tangents has a gradient in the parameters;
/// Burn differentiates once, and a gradient of a gradient does not exist there.
///
/// Directions lie along the first inputs, `[directions, batch, first]`; the inputs behind those are held.
/// Beyond ±[`NETWORK_LIMIT`](thalweg_kernels::NETWORK_LIMIT) an input counts as that limit, and its derivative is 0.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Activation, MlpConfig, Noise, Tangents};
///
/// let device = Device::default();
/// let mlp = MlpConfig::new(3, vec![8], 3)
///     .with_activation(Activation::Tanh)
///     .init(&mut Noise::seeded(0), &device);
/// let x = Tensor::<2>::ones([5, 3], &device);
/// let basis = Tensor::<2>::eye(3, &device).reshape([3, 1, 3]).expand([3, 5, 3]);
/// let (_, columns) = mlp.tangents(x.clone(), basis, &());
/// let (_, trace) = mlp.divergence(x, 3, &());
/// assert_eq!(columns.dims(), [3, 5, 3]);
/// let diagonal = (0..3).map(|i| columns.clone().slice([i..i + 1, 0..5, i..i + 1]).reshape([5]));
/// let sum: Tensor<1> = diagonal.reduce(|sum, entry| sum + entry).expect("three features");
/// assert!((sum - trace).abs().max().into_scalar::<f32>() < 1e-5);
/// ```
///
/// # References
///
/// Griewank, Walther: *Evaluating derivatives*, 2008, section 3.1.
pub trait Tangents<C = ()>: Network<C> {
    /// `y = f(x)` and `J e`: `[directions, batch, outputs]` for `[directions, batch, first inputs]`.
    ///
    /// # Panics
    ///
    /// When there are more numbers in a direction than inputs, or another batch.
    fn tangents(&self, x: Tensor<2>, directions: Tensor<3>, context: &C) -> (Tensor<2>, Tensor<3>);

    /// `y = f(x)` and `Σ_{i < features} ∂yᵢ/∂xᵢ`, `[batch]`, exactly.
    ///
    /// # Panics
    ///
    /// When there are fewer inputs or outputs.
    fn divergence(&self, x: Tensor<2>, features: usize, context: &C) -> (Tensor<2>, Tensor<1>) {
        let [batch, _] = x.dims();
        let basis = basis(features, &x);
        let directions = basis.expand([features, batch, features]);
        let (y, columns) = self.tangents(x, directions, context);
        (y, trace(columns))
    }

    /// Whether [`divergence`](Self::divergence) costs about as much as `f` itself, whatever the number of
    /// features.
    fn has_cheap_divergence(&self) -> bool {
        false
    }
}

/// The directions of the first inputs, `[features, 1, features]`.
fn basis<const D: usize>(features: usize, x: &Tensor<D>) -> Tensor<3> {
    let basis = Tensor::<2>::eye(features, &x.device()).cast(x.dtype());
    basis.reshape([features, 1, features])
}

/// `Σᵢ ∂yᵢ/∂xᵢ`, `[batch]`, of the columns `∂y/∂xᵢ`, `[features, batch, outputs]`.
fn trace(columns: Tensor<3>) -> Tensor<1> {
    let [features, batch, _] = columns.dims();
    let basis = basis(features, &columns);
    let diagonal = columns.slice([0..features, 0..batch, 0..features]) * basis;
    diagonal.sum_dim(2).sum_dim(0).reshape([batch])
}

/// The context is held.
impl<N: Tangents> Tangents<Tensor<2>> for WithContext<N> {
    fn tangents(
        &self,
        x: Tensor<2>,
        directions: Tensor<3>,
        context: &Tensor<2>,
    ) -> (Tensor<2>, Tensor<3>) {
        let [_, features] = x.dims();
        assert!(
            directions.dims()[2] <= features,
            "a network of {features} features beside a context got tangents of {}",
            directions.dims()[2]
        );
        self.network.tangents(beside(x, context), directions, &())
    }

    fn divergence(
        &self,
        x: Tensor<2>,
        features: usize,
        context: &Tensor<2>,
    ) -> (Tensor<2>, Tensor<1>) {
        self.network.divergence(beside(x, context), features, &())
    }

    fn has_cheap_divergence(&self) -> bool {
        self.network.has_cheap_divergence()
    }
}
