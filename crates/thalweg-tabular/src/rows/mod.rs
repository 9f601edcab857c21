//! Rows of a table in the terms of a density's parts.

mod conditions;
mod inputs;
mod targets;

pub(crate) use conditions::Conditions;
pub(crate) use inputs::{circle, one_hot};
pub(crate) use targets::{Targets, number_of};
