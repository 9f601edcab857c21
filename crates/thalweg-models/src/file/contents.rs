//! The contents of a file: metadata and tensors.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use burn::module::{Module, ParamId};
use safetensors::tensor::TensorView;
use serde::Serialize;

use super::header::{KEY_CHECKSUM, KEY_CONFIG, KEY_IDS, KEY_MODEL, KEY_VERSION};
use super::{FileInfo, FileProblem, Header, TensorInfo, VERSION, finite, header, ids, tensors};

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
    views
        .iter()
        .try_for_each(|(name, view)| finite::check(name, view))?;
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
    header::sorted(&bytes).map_err(FileProblem::malformed)
}

/// A file whose checksum matches.
pub(super) struct Contents {
    header: Header,
    data: Vec<u8>,
    ids: BTreeMap<String, ParamId>,
}

impl Contents {
    /// The file at `path`.
    pub(super) fn at(path: &Path) -> Result<Self, FileProblem> {
        Self::checked(header::with_data(path)?)
    }

    /// The file with these bytes.
    pub(super) fn of_bytes(bytes: &[u8]) -> Result<Self, FileProblem> {
        Self::checked(header::with_data_of(bytes)?)
    }

    fn checked((header, data): (Header, Vec<u8>)) -> Result<Self, FileProblem> {
        let mut this = Self {
            header,
            data,
            ids: BTreeMap::new(),
        };
        let header = &this.header;
        let [version, kind, config, written] =
            [KEY_VERSION, KEY_MODEL, KEY_CONFIG, KEY_CHECKSUM].map(|key| header.text(key));
        // Files of earlier versions hold no ids, and an empty text does not change a checksum.
        let ids = header.optional(KEY_IDS);
        let texts = [version?, kind?, config?, ids.unwrap_or_default()];
        let views = this.views()?;
        if written? != format!("{:08x}", checksum(texts, &views)) {
            return Err(FileProblem::Altered);
        }
        if let Some(ids) = ids {
            let names = views.iter().map(|(name, _)| name.as_str());
            this.ids = ids::read(ids, names).map_err(FileProblem::Malformed)?;
        }
        Ok(this)
    }

    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// The tensors, in order of their names.
    fn views(&self) -> Result<Vec<(String, TensorView<'_>)>, FileProblem> {
        let tensors: BTreeMap<_, _> = self.header.tensors.tensors().into_iter().collect();
        let views = tensors.into_iter().map(|(name, info)| {
            let (begin, end) = info.data_offsets;
            let view = TensorView::new(info.dtype, info.shape.clone(), &self.data[begin..end]);
            Ok((name, view.map_err(FileProblem::malformed)?))
        });
        views.collect()
    }

    /// What the file says of itself.
    pub(super) fn info(&self) -> Result<FileInfo, FileProblem> {
        let config = serde_json::from_str(self.header.text(KEY_CONFIG)?);
        let tensors = self.views()?.into_iter().map(|(name, view)| TensorInfo {
            name,
            dtype: view.dtype().to_string(),
            shape: view.shape().to_vec(),
        });
        Ok(FileInfo {
            kind: self.header.text(KEY_MODEL)?.to_owned(),
            version: self.header.version,
            config: config.map_err(FileProblem::config)?,
            tensors: tensors.collect(),
            bytes: self.header.bytes,
        })
    }

    /// The module with the tensors of the file.
    pub(super) fn apply_to<M: Module>(&self, module: M) -> Result<M, FileProblem> {
        let views: BTreeMap<_, _> = self.views()?.into_iter().collect();
        views
            .iter()
            .try_for_each(|(name, view)| finite::check(name, view))?;
        tensors::apply(module, &views, &self.ids).map_err(FileProblem::Weights)
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
