//! Tables of numbers in CSV files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thalweg_data::{Columns, NumericTable};

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.csv");
    std::fs::write(&path, bytes).expect("a file");
    NumericTable::from_csv(&path, &Columns::all()).ok();
});
