//! Every law of `thalweg-laws` on every bijection of this crate, on every CPU backend.

mod combinators;
mod convolutions;
mod couplings;
mod fixtures;
mod images;
mod layers;
mod multi_scale;
