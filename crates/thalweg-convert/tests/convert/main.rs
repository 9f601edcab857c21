//! Checkpoints of other libraries against those libraries' own numbers.

mod agree;
mod damage;
mod refuse;

use std::path::PathBuf;

/// A file among the vectors.
fn vectors(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    folder.join(format!("{name}.safetensors"))
}
