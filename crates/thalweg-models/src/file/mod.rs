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

mod apply;
mod collect;
mod error;
mod header;
mod ids;

pub use error::{ModelFileError, WeightProblem};

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use burn::module::Module;
use burn::tensor::Device;
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use serde::Serialize;

use crate::ModelConfig;

/// The version that this crate writes, and the newest that it reads.
pub const VERSION: u32 = 1;

const KEY_VERSION: &str = "thalweg.version";
const KEY_MODEL: &str = "thalweg.model";
const KEY_CONFIG: &str = "thalweg.config";
const KEY_IDS: &str = "thalweg.ids";
const KEY_CHECKSUM: &str = "thalweg.crc32";

/// The kind of a module without a configuration.
const MODULE: &str = "module";

/// Saves the parameters of a module in one file.
///
/// # Errors
///
/// When the file cannot be written; an older file at `path` is then unchanged.
pub fn save<M: Module>(module: &M, path: impl AsRef<Path>) -> Result<(), ModelFileError> {
    write(path.as_ref(), MODULE, &(), module)
}

/// The module with the parameters in a file: their values, dtypes and ids. The module gives names,
/// shapes and device; its own values are replaced.
///
/// It also reads the file of a model, whose configuration it ignores.
///
/// # Errors
///
/// A file that is missing, truncated, altered, of another program or of a newer format, and each
/// tensor that does not fit the module, by name.
pub fn load<M: Module>(module: M, path: impl AsRef<Path>) -> Result<M, ModelFileError> {
    let path = path.as_ref();
    let bytes = read(path)?;
    Contents::of(path, &bytes)?.apply_to(module)
}

/// Saves a model with its configuration in one file.
///
/// # Errors
///
/// When the file cannot be written; an older file at `path` is then unchanged.
pub fn save_model<K: ModelConfig>(
    config: &K,
    model: &K::Model,
    path: impl AsRef<Path>,
) -> Result<(), ModelFileError> {
    write(path.as_ref(), K::KIND, config, model)
}

/// Values that a configuration may describe beyond those in its file. Within that number the model
/// is built, so that the missing tensors can be named; beyond it the memory might not suffice.
const SLACK: u128 = 1 << 20;

/// The model in a file, on `device`.
///
/// # Errors
///
/// A file that is missing, truncated, altered, of another program, of another model or of a newer
/// format, an invalid configuration, and each tensor that does not fit the configuration, by name.
pub fn load_model<K: ModelConfig>(
    path: impl AsRef<Path>,
    device: &Device,
) -> Result<K::Model, ModelFileError> {
    let path = path.as_ref();
    let bytes = read(path)?;
    let contents = Contents::of(path, &bytes)?;
    if contents.kind != K::KIND {
        return Err(ModelFileError::OtherModel {
            path: path.to_owned(),
            found: contents.kind,
            wanted: K::KIND,
        });
    }
    let config: K = serde_json::from_str(&contents.config)
        .map_err(|error| malformed(path, format!("its configuration does not read: {error}")))?;
    config.check().map_err(|source| ModelFileError::Config {
        path: path.to_owned(),
        source,
    })?;
    let (described, held) = (config.count(), contents.numbers());
    if described > held + SLACK {
        return Err(ModelFileError::Weights {
            path: path.to_owned(),
            problems: vec![WeightProblem::TooFew { described, held }],
        });
    }
    contents.apply_to(config.build(device))
}

/// Saves a module under any kind and any configuration: what [`save`] and [`save_model`] do.
///
/// # Errors
///
/// When the file cannot be written; an older file at `path` is then unchanged.
pub fn write<M: Module>(
    path: &Path,
    kind: &str,
    config: &impl Serialize,
    module: &M,
) -> Result<(), ModelFileError> {
    let io = |source| ModelFileError::Io {
        path: path.to_owned(),
        source,
    };
    let malformed = |reason: String| malformed(path, reason);

    let tensors = collect::tensors(module).map_err(malformed)?;
    let config = serde_json::to_string(config).map_err(|e| malformed(e.to_string()))?;
    let views = tensors
        .iter()
        .map(|t| {
            Ok((
                &t.name,
                TensorView::new(t.dtype, t.shape.clone(), &t.bytes)?,
            ))
        })
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()
        .map_err(|e| malformed(e.to_string()))?;
    let version = VERSION.to_string();
    let ids = ids::written(&tensors);
    let checksum = checksum([&version, kind, &config, &ids], &views);
    let metadata = HashMap::from([
        (KEY_VERSION.to_owned(), version),
        (KEY_MODEL.to_owned(), kind.to_owned()),
        (KEY_CONFIG.to_owned(), config),
        (KEY_IDS.to_owned(), ids),
        (KEY_CHECKSUM.to_owned(), format!("{checksum:08x}")),
    ]);
    let bytes =
        safetensors::serialize(views, Some(metadata)).map_err(|e| malformed(e.to_string()))?;
    let bytes = header::sorted(&bytes).map_err(|e| malformed(e.to_string()))?;

    thalweg_file::write(path, &bytes).map_err(io)
}

