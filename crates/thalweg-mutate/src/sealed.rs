//! Files whose checksums are right again after damage.

use std::collections::BTreeMap;

use serde_json::Value;

/// Where the metadata stand in the header of a safetensors file.
const METADATA: &str = "__metadata__";

/// The header and the tensors of a model file.
///
/// ```
/// use serde_json::json;
/// use thalweg_mutate::ModelFile;
///
/// let header = json!({"__metadata__": {"thalweg.model": "flow"}});
/// let mut file = ModelFile { header, data: vec![1, 2, 3] };
/// let read = ModelFile::of(&file.sealed()).unwrap();
/// assert_eq!((read.text("thalweg.model"), read.data.as_slice()), ("flow", &[1, 2, 3][..]));
///
/// // Another model has another checksum.
/// file.set_text("thalweg.model", "vae");
/// let other = ModelFile::of(&file.sealed()).unwrap();
/// assert_ne!(other.text("thalweg.crc32"), read.text("thalweg.crc32"));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFile {
    /// Metadata under `__metadata__`, and each tensor with `dtype`, `shape` and `data_offsets`.
    pub header: Value,
    /// The bytes of the tensors.
    pub data: Vec<u8>,
}

impl ModelFile {
    /// The parts of a file; none where its header cannot be read.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let length = u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?);
        let end = usize::try_from(length).ok()?.checked_add(8)?;
        Some(Self {
            header: serde_json::from_slice(bytes.get(8..end)?).ok()?,
            data: bytes[end..].to_vec(),
        })
    }

    /// A text of the metadata, empty where there is none.
    pub fn text(&self, key: &str) -> &str {
        self.header[METADATA][key].as_str().unwrap_or_default()
    }

    /// Replaces a text of the metadata.
    ///
    /// # Panics
    ///
    /// When the metadata are no object.
    pub fn set_text(&mut self, key: &str, text: impl Into<String>) {
        self.header[METADATA][key] = Value::String(text.into());
    }

    /// The file, with the checksum of these parts.
    pub fn sealed(&self) -> Vec<u8> {
        let mut this = self.clone();
        if this.header[METADATA].is_object() {
            this.set_text("thalweg.crc32", format!("{:08x}", self.checksum()));
        }
        let header = this.header.to_string();
        let length = (header.len() as u64).to_le_bytes();
        [&length, header.as_bytes(), &self.data].concat()
    }

    /// The checksum that `thalweg_models::file` compares with.
    fn checksum(&self) -> u32 {
        let mut hasher = crc32fast::Hasher::new();
        for key in ["version", "model", "config", "ids"] {
            hasher.update(self.text(&format!("thalweg.{key}")).as_bytes());
        }
        let tensors = self.header.as_object().into_iter().flatten();
        let tensors: BTreeMap<_, _> = tensors.filter(|(name, _)| *name != METADATA).collect();
        for (name, tensor) in tensors {
            let sizes = |key: &str| -> Vec<usize> {
                let list = tensor[key].as_array().into_iter().flatten();
                list.filter_map(|size| size.as_u64())
                    .map(|size| size as usize)
                    .collect()
            };
            let dtype = tensor["dtype"].as_str().unwrap_or_default();
            hasher.update(format!("{name} {dtype} {:?}", sizes("shape")).as_bytes());
            if let [begin, end] = sizes("data_offsets")[..] {
                hasher.update(self.data.get(begin..end).unwrap_or_default());
            }
        }
        hasher.finalize()
    }
}

/// The file of a run with this version and content: `thalweg\n`, version, checksum, content.
///
/// ```
/// let file = thalweg_mutate::sealed_run(3, b"content");
/// assert_eq!(file[..12], *b"thalweg\n\x03\0\0\0");
/// assert_eq!(file[12..16], crc32fast::hash(b"\x03\0\0\0content").to_le_bytes());
/// assert_eq!(file[16..], *b"content");
/// ```
pub fn sealed_run(version: u32, content: &[u8]) -> Vec<u8> {
    let version = version.to_le_bytes();
    let checksum = crc32fast::hash(&[&version, content].concat()).to_le_bytes();
    [b"thalweg\n", &version[..], &checksum, content].concat()
}
