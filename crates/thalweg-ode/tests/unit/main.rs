//! Tests by topic; the numbers of other programs are a target of their own.

mod chebyshev;
mod common;
mod control_settings;
mod controllers;
mod convergence;
mod dense;
mod errors;
mod failures;
mod friction;
mod heat;
mod implicit;
mod keep;
mod operations;
mod second_order;
mod settings;
mod single;
mod solve;
mod stability;
mod stalling;
mod stochastic;
mod stopping;
mod tableaus;
mod vector;
