//! The lines of a stream.

use std::io::{self, BufRead};

use memchr::memchr2;

/// The longest record in bytes, so that a stray quote or a file without line ends cannot fill the memory.
pub(crate) const MAX_RECORD: usize = 1 << 24;

/// Splits a stream into lines, which end with `\n`, `\r\n` or `\r`.
pub(crate) struct Lines<R> {
    source: R,
    /// The lines read so far.
    pub(super) count: u64,
    /// The end of the last line, as in the file.
    pub(super) end: &'static str,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            count: 0,
            end: "",
        }
    }

    /// Appends the next line without its end, or what fits the longest record. False after the last line.
    pub(super) fn next(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        self.end = "";
        let begun = line.len();
        loop {
            let bytes = self.source.fill_buf()?;
            if bytes.is_empty() {
                let found = line.len() > begun;
                self.count += u64::from(found);
                return Ok(found);
            }
            let end = memchr2(b'\n', b'\r', bytes);
            line.extend_from_slice(&bytes[..end.unwrap_or(bytes.len())]);
            let Some(end) = end else {
                let taken = bytes.len();
                self.source.consume(taken);
                if line.len() > MAX_RECORD {
                    self.count += 1;
                    return Ok(true);
                }
                continue;
            };
            let returned = bytes[end] == b'\r';
            self.source.consume(end + 1);
            self.end = "\n";
            if returned {
                self.end = "\r";
                if self.source.fill_buf()?.first() == Some(&b'\n') {
                    self.source.consume(1);
                    self.end = "\r\n";
                }
            }
            self.count += 1;
            return Ok(true);
        }
    }
}
