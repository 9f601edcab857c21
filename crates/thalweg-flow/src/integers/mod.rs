//! Integers as data: dequantization and bits per dimension.

mod bits;
mod blog_noise;
mod dequantize;
pub(crate) mod level;

pub use bits::BitsPerDim;
pub use blog_noise::BlogNoise;
pub use dequantize::Dequantize;
