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

use burn::tensor::{DType, Device};
use thalweg_convert::{Model, verify};

/// A file among the vectors.
fn vectors(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    folder.join(format!("{name}.safetensors"))
}

/// The largest difference of log-densities, where it is above a share of `1 + |ln p|`.
fn disagreement(
    name: &str,
    model: &Model,
    (device, dtype): (&Device, DType),
    tolerance: f64,
) -> Option<String> {
    let file = vectors(&format!("{name}.vectors"));
    let found = verify(model, &file, (device, dtype)).unwrap();
    println!("{name} {dtype:?}: {:.1e}", found.largest);
    let agrees = found.rows == 24 && found.largest < tolerance * (1.0 + found.at.abs());
    (!agrees).then(|| format!("{name}, {dtype:?}: {found:?}"))
}
