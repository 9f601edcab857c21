//! Continuous flows and flow matching.

mod divergence;
mod failures;
mod fields;
mod integration;
mod matching;
mod memory;
mod tangents;
