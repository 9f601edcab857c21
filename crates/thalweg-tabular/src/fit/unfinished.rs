//! The folder of trainings that are not done.

use std::path::{Path, PathBuf};

use thalweg_train::{Facts, RunFolder};

use crate::DensityError;
use crate::member::PARTS;

/// A [`RunFolder`] with a file for each part of each member.
pub(super) struct Unfinished(RunFolder);

impl Unfinished {
    /// The folder of a fit: a new one, or that of the same fit.
    ///
    /// # Errors
    ///
    /// As [`RunFolder::open`].
    pub(super) fn open(folder: &Path, facts: &Facts) -> Result<Self, DensityError> {
        Ok(Self(RunFolder::open(folder, facts)?))
    }

    /// The path of a member's trainings, without the name of a part.
    pub(super) fn member(&self, member: usize) -> PathBuf {
        self.0.file(name(member))
    }

    /// Removes the files of all members.
    pub(super) fn remove(&self, members: usize) {
        let parts = |member| PARTS.map(|part| PathBuf::from(name(member)).with_extension(part));
        self.0.remove((0..members).flat_map(parts));
    }
}

/// The name of a member's files, without that of a part.
fn name(member: usize) -> String {
    format!("member-{member}")
}
