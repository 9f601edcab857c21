//! Convolutional networks for images.
//!
//! Burn's convolution on the CPU takes 1.4 to 2.1 times as long as what is done here: the network
//! runs on a matrix of one row a channel and one column a position, where a 1×1 convolution is a
//! matrix product, and a 3×3 convolution is one between copies of the narrower side.

mod blocks;
mod columns;
mod net;
mod residual;
mod same;

pub use blocks::{ConvBlocks, ConvBlocksConfig};
pub use net::{ConvNet, ConvNetConfig};
pub use residual::{ResidualConvNet, ResidualConvNetConfig};
pub use same::{SameConv, SameConvConfig};
