//! A flow of the plane that learns while the page looks on.

mod choice;
mod live;
mod shared;
mod snapshot;
mod training;

pub(crate) use choice::{Choice, Optimizer, Transform};
pub(crate) use live::{Live, exact};

/// Of toy densities, points and latents.
pub(crate) const PLANE: usize = 2;
