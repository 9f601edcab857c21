//! The functions in SQL.

#![allow(clippy::unwrap_used, missing_docs)]

mod cache;
mod errors;
mod fixtures;
mod nulls;
mod samples;
mod scores;
