//! Latents that come in parts.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, Metadata, TensorInfo};
use thalweg_file::Pending;

use super::{CodesError, NAMES, TENSOR};

/// Writes a file of [`Codes`](super::Codes) in parts, in the memory of one part and of all names.
///
/// ```
/// use thalweg_images::{Codes, CodesWriter};
///
/// # let folder = std::env::temp_dir().join(format!("thalweg-writer-{}", std::process::id()));
/// # let path = folder.join("z.safetensors");
/// let mut writer = CodesWriter::create(&path, 2)?;
/// writer.append(&[0.5, -1.0], ["a.png".to_owned()])?;
/// writer.append(&[0.25, 3.0], ["b.png".to_owned()])?;
/// assert!(!path.exists()); // the file appears whole
/// writer.finish()?;
/// assert_eq!(Codes::load(&path)?.values(), [0.5, -1.0, 0.25, 3.0]);
/// # std::fs::remove_dir_all(folder).ok();
/// # Ok::<(), thalweg_images::CodesError>(())
/// ```
#[derive(Debug)]
pub struct CodesWriter {
    path: PathBuf,
    pending: Pending,
    width: usize,
    /// The numbers, whose header is known at the end.
    numbers: BufWriter<File>,
    names: Vec<String>,
}

impl CodesWriter {
    /// Begins a file of latents of `width` numbers. Without [`finish`](Self::finish) it does not appear.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    ///
    /// # Panics
    ///
    /// For a width of 0.
    pub fn create(path: impl AsRef<Path>, width: usize) -> Result<Self, CodesError> {
        assert!(width > 0, "latents have at least one number, got {width}");
        let path = path.as_ref();
        Self::begun(path, width).map_err(|problem| at(path, problem))
    }

    fn begun(path: &Path, width: usize) -> io::Result<Self> {
        let pending = Pending::new(path)?;
        let mut numbers = File::options();
        numbers.read(true).write(true).create_new(true);
        let numbers = numbers.open(pending.path().with_extension("numbers"))?;
        Ok(Self {
            path: path.to_owned(),
            pending,
            width,
            numbers: BufWriter::new(numbers),
            names: vec![],
        })
    }

    /// Adds latents, and a name for each.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    ///
    /// # Panics
    ///
    /// Unless there are `width` values for each name.
    pub fn append(
        &mut self,
        values: &[f32],
        names: impl IntoIterator<Item = String>,
    ) -> Result<(), CodesError> {
        let before = self.names.len();
        self.names.extend(names);
        let more = self.names.len() - before;
        assert!(
            values.len() == more * self.width,
            "{} values are no {more} latents of {}",
            values.len(),
            self.width
        );
        let mut values = values.iter();
        let written = values.try_for_each(|z| self.numbers.write_all(&z.to_le_bytes()));
        written.map_err(|problem| at(&self.path, problem))
    }

    /// Ends the file, which appears under its name.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn finish(self) -> Result<(), CodesError> {
        let header = self.header()?;
        let Self {
            path,
            pending,
            numbers,
            ..
        } = self;
        let write = || {
            let mut numbers = numbers
                .into_inner()
                .map_err(io::IntoInnerError::into_error)?;
            numbers.rewind()?;
            let mut file = File::create(pending.path())?;
            file.write_all(&header)?;
            io::copy(&mut numbers, &mut file)?;
            pending.commit()
        };
        write().map_err(|problem| at(&path, problem))
    }

    /// The length of the header and the header, as the format has them, up to the numbers.
    fn header(&self) -> Result<Vec<u8>, CodesError> {
        let shape = vec![self.names.len(), self.width];
        let tensor = TensorInfo {
            dtype: Dtype::F32,
            data_offsets: (0, 4 * shape.iter().product::<usize>()),
            shape,
        };
        let names = serde_json::Value::from(self.names.clone()).to_string();
        let names = HashMap::from([(NAMES.to_owned(), names)]);
        let header = Metadata::new(Some(names), vec![(TENSOR.to_owned(), tensor)]);
        let header = header.map_err(|problem| CodesError::Format {
            path: self.path.clone(),
            problem,
        })?;
        let header = serde_json::to_vec(&header);
        let mut header = header.map_err(|problem| at(&self.path, problem.into()))?;
        // Numbers begin at a multiple of eight; the format fills up by spaces.
        header.resize(header.len().next_multiple_of(8), b' ');
        let length = (header.len() as u64).to_le_bytes();
        Ok([&length, header.as_slice()].concat())
    }
}

fn at(path: &Path, problem: io::Error) -> CodesError {
    CodesError::System {
        path: path.to_owned(),
        problem,
    }
}