/// The bytes of a file.
fn read(path: &Path) -> Result<Vec<u8>, ModelFileError> {
    std::fs::read(path).map_err(|source| ModelFileError::Io {
        path: path.to_owned(),
        source,
    })
}

fn malformed(path: &Path, reason: impl ToString) -> ModelFileError {
    ModelFileError::Malformed {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}

/// A file whose checksum matches.
struct Contents<'a> {
    path: &'a Path,
    kind: String,
    config: String,
    tensors: SafeTensors<'a>,
    ids: BTreeMap<String, burn::module::ParamId>,
}

impl<'a> Contents<'a> {
    fn of(path: &'a Path, bytes: &'a [u8]) -> Result<Self, ModelFileError> {
        let malformed = |reason: String| malformed(path, reason);
        let (_, header) =
            SafeTensors::read_metadata(bytes).map_err(|e| malformed(e.to_string()))?;
        let metadata = header.metadata().clone().unwrap_or_default();
        let field = |key: &str| {
            let missing = || ModelFileError::Foreign {
                path: path.to_owned(),
                key: key.to_owned(),
            };
            metadata.get(key).cloned().ok_or_else(missing)
        };

        let written = field(KEY_VERSION)?;
        let version: u32 = written
            .parse()
            .map_err(|_| malformed(format!("its {KEY_VERSION} is not a number")))?;
        if version > VERSION {
            return Err(ModelFileError::Newer {
                path: path.to_owned(),
                version,
                newest: VERSION,
            });
        }
        let (kind, config) = (field(KEY_MODEL)?, field(KEY_CONFIG)?);
        let tensors = SafeTensors::deserialize(bytes).map_err(|e| malformed(e.to_string()))?;
        let mut views = tensors.tensors();
        views.sort_by(|a, b| a.0.cmp(&b.0));
        // Files of earlier versions hold no ids, and an empty text does not change a checksum.
        let ids = metadata.get(KEY_IDS).map(String::as_str);
        let texts = [&written, &kind, &config, ids.unwrap_or_default()];
        if field(KEY_CHECKSUM)? != format!("{:08x}", checksum(texts, &views)) {
            return Err(ModelFileError::Altered {
                path: path.to_owned(),
            });
        }
        let names = views.iter().map(|(name, _)| name.as_str());
        let ids = match ids {
            Some(ids) => ids::read(ids, names).map_err(malformed)?,
            None => BTreeMap::new(),
        };
        Ok(Self {
            path,
            kind,
            config,
            tensors,
            ids,
        })
    }

    /// The number of values in all tensors.
    fn numbers(&self) -> u128 {
        let shapes = self.tensors.iter().map(|(_, view)| view.shape().to_vec());
        shapes
            .map(|shape| shape.iter().product::<usize>() as u128)
            .sum()
    }

    /// The module with the tensors of the file.
    fn apply_to<M: Module>(&self, module: M) -> Result<M, ModelFileError> {
        apply::tensors(module, &self.tensors, &self.ids).map_err(|problems| {
            ModelFileError::Weights {
                path: self.path.to_owned(),
                problems,
            }
        })
    }
}

/// Over texts, then over name, type, shape and bytes of the tensors, which come in order of the
/// names.
fn checksum(texts: [&str; 4], tensors: &[(impl AsRef<str>, TensorView)]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for text in texts {
        hasher.update(text.as_bytes());
    }
    for (name, view) in tensors {
        let head = format!("{} {} {:?}", name.as_ref(), view.dtype(), view.shape());
        hasher.update(head.as_bytes());
        hasher.update(view.data());
    }
    hasher.finalize()
}
