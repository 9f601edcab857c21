//! Log files that a run begins, or goes on with.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::Progress;
use crate::whole_file::whole_file;

/// The file at `path`, in a folder that is made if it is missing: empty where the run begins; where
/// it goes on, with the `header` lines that do not belong to an epoch and those of the epochs before,
/// which `epoch` reads off a line. Rows of epochs that are run again are dropped.
pub(super) fn open(
    path: &Path,
    progress: &Progress,
    header: usize,
    epoch: impl Fn(&str) -> Option<usize>,
) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    if progress.step == 0 || !path.exists() {
        return File::create(path);
    }
    let content = fs::read_to_string(path)?;
    let lines = content.split_inclusive('\n').enumerate();
    let kept = lines.filter(|(index, line)| {
        let earlier = epoch(line).is_some_and(|epoch| epoch < progress.epoch);
        line.ends_with('\n') && (*index < header || earlier)
    });
    let kept: String = kept.map(|(_, line)| line).collect();
    whole_file(path, |path| File::create(path)?.write_all(kept.as_bytes()))?;
    File::options().append(true).open(path)
}
