//! Vector fields: directions of descent.
//!
//! | field | `d` in `θ̇ = −d` | memory |
//! |---|---|---|
//! | [`Gradient`] | `∇L` | |
//! | [`Sign`] | `sign ∇L` | |
//! | [`Normalized`] | `∇L / ‖∇L‖` | |
//! | [`Polyak`] | `L ∇L/‖∇L‖ · min(1/‖∇L‖, M)` | |
//! | [`Inertia`] | a decaying sum of `∇L` | one vector |
//! | [`ScalarRms`] | `∇L / √(G + ε)`, `G` a mean of `‖∇L‖²` | one number |
//! | [`Rms`] | the same for each component | one vector |
//! | [`Adagrad`] | `∇L / (√Σ∇L² + ε)` | one vector |
//! | [`Adam`], [`Adamax`] | means of `∇L` over those of its size | two vectors |
//! | [`ClipNorm`], [`Decay`], [`Groups`] | another field's, of a shorter gradient, with weight decay, by parameter | the other's |

mod adam;
mod decay;
mod gradient;
mod whole;

pub use crate::clip::ClipNorm;
pub use crate::momentum::Inertia;
pub use adam::{Adam, Adamax};
pub use decay::{Decay, Groups};
pub use gradient::{Adagrad, Epsilon, Gradient, Rms, Sign};
pub use whole::{Normalized, Polyak, ScalarRms};
