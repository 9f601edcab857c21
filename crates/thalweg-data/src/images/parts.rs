//! The parts of a PNG or JPEG file, walked over to see that none is missing.

/// Walks to the end of a picture. Gives the EXIF data of a PNG, or the part that the file ends in;
/// files of other kinds are left to the decoder.
pub(super) fn walk(bytes: &[u8]) -> Result<Option<&[u8]>, &'static str> {
    match bytes {
        [
            0x89,
            b'P',
            b'N',
            b'G',
            b'\r',
            b'\n',
            0x1a,
            b'\n',
            chunks @ ..,
        ] => png(chunks),
        [0xff, 0xd8, segments @ ..] => jpeg(segments).map(|()| None),
        [] => Err("nothing: it is empty"),
        _ => Ok(None),
    }
}

/// Chunks of a length, a name of four letters, the data, a checksum (PNG specification, 5.3).
fn png(mut rest: &[u8]) -> Result<Option<&[u8]>, &'static str> {
    let mut exif = None;
    loop {
        let (head, after) = rest.split_first_chunk::<8>().ok_or("a chunk's head")?;
        let [a, b, c, d, name @ ..] = *head;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let data = after.get(..length).ok_or(match &name {
            b"IDAT" => "its pixels",
            _ => "a chunk's data",
        })?;
        rest = after
            .get(length..)
            .and_then(|rest| rest.get(4..))
            .ok_or("a checksum")?;
        match &name {
            b"eXIf" => exif = Some(data),
            b"IEND" => return Ok(exif),
            _ => {}
        }
    }
}

/// Segments of a marker and a length, and scans, which end at the next marker (ITU T.81, B.1).
fn jpeg(mut rest: &[u8]) -> Result<(), &'static str> {
    loop {
        // To the next marker: over the scan, in which 0xff stands before 0 or a restart marker, and
        // over bytes that fill.
        let is_marker =
            |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0x01 | 0xd0..=0xd7 | 0xff);
        let at = rest.windows(2).position(is_marker).ok_or("its pixels")?;
        let marker = rest[at + 1];
        rest = &rest[at + 2..];
        if marker == 0xd9 {
            return Ok(());
        }
        let (length, _) = rest.split_first_chunk::<2>().ok_or("a segment's head")?;
        let length = usize::from(u16::from_be_bytes(*length)).max(2);
        rest = rest.get(length..).ok_or("a segment's data")?;
    }
}
