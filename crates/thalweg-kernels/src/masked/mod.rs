//! Masked networks, and autoregressive transforms by them.
//!
//! The definition is a network whose weights are multiplied by masks; see [`Degrees`]. On slices the masked
//! weights are left out, and the inverse evaluates each unit once.

mod block;
mod degrees;
mod evaluate;
mod modulated;
mod packed;
mod panels;
mod rows;
mod sample;
mod samples;
mod side_by_side;
#[cfg(feature = "host")]
mod tensors;

pub use degrees::{Arrangement, Degrees};
pub use evaluate::PackedAutoregressive;
pub use modulated::Modulated;
pub use packed::PackedMasked;
pub use samples::{Contexts, MaskedMemory, Rows};

use burn::tensor::Tensor;

use crate::Direction;

/// An autoregressive transform of the rows of a tensor, `[batch, features]`, and the log-determinant a row:
/// on all threads, where the numbers are f32 in the host's memory and nothing is on a tape. `None` otherwise,
/// for operations of tensors.
///
/// The context has one row for each, or one for all.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::{
///     Activation, Degrees, Direction, Map, PackedAutoregressive, PackedMasked, Shift, autoregress,
/// };
///
/// // z₀ = x₀ + 1 and z₁ = x₁ + 10 x₀ + 2.
/// let degrees = Degrees::new(vec![0, 1], 0, 1, vec![]);
/// let layers = vec![(vec![0.0, 10.0, 0.0, 0.0], vec![1.0, 2.0])];
/// let network = PackedMasked::new(&degrees, layers, Activation::Relu);
/// let layer = PackedAutoregressive::new(network, Map::Shift(Shift { subtracts: false }), vec![]);
/// let x = Tensor::<2>::from_floats([[3.0, 5.0]], &Device::default());
/// if let Some((z, log_det)) = autoregress(layer, Direction::Forward, &x, None) {
///     assert_eq!(z.into_data().try_to_vec::<f32>().unwrap(), [4.0, 37.0]);
///     assert_eq!(log_det.into_scalar::<f32>(), 0.0);
/// }
/// ```
///
/// # Panics
///
/// When the rows or the context have another width than the network takes.
pub fn autoregress(
    layer: PackedAutoregressive,
    direction: Direction,
    x: &Tensor<2>,
    context: Option<&Tensor<2>>,
) -> Option<(Tensor<2>, Tensor<1>)> {
    let (features, found) = (layer.network().features(), x.dims());
    assert!(
        found[1] == features,
        "an autoregressive transform of {features} features got {found:?}"
    );
    let (taken, given) = (layer.network().given, context.map_or([1, 0], Tensor::dims));
    assert!(
        given[1] == taken && (given[0] == 1 || given[0] == found[0]),
        "an autoregressive transform of {found:?} takes a context of {:?}, or one row of it, got {given:?}",
        [found[0], taken]
    );
    #[cfg(feature = "host")]
    return tensors::run(layer, direction, x, context);
    #[cfg(not(feature = "host"))]
    {
        let _ = (direction, context);
        crate::chain::without_host();
        None
    }
}
