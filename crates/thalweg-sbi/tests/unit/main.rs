//! Tests of priors, simulations, posteriors and their calibration.
#![allow(clippy::unwrap_used)] // a helper of tests may panic as they do

mod calibration;
mod embeddings;
mod familiarity;
mod likelihood;
mod posterior;
mod predictive;
mod priors;
mod rounds;
mod samplers;
mod simulations;
mod variational;
