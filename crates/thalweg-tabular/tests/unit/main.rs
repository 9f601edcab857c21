//! Tests by topic.

#![allow(clippy::unwrap_used)]

mod calibration;
#[cfg(feature = "check")]
mod check;
mod damage;
mod draws;
mod edges;
mod errors;
mod format_1;
mod kinds;
mod latents;
mod laws;
mod quality;
mod report;
mod resume;
mod tables;
mod weighted;
