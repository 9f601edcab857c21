//! Latents in a file.

mod writer;

pub use writer::CodesWriter;

use std::io;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors};
use thiserror::Error;

/// Latents of images, one row for each, and the names of the images.
///
/// The file is safetensors with one tensor `z`, `[images, numbers]` of 32-bit floats, and the names as JSON in the metadata
/// `names`.
///
/// ```
/// use thalweg_images::Codes;
///
/// # let folder = std::env::temp_dir().join(format!("thalweg-codes-{}", std::process::id()));
/// # let path = folder.join("z.safetensors");
/// let codes = Codes::new(2, vec![0.5, -1.0, 0.25, 3.0], vec!["a.png".into(), "b.png".into()]);
/// assert_eq!((codes.count(), codes.width()), (2, 2));
/// assert_eq!(codes.names()[1], "b.png");
/// codes.save(&path)?;
/// assert_eq!(Codes::load(&path)?, codes);
/// # std::fs::remove_dir_all(folder).ok();
/// # Ok::<(), thalweg_images::CodesError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Codes {
    width: usize,
    values: Vec<f32>,
    names: Vec<String>,
}

/// Why a file of latents cannot be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CodesError {
    /// The system's error.
    #[error("{}: {problem}", path.display())]
    System {
        /// The file.
        path: PathBuf,
        /// The system's error.
        problem: io::Error,
    },
    /// The file is no safetensors file.
    #[error("{} is no sound safetensors file: {problem}; give one that `encode` wrote", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The reason.
        problem: SafeTensorError,
    },
    /// The file has other tensors.
    #[error("{} holds no latents: {problem}; give a file that `encode` wrote", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// The difference.
        problem: String,
    },
}

/// The tensor and the metadata.
const TENSOR: &str = "z";
const NAMES: &str = "names";

impl Codes {
    /// Latents of `width` numbers, image by image, and a name for each.
    ///
    /// # Panics
    ///
    /// Unless there are `width` values for each name, and `width` is above 0.
    pub fn new(width: usize, values: Vec<f32>, names: Vec<String>) -> Self {
        assert!(
            width > 0 && values.len() == width * names.len(),
            "{} values are no {} latents of {width}",
            values.len(),
            names.len()
        );
        Self {
            width,
            values,
            names,
        }
    }

    /// The number of images.
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// The numbers in a latent.
    pub fn width(&self) -> usize {
        self.width
    }

    /// All numbers, image by image.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The name of each image.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Writes them, whole or not at all.
    ///
    /// # Errors
    ///
    /// A file that cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), CodesError> {
        let mut writer = CodesWriter::create(path, self.width)?;
        writer.append(&self.values, self.names.iter().cloned())?;
        writer.finish()
    }

    /// The latents in a file.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, is damaged, or holds anything else.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, CodesError> {
        let path = path.as_ref();
        let bytes = thalweg_file::read(path).map_err(|problem| CodesError::System {
            path: path.to_owned(),
            problem,
        })?;
        let format = |problem| CodesError::Format {
            path: path.to_owned(),
            problem,
        };
        let content = |problem: String| CodesError::Content {
            path: path.to_owned(),
            problem,
        };
        let file = SafeTensors::deserialize(&bytes).map_err(format)?;
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(format)?;
        let z = file
            .tensor(TENSOR)
            .map_err(|_| content(format!("it has no tensor \"{TENSOR}\"")))?;
        let (dtype, shape) = (z.dtype(), z.shape());
        let [count, width] = match (dtype, shape) {
            (Dtype::F32, [count, width]) if *width > 0 => [*count, *width],
            _ => {
                return Err(content(format!(
                    "\"{TENSOR}\" is {dtype:?} of shape {shape:?}, not F32 of shape [images, numbers]"
                )));
            }
        };
        let values = z.data().chunks_exact(4);
        let values: Vec<f32> = values
            .map(|z| f32::from_le_bytes([z[0], z[1], z[2], z[3]]))
            .collect();
        if values.iter().any(|z| !z.is_finite()) {
            return Err(content("a number is not finite".to_owned()));
        }
        let names = header.metadata().as_ref().and_then(|all| all.get(NAMES));
        let names = match names {
            None => (0..count).map(|index| index.to_string()).collect(),
            Some(text) => serde_json::from_str::<Vec<String>>(text)
                .map_err(|_| content("its names are no list of words".to_owned()))?,
        };
        match names.len() == count {
            true => Ok(Self::new(width, values, names)),
            false => Err(content(format!("{} names of {count} images", names.len()))),
        }
    }
}
