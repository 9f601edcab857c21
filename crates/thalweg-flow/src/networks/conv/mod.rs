//! Convolutional networks for images.

mod blocks;
mod net;
mod residual;
mod same;

pub use blocks::{ConvBlocks, ConvBlocksConfig};
pub use net::{ConvNet, ConvNetConfig};
pub use residual::{ResidualConvNet, ResidualConvNetConfig};
pub use same::{SameConv, SameConvConfig};
