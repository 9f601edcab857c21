//! Tests by topic. Those that look at the memory of the whole process, or need features, are targets of their own.
#![allow(clippy::unwrap_used)] // a helper of tests may panic as they do

#[path = "../common/mod.rs"]
mod common;

mod autoregressive_flow;
mod bad_files;
mod bulk;
mod categorical;
mod categorical_learns;
mod compiled;
mod compiled_images;
mod composed;
mod conditional_flow;
mod continuous_flow;
mod coupling_flow;
mod describe;
mod diagonal_glow;
mod door;
mod door_shapes;
mod draws;
mod edge_glow;
mod empty;
mod enums;
mod format_1;
mod fused;
mod fvae;
mod glow;
mod glow_training;
mod held_out;
mod hostile;
mod likelihood_ends;
mod nice_bits;
mod nice_blog;
mod nice_config;
mod nice_laws;
mod one_feature;
mod realnvp;
mod reversible;
mod sampling_cost;
mod save_load;
mod training;
mod vae;
mod vae_golden;
mod variational;
mod vib;
