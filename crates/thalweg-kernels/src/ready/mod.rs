//! Maps of slices, for trained models.

mod numbers;

pub use numbers::{affine_in_place, log_scales, mix_channels};
