//! Text from the bytes of a file.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use super::error::ReadError;
use crate::read::{self, FileError, MAX_BYTES};

/// The encoding of a file's text.
///
/// ```
/// # #[cfg(feature = "tables")]
/// # {
/// use thalweg_data::{CsvOptions, Encoding, Table, Values};
///
/// let latin1 = b"town,x\nZ\xfcrich,1\nBern,2\n";
/// assert!(Table::parse(&latin1[..], &CsvOptions::default()).is_err());
/// let table = Table::parse(&latin1[..], &CsvOptions::default().encoding(Encoding::Latin1))?;
/// let Values::Text(towns) = table.require("town")?.values() else { panic!() };
/// assert_eq!(towns.get(0), Some("Zürich"));
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    (
        b"PAR1",
        "Parquet",
        "read it by Table::read in a build with the feature `parquet`, or write it as CSV",
    ),
    (b"ARROW1", "Arrow or Feather", "write it as CSV"),
    (b"\x93NUMPY", "a NumPy array", "write it with numpy.savetxt"),
    (b"\x89HDF", "HDF5", "write the table as CSV"),
    (b"\x28\xb5\x2f\xfd", "compressed by Zstandard", UNPACK),
    (b"BZh", "compressed by bzip2", UNPACK),
    (b"\xfd7zXZ", "compressed by xz", UNPACK),
];

/// The text of a stream in UTF-8, without a byte order mark.
pub(crate) fn decoded<'a>(
    mut source: impl Read + 'a,
    encoding: Encoding,
) -> Result<Box<dyn BufRead + 'a>, ReadError> {
    let mut head = Vec::new();
    source.by_ref().take(1024).read_to_end(&mut head)?;
    if let Some((_, format, advice)) = FOREIGN.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Err(FileError::Foreign { format, advice }.into());
    }
    let (mark, code) = match head.as_slice() {
        [0xff, 0xfe, ..] => (2, Some(Code::Little)),
        [0xfe, 0xff, ..] => (2, Some(Code::Big)),
        [0xef, 0xbb, 0xbf, ..] => (3, None),
        _ if head.contains(&0) => {
            return Err(FileError::Foreign {
                format: "not text in UTF-8 (it has bytes of 0, as damaged text, binary files and UTF-16 \
                         without a byte order mark do)",
                advice: "save it as CSV in UTF-8",
            }
            .into());
        }
        _ if encoding == Encoding::Latin1 => (0, Some(Code::Latin1)),
        _ => (0, None),
    };
    head.drain(..mark);
    let source = Cursor::new(head).chain(source);
    Ok(match code {
        None => Box::new(BufReader::with_capacity(BLOCK, source)),
        Some(code) => Box::new(BufReader::with_capacity(
            BLOCK,
            Transcoder {
                source,
                code,
                bytes: Vec::new(),
                text: Cursor::default(),
            },
        )),
    })
}

/// The text of a stream as [`decoded`], whole.
pub(crate) fn read(source: impl Read, encoding: Encoding) -> Result<Vec<u8>, ReadError> {
    let bytes = read::bytes(decoded(source, encoding)?, MAX_BYTES + 1)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(FileError::TooLarge("a longer text".to_string()).into());
    }
    Ok(bytes)
}

/// How many bytes are read at once.
const BLOCK: usize = 1 << 16;

#[derive(Clone, Copy)]
enum Code {
    Latin1,
    Little,
    Big,
}

/// Text in UTF-8 from a stream in another encoding.
struct Transcoder<R> {
    source: R,
    code: Code,
    /// Bytes read that are no whole character yet.
    bytes: Vec<u8>,
    text: Cursor<String>,
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.text.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            let block = BLOCK as u64;
            let read = self
                .source
                .by_ref()
                .take(block)
                .read_to_end(&mut self.bytes)?;
            if read == 0 && self.bytes.is_empty() {
                return Ok(0);
            }
            let (text, taken) = match self.code {
                Code::Latin1 => (
                    self.bytes.iter().map(|&byte| latin1(byte)).collect(),
                    self.bytes.len(),
                ),
                Code::Little => utf16(&self.bytes, u16::from_le_bytes),
                Code::Big => utf16(&self.bytes, u16::from_be_bytes),
            };
            if taken == 0 {
                let problem = "its text in UTF-16 is damaged; save it in UTF-8";
                return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
            }
            self.bytes.drain(..taken);
            self.text = Cursor::new(text);
        }
    }
}

/// The characters that these bytes begin with, and the number of their bytes.
fn utf16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> (String, usize) {
    let (pairs, _) = bytes.as_chunks::<2>();
    let characters = char::decode_utf16(pairs.iter().map(|&pair| unit(pair)));
    let text: String = characters.map_while(Result::ok).collect();
    let taken = 2 * text.encode_utf16().count();
    (text, taken)
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
