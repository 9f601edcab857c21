//! Text from the bytes of a file.

use std::io::Read;
use std::path::Path;

use super::records::line_ends;
use crate::DataError;
use crate::read::{self, MAX_BYTES};

/// How bytes stand for letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8, and UTF-16 where the file begins with its byte order mark.
    #[default]
    Utf8,
    /// Latin-1 in the form of Windows-1252, a byte a letter: what Excel calls CSV in Western
    /// Europe.
    Latin1,
}

/// The first bytes of files that are no text: what they are, and what to do.
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
    (
        b"\x28\xb5\x2f\xfd",
        "compressed by Zstandard",
        "unpack it, or compress it by gzip",
    ),
    (
        b"BZh",
        "compressed by bzip2",
        "unpack it, or compress it by gzip",
    ),
    (
        b"\xfd7zXZ",
        "compressed by xz",
        "unpack it, or compress it by gzip",
    ),
];

/// The text of a file, which is bounded in size.
pub(super) fn read(
    path: &Path,
    reader: impl Read,
    encoding: Encoding,
) -> Result<String, DataError> {
    let mut bytes = Vec::new();
    reader
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| read::failed(path, source))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(DataError::TooLarge {
            path: path.to_path_buf(),
            size: "more text".to_string(),
            bound: MAX_BYTES,
        });
    }
    let foreign = |what: &'static str, way_out: &'static str| DataError::Foreign {
        path: path.to_path_buf(),
        what,
        way_out,
    };
    if let Some((_, what, way_out)) = FOREIGN.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
        return Err(foreign(what, way_out));
    }
    let text = match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ if bytes[..bytes.len().min(1024)].contains(&0) => None,
        _ if encoding == Encoding::Latin1 && !bytes.starts_with(b"\xef\xbb\xbf") => {
            return Ok(bytes.iter().map(|&byte| latin1(byte)).collect());
        }
        _ => return utf8(path, bytes),
    };
    text.ok_or_else(|| {
        foreign(
            "no text in UTF-8 (it holds bytes of 0, as damaged text, UTF-16 without its byte order \
             mark and binary files do)",
            "save it as CSV in UTF-8",
        )
    })
}

/// Text in UTF-8, without its byte order mark.
fn utf8(path: &Path, bytes: Vec<u8>) -> Result<String, DataError> {
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let before = String::from_utf8_lossy(&bytes[..at]);
        let line = line_ends(&before) + 1;
        DataError::Csv {
            path: path.to_path_buf(),
            line,
            row: line - 1,
            what: format!(
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

/// The letter of a byte in Windows-1252, which is Latin-1 but for 0x80 to 0x9f.
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
