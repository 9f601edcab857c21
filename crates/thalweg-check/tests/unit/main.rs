//! Tests by topic.

#![allow(clippy::unwrap_used)]

mod faults;
mod files;
mod fixtures;
mod forms;
mod models;
