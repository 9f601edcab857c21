#![doc = include_str!("../README.md")]

#[cfg(feature = "ballista")]
pub mod cluster;
mod drawn;
mod error;
mod functions;
mod location;
mod measure;
mod model;
mod models;
mod planned;
mod samples;
mod score;

pub use error::{ArgumentError, ModelError};
pub use functions::{Functions, register};
pub(crate) use measure::Measure;
