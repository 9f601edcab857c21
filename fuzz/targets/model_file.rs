//! Model files, with their own checksum and with a right one.
#![no_main]
#![recursion_limit = "256"]

use burn::tensor::Device;
use libfuzzer_sys::fuzz_target;
use thalweg_models::file::{describe, kind, load_model};
use thalweg_models::vector::Conditional;
use thalweg_models::{
    AutoregressiveFlowConfig, CategoricalConfig, ConditionalGlowConfig, ConditionalVaeConfig,
    ContinuousFlowConfig, CouplingFlowConfig, FvaeConfig, GlowConfig, NiceConfig, RealNvpConfig,
    VaeConfig, VibConfig,
};
use thalweg_mutate::ModelFile;
use thalweg_tabular::FittedDensity;

/// Loads the file as a model of each of these configurations.
macro_rules! load_each {
    ($path:expr; $($config:ty),+ $(,)?) => {$(
        load_model::<$config>($path, &Device::default()).ok();
    )+};
}

fn read(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = &folder.path().join("model");
    std::fs::write(path, bytes).expect("a file");
    kind(path).ok();
    // What cannot be described is no file of any model.
    if describe(path).is_err() {
        return;
    }
    FittedDensity::load(path, &Device::default()).ok();
    load_each! {
        path;
        NiceConfig,
        RealNvpConfig,
        CouplingFlowConfig,
        Conditional<CouplingFlowConfig>,
        AutoregressiveFlowConfig,
        Conditional<AutoregressiveFlowConfig>,
        ContinuousFlowConfig,
        Conditional<ContinuousFlowConfig>,
        CategoricalConfig,
        Conditional<CategoricalConfig>,
        GlowConfig,
        ConditionalGlowConfig,
        VaeConfig,
        ConditionalVaeConfig,
        FvaeConfig,
        VibConfig,
    }
}

fuzz_target!(|bytes: &[u8]| {
    read(bytes);
    if let Some(model) = ModelFile::of(bytes) {
        read(&model.sealed());
    }
});
