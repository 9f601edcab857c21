//! Files that appear whole or not at all, also when the machine loses power.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Writes these bytes to a file, as [`write_with`] does.
///
/// # Errors
/// That of the operating system.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_with(path, |path| fs::write(path, bytes))
}

/// Lets `write` create a file beside `path`, and renames it once it is on the disk. An earlier file
/// stays until then. A missing folder is made.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("new/answer");
/// thalweg_file::write(&path, b"42")?;
/// let failed = thalweg_file::write_with(&path, |half| {
///     std::fs::write(half, b"4")?;
///     Err(std::io::Error::other("the writer gives up"))
/// });
/// assert!(failed.is_err());
/// assert_eq!(std::fs::read(&path)?, b"42");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// That of `write` or of the operating system, and [`io::ErrorKind::InvalidInput`] for a path without
/// a file name.
pub fn write_with<E: From<io::Error>>(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = path.file_name();
    let name = name
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path has no file name"))?;
    fs::create_dir_all(folder)?;
    // A folder and not a file: `write` creates the file, with the permissions of any new file.
    let scratch = tempfile::Builder::new()
        .prefix(".writing-")
        .tempdir_in(folder)?;
    let written = scratch.path().join(name);
    write(&written)?;
    File::options().write(true).open(&written)?.sync_all()?;
    fs::rename(&written, path)?;
    // The new name is safe once its folder is on the disk too.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}
