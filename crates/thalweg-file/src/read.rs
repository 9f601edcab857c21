//! Reading files of any origin: never a pipe that says nothing, never more memory than the file is long.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;

/// Opens a regular file, and tells its length in bytes.
///
/// A folder, a pipe, a socket or a device is refused: a pipe may keep a reader waiting for ever, and a device such as
/// `/dev/zero` has no end.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("answer");
/// std::fs::write(&path, b"42")?;
/// let (_, bytes) = thalweg_file::open(&path)?;
/// assert_eq!(bytes, 2);
/// let refused = thalweg_file::open(folder.path()).unwrap_err();
/// assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// That of the operating system, and [`io::ErrorKind::InvalidInput`] for what is no regular file.
pub fn open(path: &Path) -> io::Result<(File, u64)> {
    // Before it is opened, which waits for the writer of a pipe; and after, when another file may have its name.
    check_regular(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    check_regular(&metadata)?;
    Ok((file, metadata.len()))
}

fn check_regular(metadata: &Metadata) -> io::Result<()> {
    let found = match metadata {
        regular if regular.is_file() => return Ok(()),
        folder if folder.is_dir() => "a folder",
        _ => "a pipe, a socket or a device",
    };
    let text = format!("is {found}; give the path of a regular file");
    Err(io::Error::new(io::ErrorKind::InvalidInput, text))
}

/// The whole content of a regular file, as [`open`] takes it.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("answer");
/// thalweg_file::write(&path, b"42")?;
/// assert_eq!(thalweg_file::read(&path)?, b"42");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Those of [`open`] and [`exactly`].
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let (mut file, bytes) = open(path)?;
    exactly(&mut file, bytes)
}

/// The next `bytes` bytes of a stream.
///
/// ```
/// let stream = &mut &b"forty-two"[..];
/// assert_eq!(thalweg_file::exactly(stream, 5)?, b"forty");
/// let short = thalweg_file::exactly(stream, 1 << 20).unwrap_err();
/// assert_eq!(short.kind(), std::io::ErrorKind::UnexpectedEof);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// That of the stream, [`io::ErrorKind::UnexpectedEof`] when it ends before, and [`io::ErrorKind::OutOfMemory`].
pub fn exactly(stream: &mut impl Read, bytes: u64) -> io::Result<Vec<u8>> {
    let none = || {
        io::Error::new(
            io::ErrorKind::OutOfMemory,
            format!("no memory for {bytes} bytes"),
        )
    };
    let length = usize::try_from(bytes).map_err(|_| none())?;
    let mut content = Vec::new();
    content.try_reserve_exact(length).map_err(|_| none())?;
    stream.take(bytes).read_to_end(&mut content)?;
    match content.len() == length {
        true => Ok(content),
        false => Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            format!("ends after {} of {bytes} bytes", content.len()),
        )),
    }
}
