//! Tests of priors, simulations, posteriors and their calibration.

mod calibration;
mod posterior;
mod priors;
mod simulations;
