//! Every law of `thalweg-laws` on every bijection and base density of this crate, on every CPU backend, or on the
//! device that `BURN_DEVICE` names.

mod autoregressive;
mod bases;
mod combinators;
mod continuous;
mod convolutions;
mod couplings;
mod fixtures;
mod images;
mod layers;
mod multi_scale;
