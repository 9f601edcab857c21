//! What the laws ask of a type.

use thalweg_flow::Bijection;

use crate::Flat;

/// A [`Bijection`] whose data and latents the laws can look into; implemented for all of them.
pub trait Testable<C>: Bijection<C, Data: Flat, Latent: Flat> {}

impl<C, B: Bijection<C, Data: Flat, Latent: Flat>> Testable<C> for B {}
