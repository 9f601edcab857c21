//! Fused operations for flows: what tensor operations do in several passes over memory, done in one.
//!
//! Each is a function of tensors. Where these are f32 on Burn's `flex` backend (feature `flex`), it
//! runs on slices of the host's memory, as one step of the tape, its derivative written by hand; on
//! every other backend and in f64 it is a chain of tensor operations. The tests compare the two.
//!
//! | function | what | used by |
//! |---|---|---|
//! | [`dense`] | the layers of a multilayer perceptron | conditioners, encoders, decoders |
//! | [`convolutions`] | the layers of a convolutional network | conditioners of images |
//! | [`affine`] | `x ⊙ exp(s) + t`, its inverse, its log-determinant | couplings |

mod activation;
mod affine;
mod conv;
mod dense;
#[cfg(feature = "flex")]
mod host;
mod numerics;
mod scale;

pub use activation::Activation;
pub use affine::{Direction, affine, plain as affine_of_tensors};
pub use conv::{Activate, Conv, convolutions, plain as convolutions_of_tensors};
pub use dense::{Dense, dense, plain as dense_of_tensors};
pub use numerics::{log_sigmoid, sigmoid, softplus};
pub use scale::LogScale;
