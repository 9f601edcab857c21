//! Tables of any columns in CSV files, whole and in chunks.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use thalweg_data::{CsvOptions, Table, TableReader};

fuzz_target!(|bytes: &[u8]| {
    Table::parse(bytes, &CsvOptions::new()).ok();
    if let Ok(reader) = TableReader::new(Cursor::new(bytes.to_vec()), &CsvOptions::new()) {
        reader.chunk_rows(2).for_each(drop);
    }
});
