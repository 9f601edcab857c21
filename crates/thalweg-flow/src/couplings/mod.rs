//! Layers whose parameters a network computes, and the latents that leave between them.

mod autoregressive;
mod checkerboard;
mod context_transform;
mod coupling;
mod latents;
mod multi_scale;
mod neural_autoregressive;
mod split;

pub use autoregressive::Autoregressive;
pub use checkerboard::Checkerboard;
pub use context_transform::ContextTransform;
pub use coupling::Coupling;
pub(crate) use coupling::{check_kept, check_parameters};
pub use latents::Latents;
pub use multi_scale::{Level, MultiScale};
pub use neural_autoregressive::NeuralAutoregressive;
pub use split::Split;
