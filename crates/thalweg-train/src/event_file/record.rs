//! The frame of a record: length, its checksum, content, its checksum.

/// A record, whole, so that one write call appends it.
pub(super) fn record(content: &[u8]) -> Vec<u8> {
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
                crc = crc >> 1 ^ (crc & 1) * 0x82f6_3b78;
                bit += 1;
            }
            table[byte] = crc;
            byte += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |crc, byte| {
        TABLE[(crc as u8 ^ byte) as usize] ^ crc >> 8
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
}
