//! Parquet files. Panics of the `parquet` crate are errors, which the reader keeps from every hook of panics: from libFuzzer's
//! too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thalweg_data::{CsvOptions, Table};

fuzz_target!(|bytes: &[u8]| {
    Table::parse(bytes, &CsvOptions::new()).ok();
});
