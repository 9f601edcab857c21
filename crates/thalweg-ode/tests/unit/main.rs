//! Tests by topic; the numbers of other programs are a target of their own.

mod chebyshev;
mod common;
mod controllers;
mod convergence;
mod errors;
mod implicit;
mod operations;
mod second_order;
mod settings;
mod solve;
mod stability;
mod stochastic;
mod stopping;
mod tableaus;
mod vector;
