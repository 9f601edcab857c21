//! Damaged and hostile files give an error or a table, and never a panic.

use proptest::prelude::*;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use thalweg_data::{CsvOptions, Table, TableReader};
use thalweg_mutate::{cases, damaged, damages};

use super::refused;
use crate::files::gzip;

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

const SOUND: &str = "t;x;kind\n2013-01-01;1,5;a\n2013-01-02;-3,25;\"b\"\n;4e2;NA\n";

#[test]
fn cut_files_say_so() {
    let long = "a,b\n".to_owned() + &"1,2\n3,4.5\n".repeat(5000);
    for packed in [gzip(long.as_bytes()), zstd(long.as_bytes())] {
        assert_eq!(
            Table::parse(packed.as_slice(), &CsvOptions::new())
                .expect("a table")
                .rows(),
            10_000
        );
        for cut in [6, packed.len() / 2, packed.len() - 1] {
            let said = refused(&packed[..cut], &CsvOptions::new());
            assert!(said.contains("download it again"), "{cut}: {said}");
        }
    }
    // Frames one after the other, and one of another program between them.
    let mut frames = zstd(b"a,b\n1,2\n");
    frames.extend([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    frames.extend(zstd(b"3,4\n"));
    let table = Table::parse(frames.as_slice(), &CsvOptions::new()).expect("a table");
    assert_eq!(super::numbers(&table, "b"), [2.0, 4.0]);
    // A frame that asks for 2^63 bytes.
    let huge = [
        0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x80, 1, 0, 0,
    ];
    let said = refused(huge, &CsvOptions::new());
    assert!(said.contains("the stream cannot be read"), "{said}");
}

#[test]
fn other_formats_are_named() {
    for (bytes, wanted) in [
        (
            b"PK\x03\x04rest".as_slice(),
            "a ZIP archive or an Excel workbook",
        ),
        (b"BZh91AY", "compressed by bzip2"),
        (b"\0\0\0\0", "bytes of 0"),
        (b"\x89HDF", "HDF5"),
    ] {
        let said = refused(bytes, &CsvOptions::new());
        assert!(said.contains(wanted), "{said}");
    }
}

#[test]
fn a_stray_quote_does_not_fill_the_memory() {
    let mut text = b"a,b\n1,\"x\n".to_vec();
    text.extend(std::iter::repeat_n(*b"2,yyyyyyyyyyyyy\n", 2 << 20).flatten());
    let said = refused(&text, &CsvOptions::new());
    assert!(
        said.contains("line 2: ") && said.contains("quote(None)"),
        "{said}"
    );
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn damage_never_panics(damages in damages(), code in 0..4) {
        let sound = match code {
            0 => gzip(SOUND.as_bytes()),
            1 => zstd(SOUND.as_bytes()),
            2 => format!("\u{feff}{SOUND}").encode_utf16().flat_map(u16::to_be_bytes).collect(),
            _ => SOUND.as_bytes().to_vec(),
        };
        let other = "\"\"\r\n,\t|# 12.345,6 2013-02-30T25:61:61Z 1e999 -inf nan \0\u{85}";
        let bytes = damaged(&sound, &damages, other.as_bytes());
        let whole = Table::parse(bytes.as_slice(), &CsvOptions::new());
        if let Ok(reader) = TableReader::new(std::io::Cursor::new(bytes), &CsvOptions::new()) {
            let chunks: Result<Vec<_>, _> = reader.chunk_rows(2).collect();
            if let (Ok(whole), Ok(chunks)) = (whole, chunks) {
                let rows: usize = chunks.iter().map(|chunk| chunk.table.rows()).sum();
                prop_assert_eq!(rows, whole.rows());
            }
        }
    }

    #[test]
    fn any_text_gives_a_table_or_an_error(text in "[a-c0-3,;\"'\n\r \t|.-]{0,60}") {
        if let Ok(table) = Table::parse(text.as_bytes(), &CsvOptions::new()) {
            prop_assert!(table.rows() > 0 && !table.columns().is_empty());
        }
    }

    #[test]
    fn any_bytes_give_a_table_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        if let Err(error) = Table::parse(bytes.as_slice(), &CsvOptions::new()) {
            prop_assert!(error.to_string().starts_with("the stream"));
        }
    }
}
