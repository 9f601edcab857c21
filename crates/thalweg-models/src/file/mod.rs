//! Modules in files.
//!
//! [`save`] and [`load`] are for any Burn module, such as a flow built by hand; [`save_model`] and
//! [`load_model`] keep the configuration of a model as well.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use thalweg_flow::{ActNorm, Flow, Plu, InvertibleLinear, Noise, base::StandardNormal};
//! use thalweg_models::file;
//!
//! let flow = |seed| {
//!     let (device, mut noise) = (Device::default(), Noise::seeded(seed));
//!     let mix = InvertibleLinear::new(Plu::rotation(3, &mut noise, &device));
//!     Flow::new((ActNorm::<2>::identity(3, &device), mix), StandardNormal::new(3))
//! };
//! # let folder = std::env::temp_dir().join(format!("thalweg-file-{}", std::process::id()));
//! # let path = folder.join("flow.safetensors");
//! let trained = flow(0);
//! file::save(&trained, &path)?;
//! let loaded = file::load(flow(1), &path)?;
//! # std::fs::remove_dir_all(folder).ok();
//!
//! let x = Tensor::<2>::ones([1, 3], &Device::default());
//! assert_eq!(loaded.log_prob(x.clone()).into_data(), trained.log_prob(x).into_data());
//! # Ok::<(), file::ModelFileError>(())
//! ```
//!
//! The container is safetensors, so that Python and others can read the weights; the rest is its
//! metadata:
//!
//! | key | value |
//! |---|---|
//! | `thalweg.version` | format version, [`VERSION`] |
//! | `thalweg.model` | the kind of model, e.g. `nice`; `module` for a file of [`save`] |
//! | `thalweg.config` | the configuration as JSON; `null` for a file of [`save`] |
//! | `thalweg.ids` | the id of each parameter, in order of the names: an optimizer that is saved beside the model finds its state by them |
//! | `thalweg.crc32` | checksum of the four above and of all tensors |
//!
//! A copy of a model, and a model that was loaded and is saved again, give the same file, byte by
//! byte. Two models that were built separately and have equal weights differ in `thalweg.ids` and the
//! checksum: one optimizer may train both. Files without ids, of earlier versions, are read too;
//! their parameters draw new ids.
//!
//! A file appears whole or not at all: it is written beside its place and renamed into it.
//!
//! A file may come from anywhere: its bytes run nothing and name no other file. What is no sound model is a typed
//! error, in
//! the time that it takes to read the file and in the memory of the file and a small multiple of its header, which
//! holds
//! 100 MB at most. No model is built that is larger than the tensors of its file.

mod contents;
mod error;
mod finite;
mod header;
mod ids;
mod info;
mod open;
mod tensors;

pub use error::{FileProblem, ModelFileError, WeightProblem};
pub use info::{FileInfo, TensorInfo};
pub use open::ModelFile;

use std::path::Path;

use burn::module::Module;
use burn::tensor::Device;
use serde::Serialize;

use crate::ModelConfig;
use header::{Header, KEY_MODEL};

/// The version that this crate writes, and the newest that it reads.
pub const VERSION: u32 = 1;

/// The kind of a module without a configuration.
const MODULE: &str = "module";

/// Saves the parameters of a module in one file.
///
/// See the [module](self) for an example.
///
/// # Errors
///
/// When the file cannot be written, and for a weight that is NaN or infinite; an older file at `path` is then
/// unchanged.
pub fn save<M: Module>(module: &M, path: impl AsRef<Path>) -> Result<(), ModelFileError> {
    write(path.as_ref(), MODULE, &(), module)
}

/// The module with the parameters in a file: their values, dtypes and ids. The module gives names,
/// shapes and device; its own values are replaced.
///
/// It also reads the file of a model, whose configuration it ignores.
///
/// See the [module](self) for an example.
///
/// # Errors
///
/// A file that is missing, is not a regular file, is truncated, altered, of another program or of a newer format, each
/// tensor that does not fit the module, by name, and a weight that is NaN or infinite.
pub fn load<M: Module>(module: M, path: impl AsRef<Path>) -> Result<M, ModelFileError> {
    ModelFile::open(path)?.apply_to(module)
}

