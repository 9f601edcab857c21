#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | module or item | holds |
//! |---|---|
//! | [`laws`] | one function a law, for use by hand |
//! | [`bijection_laws!`], [`check_all`] | all laws at once |
//! | [`Batched`], [`Flat`] | traits of data, latents and contexts |
//! | [`Sample`] | recipes for inputs |
//! | [`scramble`], [`cast`] | other parameters, another dtype |
//! | [`jacobians`], [`jacobians_of`], [`Matrix`] | Jacobians by one backward pass |
//! | [`record`] | the errors that tests allow, for a table of laws and backends |
//! | `strategies` | `proptest` strategies, by the feature `proptest` |

mod batched;
mod check;
mod compiled;
mod extremes;
mod flat;
mod jacobian;
mod law;
pub mod laws;
mod macros;
mod options;
mod recorded;
mod sample;
mod scramble;
#[cfg(feature = "proptest")]
pub mod strategies;
mod violation;

pub use batched::Batched;
#[doc(hidden)]
pub use burn::tensor::Device;
pub use check::{check_all, run_law};
#[doc(hidden)]
pub use compiled::{Compiled, HasCompiledForm, HasNoCompiledForm};
pub use flat::{Flat, Testable};
pub use jacobian::{Matrix, jacobians, jacobians_of};
pub use law::{Law, UnknownLaw};
pub use options::Options;
pub use recorded::record;
pub use sample::{
    Floats, Labels, REAL_EDGES, Sample, UNIT_EDGES, edge_rows, labels, normal, uniform, unit,
};
pub use scramble::scramble;
pub use thalweg_flow::precision::cast;
pub use violation::Violation;
