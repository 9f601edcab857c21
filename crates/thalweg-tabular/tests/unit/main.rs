//! Tests by topic.

mod quality;
mod report;
mod tables;
