//! Tests by topic.

mod batches;
mod columns;
mod embedded;
mod files;
#[cfg(feature = "tables")]
mod tables;
mod toy;
