//! Maps of slices, for trained models.

mod numbers;

pub use numbers::mix_channels;
