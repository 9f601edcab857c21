//! A file that was read.

use std::fmt;
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::tensor::Device;

use super::contents::Contents;
use super::header::{KEY_CONFIG, KEY_MODEL};
use super::{FileInfo, FileProblem, ModelFileError, WeightProblem, at};
use crate::ModelConfig;

/// A file that was read whole and whose checksum matches, for programs that learn its kind first and load its model then.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::file::ModelFile;
/// use thalweg_models::CouplingFlowConfig;
///
/// # let folder = std::env::temp_dir().join(format!("thalweg-open-{}", std::process::id()));
/// # let path = folder.join("flow.safetensors");
/// let device = Device::default();
/// CouplingFlowConfig::nsf(2).init(&device).save(&path)?;
/// let (file, bytes) = (ModelFile::open(&path)?, std::fs::read(&path)?);
/// # std::fs::remove_dir_all(folder).ok();
/// assert_eq!(file.kind(), "coupling flow");
/// let (config, flow) = file.with_config::<CouplingFlowConfig>(&device)?;
/// assert_eq!(config, CouplingFlowConfig::nsf(2));
/// // Bytes from anywhere, for a model with other weights.
/// let other = CouplingFlowConfig::nsf(2).with_seed(1).init(&device);
/// let same = ModelFile::of_bytes(&path, &bytes)?.apply_to(other)?;
/// let x = Tensor::<2>::ones([1, 2], &device);
/// assert_eq!(same.encode(x.clone()).to_data(), flow.encode(x).to_data());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ModelFile {
    path: PathBuf,
    kind: String,
    contents: Contents,
}

impl fmt::Debug for ModelFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelFile")
            .field("path", &self.path)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// Values that a configuration may describe beyond those in its file. Within that number the model
/// is built, so that the missing tensors can be named; beyond it the memory might not suffice. Layers of a few
/// values each take up to a kilobyte a value.
const SLACK: u128 = 1 << 16;

impl ModelFile {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// A file that is missing, is not a regular file, is truncated, altered, of another program or of a newer format.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ModelFileError> {
        at(path.as_ref(), |path| Self::of(path, Contents::at(path)?))
    }

    /// The file with these bytes, from a place that is no file of this machine; `path` names it in errors.
    ///
    /// See [`ModelFile`] for an example.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open), but for those of reading.
    pub fn of_bytes(path: impl AsRef<Path>, bytes: &[u8]) -> Result<Self, ModelFileError> {
        at(path.as_ref(), |path| {
            Self::of(path, Contents::of_bytes(bytes)?)
        })
    }

    fn of(path: &Path, contents: Contents) -> Result<Self, FileProblem> {
        Ok(Self {
            path: path.to_owned(),
            kind: contents.header().text(KEY_MODEL)?.to_owned(),
            contents,
        })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The kind of its model, as [`kind`](super::kind) says it.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// What it holds, as [`describe`](super::describe) says it.
    ///
    /// # Errors
    ///
    /// A configuration that is no JSON.
    pub fn info(&self) -> Result<FileInfo, ModelFileError> {
        at(&self.path, |_| self.contents.info())
    }

    /// The module with the parameters in the file, as [`load`](super::load) gives it.
    ///
    /// See [`ModelFile`] for an example.
    ///
    /// # Errors
    ///
    /// Each tensor that does not fit the module, by name, and a weight that is NaN or infinite.
    pub fn apply_to<M: Module>(&self, module: M) -> Result<M, ModelFileError> {
        at(&self.path, |_| self.contents.apply_to(module))
    }

    /// Its model, on `device`.
    ///
    /// # Errors
    ///
    /// As [`apply_to`](Self::apply_to); a file of another model; an invalid configuration.
    pub fn model<K: ModelConfig>(&self, device: &Device) -> Result<K::Model, ModelFileError> {
        self.with_config::<K>(device).map(|(_, model)| model)
    }

    /// Its configuration and its model, on `device`: for models that do not hold their configuration.
    ///
    /// # Errors
    ///
    /// As [`model`](Self::model).
    pub fn with_config<K: ModelConfig>(
        &self,
        device: &Device,
    ) -> Result<(K, K::Model), ModelFileError> {
        at(&self.path, |_| {
            let header = self.contents.header();
            if self.kind != K::KIND {
                let (found, wanted) = (self.kind.clone(), K::KIND);
                return Err(FileProblem::OtherModel { found, wanted });
            }
            let config: K = read_config(header.text(KEY_CONFIG)?).map_err(FileProblem::config)?;
            config.check()?;
            let (described, held) = (config.count(), header.numbers());
            if described > held + SLACK {
                let problem = WeightProblem::TooFew { described, held };
                return Err(FileProblem::Weights(vec![problem]));
            }
            let model = self.contents.apply_to(config.build(device))?;
            Ok((config, model))
        })
    }
}

/// A configuration in this version or an earlier one.
fn read_config<K: ModelConfig>(text: &str) -> serde_json::Result<K> {
    let mut config = serde_json::from_str(text)?;
    K::complete(&mut config);
    serde_json::from_value(config)
}
