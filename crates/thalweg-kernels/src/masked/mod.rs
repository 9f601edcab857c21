//! Masked networks, and autoregressive transforms by them.
//!
//! The definition is a network whose weights are multiplied by masks; see [`Degrees`]. On slices the masked
//! weights are left out, and the inverse evaluates each unit once.

mod degrees;
mod evaluate;
mod packed;
mod rows;
#[cfg(feature = "flex")]
mod tensors;

pub use degrees::{Arrangement, Degrees};
pub use evaluate::{MaskedMemory, PackedAutoregressive, Rows};
pub use packed::PackedMasked;

use burn::tensor::Tensor;

use crate::Direction;

/// An autoregressive transform of the rows of a tensor, `[batch, features]`, and the log-determinant a row:
/// on all threads, where the numbers are f32 in the host's memory and nothing is on a tape. `None` otherwise,
/// for operations of tensors.
///
/// The context has one row for each, or one for all.
///
/// # Panics
///
/// When the rows or the context have another width than the network takes.
pub fn autoregress(
    layer: &PackedAutoregressive,
    direction: Direction,
    x: &Tensor<2>,
    context: Option<&Tensor<2>>,
) -> Option<(Tensor<2>, Tensor<1>)> {
    let (features, found) = (layer.network().features(), x.dims());
    assert!(
        found[1] == features,
        "an autoregressive transform of {features} features got {found:?}"
    );
    #[cfg(feature = "flex")]
    return tensors::run(layer, direction, x, context);
    #[cfg(not(feature = "flex"))]
    {
        let _ = (direction, context);
        crate::chain::without_flex();
        None
    }
}
