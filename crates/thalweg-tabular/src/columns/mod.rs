//! Columns: their kinds, and their maps to what networks take.

mod angle;
mod detect;
mod flag;
mod grid;
mod kind;
mod levels;
mod map;
mod marginal;
mod number;
mod parse;
mod rest;

pub(crate) use angle::Angle;
pub(crate) use detect::detect;
pub(crate) use flag::Flag;
pub use kind::{Cycle, Kind};
pub(crate) use levels::{Level, Levels, Words};
pub(crate) use map::{ColumnMap, Scalar, Treatment};
pub(crate) use marginal::Marginal;
pub(crate) use number::{Cell, Number};
pub use parse::KindError;
pub(crate) use rest::Rest;
pub use thalweg_flow::Support;
