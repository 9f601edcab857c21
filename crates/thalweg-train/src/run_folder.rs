//! A folder of trainings that are not done.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// What decides the result of a fit, by name: settings in words, data by their [`fingerprint`].
///
/// See [`RunFolder`] for an example.
pub type Facts = Vec<(String, String)>;

/// A folder with the trainings of one fit, each in a file for [`Trainer::resume`](crate::Trainer::resume), and the
/// [`Facts`] that the fit began with: the same fit goes on with them, and another one is an error.
///
/// ```
/// use thalweg_train::{Facts, RunFolder, RunFolderError};
///
/// let facts = |seed: &str| -> Facts { vec![("seed".to_owned(), seed.to_owned())] };
/// # let folder = std::env::temp_dir().join(format!("thalweg-run-folder-{}", std::process::id()));
/// let run = RunFolder::open(&folder, &facts("1"))?;
/// assert_eq!(run.file("flow.state"), folder.join("flow.state"));
/// let other = RunFolder::open(&folder, &facts("2"));
/// assert!(matches!(other, Err(RunFolderError::Other { what, .. }) if what == "seed"));
/// // When the first fit is done, another one may begin.
/// run.remove(["flow.state".into()]);
/// RunFolder::open(&folder, &facts("2"))?;
/// # std::fs::remove_dir_all(folder).ok();
/// # Ok::<(), RunFolderError>(())
/// ```
#[derive(Debug, Clone)]
pub struct RunFolder {
    folder: PathBuf,
}

/// Why a folder of trainings cannot be used.
///
/// See [`RunFolder`] for an example.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunFolderError {
    /// The folder holds trainings of another fit.
    #[error(
        "the trainings in {} began with another {what}; repeat that call to go on with them, or choose another folder",
        .folder.display()
    )]
    Other {
        /// The folder.
        folder: PathBuf,
        /// The first difference.
        what: String,
    },

    /// A file cannot be read.
    #[error("cannot read {}: {source}; check its permissions, or choose another folder", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },

    /// A file cannot be written.
    #[error("cannot write {}: {source}; check that the folder exists and is writable", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// The file of the facts.
const FACTS: &str = "fit.json";

impl RunFolder {
    /// The folder of a fit: a new one, or that of the same fit.
    ///
    /// # Errors
    ///
    /// A folder with trainings that began with other facts, and one that cannot be read or written.
    pub fn open(folder: &Path, facts: &Facts) -> Result<Self, RunFolderError> {
        let path = folder.join(FACTS);
        let differs = |what: String| RunFolderError::Other {
            folder: folder.to_owned(),
            what,
        };
        match fs::read(&path) {
            Ok(bytes) => {
                let before: BTreeMap<String, String> =
                    serde_json::from_slice(&bytes).map_err(|_| differs(format!("file {FACTS}")))?;
                if let Some(what) = difference(&before, facts) {
                    return Err(differs(what));
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let all: BTreeMap<&str, &str> = facts
                    .iter()
                    .map(|(what, value)| (what.as_str(), value.as_str()))
                    .collect();
                let text = serde_json::to_string_pretty(&all).expect("words are JSON");
                let write = |source| RunFolderError::Write {
                    path: path.clone(),
                    source,
                };
                thalweg_file::write(&path, text.as_bytes()).map_err(write)?;
            }
            Err(source) => return Err(RunFolderError::Read { path, source }),
        }
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// The path of a file of a training.
    pub fn file(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.join(name)
    }

    /// Removes the files of trainings with these names, and the facts last. A file that stays is no harm: it goes on to the same end.
    pub fn remove(&self, names: impl IntoIterator<Item = PathBuf>) {
        for name in names {
            fs::remove_file(self.file(name)).ok();
        }
        thalweg_file::remove_leftovers(&self.folder).ok();
        fs::remove_file(self.folder.join(FACTS)).ok();
    }
}

/// The first fact that was another one before.
fn difference(before: &BTreeMap<String, String>, facts: &Facts) -> Option<String> {
    let changed = facts
        .iter()
        .find(|(what, value)| before.get(what) != Some(value));
    let gone = || {
        let mut all = before.keys();
        all.find(|before| facts.iter().all(|(what, _)| what != *before))
            .cloned()
    };
    changed.map(|(what, _)| what.clone()).or_else(gone)
}

/// FNV-1a of 64 bits of data, which is the same in every program: for [`Facts`].
///
/// ```
/// assert_eq!(thalweg_train::fingerprint([]), 0xcbf2_9ce4_8422_2325);
/// assert_eq!(thalweg_train::fingerprint(*b"a"), 0xaf63_dc4c_8601_ec8c);
/// ```
///
/// G. Fowler, L. C. Noll, K.-P. Vo, D. Eastlake: *The FNV non-cryptographic hash algorithm*.
pub fn fingerprint(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