/// Saves a model with its configuration in one file.
///
/// The methods `save` and `load` of each model call this and [`load_model`].
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::{CouplingFlowConfig, file};
///
/// # let folder = std::env::temp_dir().join(format!("thalweg-save-{}", std::process::id()));
/// # let path = folder.join("flow.safetensors");
/// let device = Device::default();
/// let config = CouplingFlowConfig::nsf(2);
/// let model = config.init(&device);
/// file::save_model(&config, &model, &path)?;
/// let loaded = file::load_model::<CouplingFlowConfig>(&path, &device)?;
/// let x = Tensor::<2>::ones([1, 2], &device);
/// assert_eq!(loaded.log_prob(x.clone()).to_data(), model.log_prob(x).to_data());
///
/// let (found, _) = file::load_with_config::<CouplingFlowConfig>(&path, &device)?;
/// assert_eq!((found, file::kind(&path)?), (config, "coupling flow".to_string()));
/// # std::fs::remove_dir_all(folder).ok();
/// # Ok::<(), file::ModelFileError>(())
/// ```
///
/// # Errors
///
/// As [`save`].
pub fn save_model<K: ModelConfig>(
    config: &K,
    model: &K::Model,
    path: impl AsRef<Path>,
) -> Result<(), ModelFileError> {
    write(path.as_ref(), K::KIND, config, model)
}

/// The model in a file, on `device`.
///
/// See [`save_model`] for an example.
///
/// # Errors
///
/// As [`load`]; a file of another model; an invalid configuration.
pub fn load_model<K: ModelConfig>(
    path: impl AsRef<Path>,
    device: &Device,
) -> Result<K::Model, ModelFileError> {
    load_with_config::<K>(path, device).map(|(_, model)| model)
}

/// The configuration and the model in a file, on `device`: for models that do not hold their configuration.
///
/// See [`save_model`] for an example.
///
/// # Errors
///
/// As [`load_model`].
pub fn load_with_config<K: ModelConfig>(
    path: impl AsRef<Path>,
    device: &Device,
) -> Result<(K, K::Model), ModelFileError> {
    ModelFile::open(path)?.with_config(device)
}

/// The kind of the model in a file, such as `nice`: the text that
/// [`KIND`](crate::ModelConfig::KIND) of its configuration is.
///
/// Only the header is read: no tensor, and no checksum is compared.
///
/// See [`save_model`] for an example.
///
/// # Errors
///
/// A file that is missing, is not a regular file, is of another program or of a newer format, or ends early.
pub fn kind(path: impl AsRef<Path>) -> Result<String, ModelFileError> {
    at(path.as_ref(), |path| {
        Ok(header::at(path)?.text(KEY_MODEL)?.to_owned())
    })
}

/// What a file holds, of whatever kind its model is. No model is built.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_models::{CouplingFlowConfig, file};
///
/// # let folder = std::env::temp_dir().join(format!("thalweg-info-{}", std::process::id()));
/// # let path = folder.join("flow.safetensors");
/// CouplingFlowConfig::nsf(2).init(&Device::default()).save(&path)?;
/// let info: file::FileInfo = file::describe(&path)?;
/// # std::fs::remove_dir_all(folder).ok();
/// assert_eq!((info.kind.as_str(), info.version), ("coupling flow", file::VERSION));
/// assert_eq!(info.config["features"], 2);
/// let first: &file::TensorInfo = &info.tensors[0];
/// assert_eq!((first.dtype.as_str(), &first.shape[..]), ("F32", &[2][..]));
/// let sizes = info.tensors.iter().map(|tensor| tensor.shape.iter().product::<usize>());
/// assert_eq!(info.parameters(), sizes.sum::<usize>() as u128);
/// # Ok::<(), file::ModelFileError>(())
/// ```
///
/// # Errors
///
/// A file that is missing, is not a regular file, is truncated, altered, of another program or of a newer format.
pub fn describe(path: impl AsRef<Path>) -> Result<FileInfo, ModelFileError> {
    ModelFile::open(path)?.info()
}

/// Saves a module under any kind and any configuration, as [`save`] and [`save_model`] do.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_flow::DiagonalScale;
/// use thalweg_models::file;
///
/// # let folder = std::env::temp_dir().join(format!("thalweg-write-{}", std::process::id()));
/// # let path = folder.join("scale.safetensors");
/// let scale = DiagonalScale::<2>::new(3, &Device::default());
/// file::write(&path, "my scale", &[3], &scale)?;
/// let info = file::describe(&path)?;
/// file::load(scale, &path)?;
/// # std::fs::remove_dir_all(folder).ok();
/// assert_eq!((info.kind.as_str(), info.parameters()), ("my scale", 3));
/// assert_eq!(info.config[0], 3);
/// # Ok::<(), file::ModelFileError>(())
/// ```
///
/// # Errors
///
/// As [`save`].
pub fn write<M: Module>(
    path: &Path,
    kind: &str,
    config: &impl Serialize,
    module: &M,
) -> Result<(), ModelFileError> {
    at(path, |path| {
        let bytes = contents::bytes(kind, config, module)?;
        thalweg_file::write(path, &bytes)?;
        Ok(())
    })
}

/// The result for the file at `path`, which an error names.
fn at<T>(
    path: &Path,
    run: impl FnOnce(&Path) -> Result<T, FileProblem>,
) -> Result<T, ModelFileError> {
    run(path).map_err(|problem| ModelFileError {
        path: path.to_owned(),
        problem,
    })
}
