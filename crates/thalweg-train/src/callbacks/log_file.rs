//! Log files that a run begins, or goes on with.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Progress, Signal, TrainError};

/// Why a log is not written.
#[derive(Debug)]
pub(super) enum LogError {
    /// The system refused.
    Io(io::Error),
    /// The file must not be overwritten: the reason, and the way out.
    Refused(String),
}

/// The signal of a callback that writes there.
pub(super) fn signal<E: Into<LogError>>(result: Result<(), E>, path: &Path) -> Signal {
    let path = path.to_owned();
    match result.map_err(Into::into) {
        Ok(()) => Signal::CONTINUE,
        Err(LogError::Io(source)) => Signal::fail(TrainError::Log { path, source }),
        Err(LogError::Refused(reason)) => Signal::fail(TrainError::LogRefused { path, reason }),
    }
}

/// The first epoch whose row does not stay: a run that begins keeps no row.
pub(super) fn first_new(progress: &Progress) -> usize {
    match progress.step {
        0 => 0,
        _ => progress.epoch,
    }
}

impl<E: Into<io::Error>> From<E> for LogError {
    fn from(error: E) -> Self {
        Self::Io(error.into())
    }
}

/// A log that is open for more.
#[derive(Debug)]
pub(super) struct LogFile {
    file: File,
    /// `None` for a pipe and other files that are not regular.
    _claim: Option<Claim>,
}

impl LogFile {
    /// The file at `path`, in a folder that is made if it is missing. `carry` makes the new beginning
    /// from the old content: the header, and the rows that stay. The old file stays until the new one is
    /// on the disk.
    pub(super) fn open(
        path: &Path,
        carry: impl FnOnce(&str) -> Result<String, LogError>,
    ) -> Result<Self, LogError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = File::options().append(true).create(true).open(path)?;
        if !file.metadata()?.is_file() {
            file.write_all(carry("")?.as_bytes())?;
            let _claim = None;
            return Ok(Self { file, _claim });
        }
        // Not through a link, which would be replaced.
        let path = path.canonicalize()?;
        let claim = Claim::new(&path)?;
        let old = fs::read(&path)?;
        let Ok(text) = std::str::from_utf8(&old) else {
            return Err(foreign("it holds no text"));
        };
        let new = carry(text)?;
        if new != text {
            thalweg_file::write(&path, new.as_bytes())?;
            file = File::options().append(true).open(&path)?;
        }
        Ok(Self {
            file,
            _claim: Some(claim),
        })
    }
}

impl Write for LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file that something else than this log has written.
pub(super) fn foreign(what: &str) -> LogError {
    LogError::Refused(format!(
        "{what}, so it is not a log of this kind, and would be lost; name another file, or move this \
         one away"
    ))
}

/// The whole lines, and the rest of a last line that a kill has cut.
pub(super) fn whole_lines(text: &str) -> (&str, &str) {
    text.split_at(text.rfind('\n').map_or(0, |end| end + 1))
}

static CLAIMED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn claimed() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    CLAIMED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// That nothing else of this process writes there, until it is dropped.
#[derive(Debug)]
pub(super) struct Claim(PathBuf);

impl Claim {
    pub(super) fn new(path: &Path) -> Result<Self, LogError> {
        match claimed().insert(path.to_owned()) {
            true => Ok(Self(path.to_owned())),
            false => Err(LogError::Refused(
                "another callback of this process is writing to it; give each a path of its own"
                    .to_owned(),
            )),
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        claimed().remove(&self.0);
    }
}
