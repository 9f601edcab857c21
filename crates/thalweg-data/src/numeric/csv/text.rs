//! Text from the bytes of a file.

use std::io::Read;
use std::path::Path;

use super::error::CsvError;
use super::records::line_of;
use crate::DataError;
use crate::read::{self, FileError, MAX_BYTES};

/// The encoding of a file's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8, or UTF-16 if the file begins with the byte order mark of UTF-16.
    #[default]
    Utf8,
    /// Windows-1252, the usual form of Latin-1, with one byte for each character: the encoding of
    /// Excel's "CSV" in Western Europe.
    Latin1,
}

const UNPACK: &str = "unpack it, or compress it by gzip";

/// Files that are not text: their first bytes, their format, and the way out.
const FOREIGN: [(&[u8], &str, &str); 9] = [
    (
        b"PK\x03\x04",
        "a ZIP archive or an Excel workbook",
        "unpack it, or save the sheet as CSV",
    ),
    (
        b"\xd0\xcf\x11\xe0",
        "an old Excel workbook",
        "save the sheet as CSV",
    ),
    (b"PAR1", "Parquet", "write it as CSV"),
    (b"ARROW1", "Arrow or Feather", "write it as CSV"),
    (b"\x93NUMPY", "a NumPy array", "write it with numpy.savetxt"),
    (b"\x89HDF", "HDF5", "write the table as CSV"),
    (b"\x28\xb5\x2f\xfd", "compressed by Zstandard", UNPACK),
    (b"BZh", "compressed by bzip2", UNPACK),
    (b"\xfd7zXZ", "compressed by xz", UNPACK),
];

/// The text of a file.
pub(super) fn read(
    path: &Path,
    reader: impl Read,
    encoding: Encoding,
) -> Result<String, DataError> {
    let bytes = read::bytes(reader, MAX_BYTES + 1).map_err(|problem| problem.at(path))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(FileError::TooLarge("a longer text".to_string()).at(path));
    }
    let foreign = |format, advice| FileError::Foreign { format, advice }.at(path);
    let known = FOREIGN.iter().find(|(magic, ..)| bytes.starts_with(magic));
    if let Some((_, format, advice)) = known {
        return Err(foreign(format, advice));
    }
    let text = match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ if bytes[..bytes.len().min(1024)].contains(&0) => None,
        _ if encoding == Encoding::Latin1 && !bytes.starts_with(b"\xef\xbb\xbf") => {
            return Ok(bytes.iter().map(|&byte| latin1(byte)).collect());
        }
        _ => {
            return utf8(bytes).map_err(|problem| DataError::Csv {
                path: path.to_path_buf(),
                problem,
            });
        }
    };
    text.ok_or_else(|| {
        foreign(
            "not text in UTF-8 (it has bytes of 0, as damaged text, binary files and UTF-16 without \
             a byte order mark do)",
            "save it as CSV in UTF-8",
        )
    })
}

/// Text in UTF-8, without its byte order mark.
fn utf8(bytes: Vec<u8>) -> Result<String, CsvError> {
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        CsvError::Line {
            line: line_of(&String::from_utf8_lossy(&bytes[..at])),
            problem: format!(
                "the byte {:02x} is not UTF-8; give encoding(Encoding::Latin1) if the file was \
                 saved by Excel or in Latin-1, or save it in UTF-8",
                bytes[at]
            ),
        }
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

fn utf16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|&pair| unit(pair));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    text.ok().filter(|_| rest.is_empty())
}

/// The character of a byte in Windows-1252: that of Latin-1 outside 0x80 to 0x9f.
fn latin1(byte: u8) -> char {
    const SPECIAL: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => SPECIAL[usize::from(byte - 0x80)],
        _ => byte.into(),
    }
}
