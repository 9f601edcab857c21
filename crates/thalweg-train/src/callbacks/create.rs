use std::fs::{self, File};
use std::io;
use std::path::Path;

/// An empty file at `path`, in a folder that is made if it is missing.
pub(super) fn create(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    File::create(path)
}
