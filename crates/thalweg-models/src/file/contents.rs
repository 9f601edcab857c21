//! The contents of a file: metadata and tensors.

use std::collections::{BTreeMap, HashMap};

use burn::module::{Module, ParamId};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use serde::Serialize;
use serde_json::Value;

use super::{FileProblem, VERSION, ids, tensors};

const KEY_VERSION: &str = "thalweg.version";
const KEY_MODEL: &str = "thalweg.model";
const KEY_CONFIG: &str = "thalweg.config";
const KEY_IDS: &str = "thalweg.ids";
const KEY_CHECKSUM: &str = "thalweg.crc32";

/// The bytes of a file with a module.
pub(super) fn bytes<M: Module>(
    kind: &str,
    config: &impl Serialize,
    module: &M,
) -> Result<Vec<u8>, FileProblem> {
    let tensors = tensors::collect(module).map_err(FileProblem::Malformed)?;
    let config = serde_json::to_string(config).map_err(FileProblem::malformed)?;
    let views = tensors.iter().map(|t| {
        let view = TensorView::new(t.dtype, t.shape.clone(), &t.bytes);
        Ok((&t.name, view.map_err(FileProblem::malformed)?))
    });
    let views = views.collect::<Result<Vec<_>, FileProblem>>()?;
    let (version, ids) = (VERSION.to_string(), ids::written(&tensors));
    let checksum = checksum([&version, kind, &config, &ids], &views);
    let metadata = HashMap::from([
        (KEY_VERSION.to_owned(), version),
        (KEY_MODEL.to_owned(), kind.to_owned()),
        (KEY_CONFIG.to_owned(), config),
        (KEY_IDS.to_owned(), ids),
        (KEY_CHECKSUM.to_owned(), format!("{checksum:08x}")),
    ]);
    let bytes = safetensors::serialize(views, Some(metadata)).map_err(FileProblem::malformed)?;
    sorted(&bytes).map_err(FileProblem::malformed)
}

/// Bytes of the header's length, in front of it.
const LENGTH: usize = 8;

/// The same file with the entries of its header sorted: `safetensors` writes the metadata in the
/// order of a hash map, which differs between runs, and equal models should give equal files.
fn sorted(file: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
    let mut length = [0; LENGTH];
    length.copy_from_slice(&file[..LENGTH]);
    let (header, data) = file[LENGTH..].split_at(u64::from_le_bytes(length) as usize);
    let entries: BTreeMap<String, BTreeMap<String, Value>> = serde_json::from_slice(header)?;
    let mut header = serde_json::to_vec(&entries)?;
    // Tensors begin at a multiple of eight; the format pads the header by spaces.
    header.resize(header.len().next_multiple_of(8), b' ');
    let length = (header.len() as u64).to_le_bytes();
    Ok([&length, header.as_slice(), data].concat())
}

/// A file whose checksum matches.
pub(super) struct Contents<'a> {
    pub(super) kind: String,
    pub(super) config: String,
    tensors: SafeTensors<'a>,
    ids: BTreeMap<String, ParamId>,
}

impl<'a> Contents<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self, FileProblem> {
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(FileProblem::malformed)?;
        let metadata = header.metadata().clone().unwrap_or_default();
        let field = |key: &str| {
            let missing = || FileProblem::Foreign(key.to_owned());
            metadata.get(key).cloned().ok_or_else(missing)
        };
        let written = field(KEY_VERSION)?;
        let not_a_number = |_| FileProblem::malformed(format!("its {KEY_VERSION} is not a number"));
        let version: u32 = written.parse().map_err(not_a_number)?;
        if version > VERSION {
            let newest = VERSION;
            return Err(FileProblem::Newer { version, newest });
        }
        let (kind, config) = (field(KEY_MODEL)?, field(KEY_CONFIG)?);
        let tensors = SafeTensors::deserialize(bytes).map_err(FileProblem::malformed)?;
        let mut views = tensors.tensors();
        views.sort_by(|a, b| a.0.cmp(&b.0));
        // Files of earlier versions hold no ids, and an empty text does not change a checksum.
        let ids = metadata.get(KEY_IDS).map(String::as_str);
        let texts = [&written, &kind, &config, ids.unwrap_or_default()];
        if field(KEY_CHECKSUM)? != format!("{:08x}", checksum(texts, &views)) {
            return Err(FileProblem::Altered);
        }
        let names = views.iter().map(|(name, _)| name.as_str());
        let ids = ids.map(|ids| ids::read(ids, names)).transpose();
        Ok(Self {
            kind,
            config,
            tensors,
            ids: ids.map_err(FileProblem::Malformed)?.unwrap_or_default(),
        })
    }

    /// The number of values in all tensors.
    pub(super) fn numbers(&self) -> u128 {
        let views = self.tensors.iter();
        views
            .map(|(_, view)| view.shape().iter().product::<usize>() as u128)
            .sum()
    }

    /// The module with the tensors of the file.
    pub(super) fn apply_to<M: Module>(&self, module: M) -> Result<M, FileProblem> {
        tensors::apply(module, &self.tensors, &self.ids).map_err(FileProblem::Weights)
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
