//! Tests by topic.

#![allow(clippy::unwrap_used)]

mod faults;
mod fixtures;
mod forms;
mod models;
