//! Densities of tables in model files behind a right checksum: what is loaded scores a row.
#![no_main]
#![recursion_limit = "256"]

use burn::tensor::Device;
use libfuzzer_sys::fuzz_target;
use thalweg_data::{CsvOptions, Table};
use thalweg_mutate::ModelFile;
use thalweg_tabular::FittedDensity;

/// Two rows of numbers and a word, under names of the fixtures.
const ROWS: &[u8] = b"a,b,c\n1,2,x\n,-3.5,y\n";

fuzz_target!(|bytes: &[u8]| {
    let Some(model) = ModelFile::of(bytes) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model");
    std::fs::write(&path, model.sealed()).expect("a file");
    let Ok(density) = FittedDensity::load(&path, &Device::default()) else {
        return;
    };
    let table = Table::parse(ROWS, &CsvOptions::new()).expect("a table");
    density.log_prob(&table).ok();
    density.anomaly(&table).ok();
});
