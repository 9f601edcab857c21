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

/// Cases whose maps are steep where the rows lie: in 32-bit floats their densities have lost more digits.
const STEEP: [&str; 5] = [
    "nflows_cubic_box",
    "nflows_cubic_constants",
    "nflows_rational_box",
    "nflows_sigmoid",
    "zuko_ncsf",
];

/// The share of `1 + |ln p|` that log-densities may differ by.
fn tolerance(name: &str, dtype: DType) -> f64 {
    match dtype {
        DType::F64 => 1e-9,
        _ if STEEP.contains(&name) => 1e-5,
        _ => 2e-6,
    }
}

/// The largest difference of log-densities, where it is above its [`tolerance`].
fn disagreement(name: &str, model: &Model, (device, dtype): (&Device, DType)) -> Option<String> {
    let file = vectors(&format!("{name}.vectors"));
    let found = verify(model, &file, (device, dtype)).unwrap();
    let share = found.largest / (1.0 + found.at.abs());
    println!(
        "{name} {dtype:?}: {:.1e}, {share:.1e} of 1 + |ln p|",
        found.largest
    );
    let agrees = found.rows == 24 && share < tolerance(name, dtype);
    (!agrees).then(|| format!("{name}, {dtype:?}: {found:?}"))
}
