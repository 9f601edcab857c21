//! TensorBoard's event files.

mod message;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use message::{Png, Value, What, event};

/// A file of events, open for more.
#[derive(Debug)]
pub(crate) struct EventFile {
    file: File,
}

const PREFIX: &str = "events.out.tfevents.";

impl EventFile {
    /// A new file in a folder, which is made if it is missing. Readers take it after the other files of
    /// the folder, and from `step` on in their place.
    pub(crate) fn create(folder: &Path, step: usize) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = next_path(folder)?;
        let file = File::options().append(true).create_new(true).open(path)?;
        let mut events = Self { file };
        events.write(0, &What::Version)?;
        events.write(step, &What::Restart)?;
        Ok(events)
    }

    /// Numbers under their names.
    pub(crate) fn scalars<'a>(
        &mut self,
        step: usize,
        values: impl IntoIterator<Item = (&'a str, f64)>,
    ) -> io::Result<()> {
        let values = values.into_iter();
        let values: Vec<_> = values
            .map(|(name, value)| (name, Value::Scalar(value)))
            .collect();
        self.write(step, &What::Values(&values))
    }

    /// A PNG file under a name.
    pub(crate) fn picture(&mut self, step: usize, name: &str, path: &Path) -> io::Result<()> {
        let bytes = fs::read(path)?;
        let values = [(name, Value::Picture(png(&bytes)?))];
        self.write(step, &What::Values(&values))
    }

    fn write(&mut self, step: usize, what: &What<'_>) -> io::Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let time = now.unwrap_or_default().as_secs_f64();
        self.file
            .write_all(&record(&event(time, step as u64, what)))
    }
}

/// Readers go through the files of a folder in the order of their names, which begin with a time.
fn next_path(folder: &Path) -> io::Result<PathBuf> {
    let mut last = 0;
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let time = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        let time = time.and_then(|rest| rest.split('.').next()?.parse().ok());
        last = last.max(time.unwrap_or(0));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let time = now.unwrap_or_default().as_secs().max(last + 1);
    Ok(folder.join(format!("{PREFIX}{time:010}.thalweg")))
}

/// Reads the head of a PNG: 8 fixed bytes, a length, `IHDR`, width, height, bits, kind.
fn png(bytes: &[u8]) -> io::Result<Png<'_>> {
    let not_one = || io::Error::new(io::ErrorKind::InvalidData, "the picture is not a PNG");
    let head = bytes.get(..26).ok_or_else(not_one)?;
    if head[..8] != *b"\x89PNG\r\n\x1a\n" || head[12..16] != *b"IHDR" {
        return Err(not_one());
    }
    let number =
        |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let channels = match head[25] {
        0 => 1,
        4 => 2,
        2 | 3 => 3,
        6 => 4,
        _ => return Err(not_one()),
    };
    Ok(Png {
        width: number(16),
        height: number(20),
        channels,
        bytes,
    })
}

/// A record, whole, so that one write call appends it.
fn record(content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u64).to_le_bytes();
    let mut record = Vec::with_capacity(content.len() + 16);
    record.extend(length);
    record.extend(masked(&length).to_le_bytes());
    record.extend(content);
    record.extend(masked(content).to_le_bytes());
    record
}

/// CRC-32C, rotated and moved, so that a checksum over checksums is still one.
fn masked(bytes: &[u8]) -> u32 {
    const MASK: u32 = 0xa282_ead8;
    crc32c(bytes).rotate_right(15).wrapping_add(MASK)
}

/// The Castagnoli checksum (RFC 3720) by a table, byte by byte: records are small.
fn crc32c(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let (mut table, mut byte) = ([0; 256], 0);
        while byte < 256 {
            let (mut crc, mut bit) = (byte as u32, 0);
            while bit < 8 {
                crc = (crc >> 1) ^ ((crc & 1) * 0x82f6_3b78);
                bit += 1;
            }
            table[byte] = crc;
            byte += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |crc, byte| {
        TABLE[(crc as u8 ^ byte) as usize] ^ (crc >> 8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_crc_32c() {
        // The check value of the algorithm's definition (RFC 3720 has the polynomial).
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn a_record_has_both_checksums() {
        let record = record(b"ab");
        assert_eq!(record.len(), 18);
        assert_eq!(record[..8], [2, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(record[8..12], masked(&record[..8]).to_le_bytes());
        assert_eq!(record[12..14], *b"ab");
        assert_eq!(record[14..], masked(b"ab").to_le_bytes());
    }

    #[test]
    fn the_head_tells_the_size() {
        let mut head = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\x02\0\0\0\x03\x08\x02".to_vec();
        let picture = png(&head).unwrap();
        assert_eq!(
            (picture.width, picture.height, picture.channels),
            (258, 3, 3)
        );
        head[25] = 9;
        assert!(png(&head).is_err());
        assert!(png(b"GIF89a").is_err());
    }
}
