//! Files that appear whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Lets `write` create a file beside `path` and renames it once it is on the disk: until then a
/// file that was there before stays.
pub(crate) fn whole_file<E: From<io::Error>>(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let Some(name) = path.file_name() else {
        return Err(
            io::Error::new(io::ErrorKind::InvalidInput, "the path has no file name").into(),
        );
    };
    fs::create_dir_all(folder)?;
    // A folder rather than a file: the closure creates the file itself, with the permissions that
    // a new file has.
    let scratch = tempfile::Builder::new()
        .prefix(".writing-")
        .tempdir_in(folder)?;
    let written = scratch.path().join(name);
    write(&written)?;
    File::options().write(true).open(&written)?.sync_all()?;
    fs::rename(&written, path)?;
    // The new name is safe when its folder is on the disk too.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}
