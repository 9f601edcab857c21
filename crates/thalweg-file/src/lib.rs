#![doc = include_str!("../README.md")]

mod read;

pub use read::{exactly, open, read};

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

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
    let pending = Pending::new(path)?;
    write(pending.path())?;
    Ok(pending.commit()?)
}

/// A file that is written over some time, beside its path, where it appears once it is whole.
///
/// ```
/// use std::io::Write;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("answer");
/// let pending = thalweg_file::Pending::new(&path)?;
/// std::fs::File::create(pending.path())?.write_all(b"42")?;
/// assert!(!path.exists());
/// pending.commit()?;
/// assert_eq!(std::fs::read(&path)?, b"42");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Pending {
    last: PathBuf,
    path: PathBuf,
    // A folder and not a file: the writer creates the file, with the permissions of any new file. It goes when
    // it is dropped.
    _scratch: TempDir,
}

impl Pending {
    /// A place beside `path`. A missing folder is made.
    ///
    /// # Errors
    /// That of the operating system, and [`io::ErrorKind::InvalidInput`] for a path without a file name.
    pub fn new(path: &Path) -> io::Result<Self> {
        let (folder, name) = (folder(path), name(path)?);
        fs::create_dir_all(folder)?;
        let scratch = scratch(folder)?;
        Ok(Self {
            last: path.to_owned(),
            path: scratch.path().join(name),
            _scratch: scratch,
        })
    }

    /// Where to write the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Renames the file once it is on the disk. An earlier file stays until then.
    ///
    /// # Errors
    /// That of the operating system.
    pub fn commit(self) -> io::Result<()> {
        File::options().write(true).open(&self.path)?.sync_all()?;
        fs::rename(&self.path, &self.last)?;
        // The new name is safe once its folder is on the disk too.
        #[cfg(unix)]
        File::open(folder(&self.last))?.sync_all()?;
        Ok(())
    }
}

/// Finds out whether a file can be written, and leaves nothing behind: for programs that work long before they write. Of a
/// missing folder, the nearest one that is there counts.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// thalweg_file::writable(&folder.path().join("new/answer"))?;
/// assert_eq!(std::fs::read_dir(folder.path())?.count(), 0);
/// assert!(thalweg_file::writable(folder.path()).is_err()); // a folder
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// That of the operating system, [`io::ErrorKind::InvalidInput`] for a path without a file name, and
/// [`io::ErrorKind::IsADirectory`] for the path of a folder.
pub fn writable(path: &Path) -> io::Result<()> {
    name(path)?;
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let mut nearest = folder(path);
    while let Err(error) = fs::metadata(nearest)
        && error.kind() == io::ErrorKind::NotFound
    {
        nearest = folder(nearest);
    }
    scratch(nearest).map(drop)
}

/// The beginning of the names of folders in which files are written.
const SCRATCH: &str = ".writing-";

/// Removes what writers left in a folder when their process was killed. Nobody may be writing into it.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let pending = thalweg_file::Pending::new(&folder.path().join("answer"))?;
/// std::mem::forget(pending); // as a process that is killed
/// thalweg_file::remove_leftovers(folder.path())?;
/// assert_eq!(std::fs::read_dir(folder.path())?.count(), 0);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// That of the operating system.
pub fn remove_leftovers(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(SCRATCH) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

fn scratch(folder: &Path) -> io::Result<TempDir> {
    tempfile::Builder::new().prefix(SCRATCH).tempdir_in(folder)
}

fn name(path: &Path) -> io::Result<&OsStr> {
    let no_name = || io::Error::new(io::ErrorKind::InvalidInput, "the path has no file name");
    path.file_name().ok_or_else(no_name)
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
