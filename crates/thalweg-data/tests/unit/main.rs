//! Tests by topic.

mod batches;
mod embedded;
mod files;
mod toy;
