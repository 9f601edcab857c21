//! Checkpoints of other libraries against those libraries' own numbers.
#![allow(clippy::unwrap_used)] // a helper of tests may panic as they do

mod agree;
mod continuous;
mod damage;
mod given;
mod glow;
mod normflows_glow;
mod refuse;

use std::path::PathBuf;

/// A file among the vectors.
fn vectors(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    folder.join(format!("{name}.safetensors"))
}
