//! Tests of priors and simulations.

mod priors;
mod simulations;
