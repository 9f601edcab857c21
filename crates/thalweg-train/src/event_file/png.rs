use std::io;

use super::message::Png;

/// What the head of a PNG says: 8 bytes that all have, a length, `IHDR`, width, height, bits, kind.
pub(super) fn png(bytes: &[u8]) -> io::Result<Png<'_>> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
