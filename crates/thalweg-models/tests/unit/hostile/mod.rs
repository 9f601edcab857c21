//! Files that were made to harm: each is a typed error, in bounded time and memory, and never a panic.

mod containers;
mod damage;
mod places;
mod weights;

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use tempfile::TempDir;
use thalweg_models::file::{FileProblem, ModelFileError, load_model};
use thalweg_models::vector::Conditional;
use thalweg_models::{
    AutoregressiveFlowConfig, CategoricalConfig, ComposedConfig, ConditionalGlowConfig,
    ConditionalVaeConfig, ContinuousFlowConfig, CouplingFlowConfig, DiagonalGlowConfig,
    EdgeGlowConfig, FvaeConfig, GlowConfig, ModelConfig, NiceConfig, RealNvpConfig, VaeConfig,
    VibConfig,
};

/// The files of `format_1`, sound ones.
fn sound() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/format-1");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|ending| ending == "safetensors")
    });
    paths.sort();
    assert!(paths.len() > 20, "{paths:?}");
    paths
}

/// A sound file of this name.
fn sound_file(name: &str) -> Vec<u8> {
    let path = sound()
        .into_iter()
        .find(|path| path.file_stem().unwrap() == name);
    std::fs::read(path.unwrap()).unwrap()
}

/// Loads the file as a model of this kind; of an unknown kind, as a NICE.
fn load_kind(kind: &str, path: &Path) -> Result<(), ModelFileError> {
    fn load<K: ModelConfig>(path: &Path) -> Result<(), ModelFileError> {
        load_model::<K>(path, &Device::default()).map(drop)
    }
    match kind {
        RealNvpConfig::KIND => load::<RealNvpConfig>(path),
        CouplingFlowConfig::KIND => load::<CouplingFlowConfig>(path),
        Conditional::<CouplingFlowConfig>::KIND => load::<Conditional<CouplingFlowConfig>>(path),
        AutoregressiveFlowConfig::KIND => load::<AutoregressiveFlowConfig>(path),
        Conditional::<AutoregressiveFlowConfig>::KIND => {
            load::<Conditional<AutoregressiveFlowConfig>>(path)
        }
        ContinuousFlowConfig::KIND => load::<ContinuousFlowConfig>(path),
        Conditional::<ContinuousFlowConfig>::KIND => {
            load::<Conditional<ContinuousFlowConfig>>(path)
        }
        CategoricalConfig::KIND => load::<CategoricalConfig>(path),
        ComposedConfig::KIND => load::<ComposedConfig>(path),
        Conditional::<ComposedConfig>::KIND => load::<Conditional<ComposedConfig>>(path),
        Conditional::<CategoricalConfig>::KIND => load::<Conditional<CategoricalConfig>>(path),
        GlowConfig::KIND => load::<GlowConfig>(path),
        EdgeGlowConfig::KIND => load::<EdgeGlowConfig>(path),
        DiagonalGlowConfig::KIND => load::<DiagonalGlowConfig>(path),
        ConditionalGlowConfig::KIND => load::<ConditionalGlowConfig>(path),
        VaeConfig::KIND => load::<VaeConfig>(path),
        ConditionalVaeConfig::KIND => load::<ConditionalVaeConfig>(path),
        FvaeConfig::KIND => load::<FvaeConfig>(path),
        VibConfig::KIND => load::<VibConfig>(path),
        _ => load::<NiceConfig>(path),
    }
}

/// Loads these bytes from a file.
fn load(kind: &str, bytes: &[u8]) -> Result<(), ModelFileError> {
    let (_folder, path) = file(bytes);
    load_kind(kind, &path)
}

fn file(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// Why these bytes are no model of this kind.
#[track_caller]
fn refusal(kind: &str, bytes: &[u8]) -> FileProblem {
    load(kind, bytes).unwrap_err().problem
}
