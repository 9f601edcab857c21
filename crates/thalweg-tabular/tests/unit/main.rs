//! Tests by topic.

#![allow(clippy::unwrap_used)]

mod calibration;
mod draws;
mod edges;
mod errors;
mod kinds;
mod laws;
mod quality;
mod report;
mod resume;
mod tables;
mod weighted;
