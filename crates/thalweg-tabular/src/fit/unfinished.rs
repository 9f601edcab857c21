//! The folder of trainings that are not done.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::fingerprint::Facts;
use crate::DensityError;
use crate::member::PARTS;

/// A folder with the trainings of one fit, each in a file, and the [`Facts`] that the fit began with.
pub(super) struct Unfinished {
    folder: PathBuf,
}

/// The file of the facts.
const FACTS: &str = "fit.json";

impl Unfinished {
    /// The folder of a fit: a new one, or that of the same fit.
    ///
    /// # Errors
    ///
    /// A folder with trainings that began with other facts, and one that cannot be read or written.
    pub(super) fn open(folder: &Path, facts: &Facts) -> Result<Self, DensityError> {
        let path = folder.join(FACTS);
        let differs = |what: String| DensityError::Resume {
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
                let write = |source| DensityError::Write {
                    path: path.clone(),
                    source,
                };
                thalweg_file::write(&path, text.as_bytes()).map_err(write)?;
            }
            Err(source) => return Err(DensityError::Read { path, source }),
        }
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// The path of a member's trainings, without the name of a part.
    pub(super) fn member(&self, member: usize) -> PathBuf {
        self.folder.join(format!("member-{member}"))
    }

    /// Removes the files, the facts last. A file that stays is no harm: it goes on to the same end.
    pub(super) fn remove(&self, members: usize) {
        for member in 0..members {
            for part in PARTS {
                fs::remove_file(self.member(member).with_extension(part)).ok();
            }
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
