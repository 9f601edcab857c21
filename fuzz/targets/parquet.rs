//! Parquet files. Panics of the `parquet` crate are caught, but libFuzzer sees them first: those of this target that
//! do not
//! come from our code are errors to a program.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thalweg_data::{CsvOptions, Table};

fuzz_target!(|bytes: &[u8]| {
    Table::parse(bytes, &CsvOptions::new()).ok();
});
