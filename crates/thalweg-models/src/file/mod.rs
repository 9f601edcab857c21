//! One file a model: configuration, weights, preprocessing and format version.
//!
//! The container is safetensors, so that Python and others can read the weights; the rest stands
//! in its metadata:
//!
//! | key | value |
//! |---|---|
//! | `thalweg.version` | format version, [`VERSION`] |
//! | `thalweg.model` | the model's kind, e.g. `nice` |
//! | `thalweg.config` | its configuration as JSON |
//! | `thalweg.ids` | the id of each parameter, in order of the names: what an optimizer that is saved beside the model knows it by |
//! | `thalweg.crc32` | checksum of the four above and of all tensors |
//!
//! A copy of a model, and a model that was loaded and is saved again, is the same file, byte by byte.
//! Two models that were made apart and have equal weights are the same file but for `thalweg.ids` and
//! the checksum: they are parameters of their own, which one optimizer may train side by side. Files
//! without ids, of earlier versions, are read too; their parameters draw new ids.
//!
//! A file appears whole or not at all: it is written beside its place and renamed into it.

mod apply;
mod collect;
mod error;
mod header;
mod ids;

pub use error::ModelFileError;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use burn::module::Module;
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ConfigError;

/// The version that this crate writes, and the newest that it reads.
pub const VERSION: u32 = 1;

const KEY_VERSION: &str = "thalweg.version";
const KEY_MODEL: &str = "thalweg.model";
const KEY_CONFIG: &str = "thalweg.config";
const KEY_IDS: &str = "thalweg.ids";
const KEY_CHECKSUM: &str = "thalweg.crc32";

/// Writes a model of this `kind` to `path`.
///
/// # Errors
///
/// When the file cannot be written; what was at `path` before is then still there.
pub fn save<M: Module>(
    path: &Path,
    kind: &str,
    config: &impl Serialize,
    module: &M,
) -> Result<(), ModelFileError> {
    let io = |source| ModelFileError::Io {
        path: path.to_owned(),
        source,
    };
    let malformed = |reason: String| ModelFileError::Malformed {
        path: path.to_owned(),
        reason,
    };

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

/// Numbers that a configuration may describe beyond those in its file. Within that the model is
/// made and the tensors that are missing can be named; beyond it the memory might not suffice.
const SLACK: u128 = 1 << 20;

/// Reads a model of this `kind` from `path`: `init` makes an untrained one of the file's
/// configuration, which then takes the file's weights.
///
/// `count` says how many numbers the parameters of such a model are, so that no configuration
/// takes more memory than its file justifies.
///
/// # Errors
///
/// A file that is missing, truncated, altered, of another program, of another model, of a newer
/// format, or whose weights do not fit its configuration.
pub fn load<M: Module, Config: DeserializeOwned>(
    path: &Path,
    kind: &'static str,
    count: impl FnOnce(&Config) -> Result<u128, ConfigError>,
    init: impl FnOnce(&Config) -> Result<M, ConfigError>,
) -> Result<(Config, M), ModelFileError> {
    let malformed = |reason: String| ModelFileError::Malformed {
        path: path.to_owned(),
        reason,
    };
    let bytes = std::fs::read(path).map_err(|source| ModelFileError::Io {
        path: path.to_owned(),
        source,
    })?;
    let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|e| malformed(e.to_string()))?;
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
    let found = field(KEY_MODEL)?;
    if found != kind {
        return Err(ModelFileError::OtherModel {
            path: path.to_owned(),
            found,
            wanted: kind,
        });
    }
    let tensors = SafeTensors::deserialize(&bytes).map_err(|e| malformed(e.to_string()))?;
    let mut views = tensors.tensors();
    views.sort_by(|a, b| a.0.cmp(&b.0));
    let text = field(KEY_CONFIG)?;
    // Files of earlier versions hold none, and no text leaves a checksum as it is.
    let ids = metadata
        .get(KEY_IDS)
        .map(String::as_str)
        .unwrap_or_default();
    if field(KEY_CHECKSUM)? != format!("{:08x}", checksum([&written, kind, &text, ids], &views)) {
        return Err(ModelFileError::Altered {
            path: path.to_owned(),
        });
    }

    let config: Config = serde_json::from_str(&text)
        .map_err(|e| malformed(format!("its configuration does not read: {e}")))?;
    let invalid = |source| ModelFileError::Config {
        path: path.to_owned(),
        source,
    };
    let unfit = |problems| ModelFileError::Weights {
        path: path.to_owned(),
        problems,
    };
    let described = count(&config).map_err(invalid)?;
    let held: usize = views
        .iter()
        .map(|(_, view)| view.shape().iter().product::<usize>())
        .sum();
    if described > held as u128 + SLACK {
        return Err(unfit(format!(
            "it describes {described} numbers, the file holds {held}"
        )));
    }
    let ids = match metadata.contains_key(KEY_IDS) {
        true => ids::read(ids, views.iter().map(|(name, _)| name.as_str())).map_err(malformed)?,
        false => BTreeMap::new(),
    };
    let module = init(&config).map_err(invalid)?;
    let module =
        apply::tensors(module, &tensors, &ids).map_err(|problems| unfit(problems.join("; ")))?;
    Ok((config, module))
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
