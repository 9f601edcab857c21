//! Which noise belongs to which row of the data.

use burn::tensor::Tensor;
#[cfg(feature = "optimal-transport")]
use burn::tensor::{Int, TensorData};
use serde::{Deserialize, Serialize};

/// Which noise a row of the data is paired with in [flow matching](crate::FlowMatching).
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{FlowMatching, Noise, Pairing};
///
/// // Two bumps far from each other: the assignment takes the noise that lies nearer.
/// let data = Tensor::<2>::from_floats([[-9.0], [9.0], [-9.0], [9.0]], &Device::default());
/// let cost = |pairing| {
///     let path = FlowMatching::default().with_pairing(pairing).draw(data.clone(), &mut Noise::seeded(0));
///     path.velocity.powi_scalar(2).sum().into_scalar::<f32>()
/// };
/// assert!(cost(Pairing::OptimalTransport) <= cost(Pairing::Independent));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Pairing {
    /// Its own: one draw a row.
    #[default]
    Independent,
    /// The noise of the batch in the order that makes `Σ ‖x₁ − x₀‖²` smallest. Paths then cross less, the
    /// field is nearer to constant along them, and fewer steps integrate it. By the feature
    /// `optimal-transport`.
    ///
    /// The assignment is found on the host, in a time that grows as the cube of the batch: 20 ms for 256
    /// rows. It knows nothing of a condition: where the batch has several, a row's noise depends on them, so that
    /// the conditional densities are biased.
    ///
    /// # References
    ///
    /// Tong and others: *Improving and generalizing flow-based generative models with minibatch optimal
    /// transport*, 2024, section 4.2; Pooladian and others: *Multisample flow matching*, 2023.
    #[cfg(feature = "optimal-transport")]
    OptimalTransport,
}

impl Pairing {
    /// The noise, in the order of the data that it is paired with.
    pub(super) fn pair(self, noise: Tensor<2>, data: &Tensor<2>) -> Tensor<2> {
        match self {
            Self::Independent => {
                debug_assert_eq!(noise.dims(), data.dims());
                noise
            }
            #[cfg(feature = "optimal-transport")]
            Self::OptimalTransport => transported(noise, data),
        }
    }
}

/// The order of the noise with the least sum of squared distances.
#[cfg(feature = "optimal-transport")]
fn transported(noise: Tensor<2>, data: &Tensor<2>) -> Tensor<2> {
    use pathfinding::kuhn_munkres::kuhn_munkres_min;
    use pathfinding::matrix::Matrix;

    let [batch, _] = noise.dims();
    if batch < 2 {
        return noise;
    }
    // `‖x₁ − x₀‖²` without `‖x₀‖²` and `‖x₁‖²`, whose sums are the same for all orders.
    let products = data
        .clone()
        .inner()
        .matmul(noise.clone().inner().transpose());
    let products: Vec<f64> = products.into_data().iter::<f64>().collect();
    // The algorithm adds and subtracts costs until they are equal, which rounding prevents: it takes integers.
    // Their sums stay far below 2⁶³. Casts of NaN give 0.
    const LEVELS: f64 = (1u64 << 40) as f64;
    let finite = products.iter().filter(|x| x.is_finite());
    let largest = finite.fold(f64::MIN_POSITIVE, |m, x| m.max(x.abs()));
    let cost = |x: &f64| (-x / largest * LEVELS).clamp(-LEVELS, LEVELS) as i64;
    let costs = products.iter().map(cost).collect();
    let costs = Matrix::from_vec(batch, batch, costs).expect("one cost for each pair");
    let (_, order) = kuhn_munkres_min(&costs);
    let order: Vec<i64> = order.into_iter().map(|place| place as i64).collect();
    let order = Tensor::<1, Int>::from_data(TensorData::new(order, [batch]), &noise.device());
    noise.select(0, order)
}
