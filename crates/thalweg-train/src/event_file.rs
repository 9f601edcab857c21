//! TensorBoard's event files.

mod message;
mod png;
mod record;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use message::{Value, What, event};
use png::png;
use record::record;

/// A file of events, open for more.
#[derive(Debug)]
pub(crate) struct EventFile {
    file: File,
}

const PREFIX: &str = "events.out.tfevents.";

impl EventFile {
    /// A new file in a folder, which is made if it is missing. A reader takes it after those that are
    /// there, and from `step` on in place of what they say.
    pub(crate) fn create(folder: &Path, step: usize) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = next_path(folder)?;
        let file = File::options().append(true).create_new(true).open(path)?;
        let mut events = Self { file };
        events.write(0, &What::Version)?;
        events.write(step, &What::Restart)?;
        Ok(events)
    }

    /// Numbers under their names.
    pub(crate) fn scalars<'a>(
        &mut self,
        step: usize,
        values: impl IntoIterator<Item = (&'a str, f64)>,
    ) -> io::Result<()> {
        let values = values.into_iter();
        let values: Vec<_> = values
            .map(|(name, value)| (name, Value::Scalar(value)))
            .collect();
        self.write(step, &What::Values(&values))
    }

    /// A PNG file under a name.
    pub(crate) fn picture(&mut self, step: usize, name: &str, path: &Path) -> io::Result<()> {
        let bytes = fs::read(path)?;
        let values = [(name, Value::Picture(png(&bytes)?))];
        self.write(step, &What::Values(&values))
    }

    fn write(&mut self, step: usize, what: &What<'_>) -> io::Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let time = now.unwrap_or_default().as_secs_f64();
        self.file
            .write_all(&record(&event(time, step as u64, what)))
    }
}

/// Readers go through the files of a folder in the order of their names, which begin with a time.
fn next_path(folder: &Path) -> io::Result<PathBuf> {
    let mut last = 0;
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let time = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        let time = time.and_then(|rest| rest.split('.').next()?.parse().ok());
        last = last.max(time.unwrap_or(0));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let time = now.unwrap_or_default().as_secs().max(last + 1);
    Ok(folder.join(format!("{PREFIX}{time:010}.thalweg")))
}
