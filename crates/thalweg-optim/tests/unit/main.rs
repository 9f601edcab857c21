//! Tests by topic.

#[path = "../common/mod.rs"]
mod common;

mod blog;
mod fields;
mod langevin;
mod large;
mod momentum;
mod owners;
mod resume;
mod rule_teeth;
mod rules;
mod stiff;
mod torch;
