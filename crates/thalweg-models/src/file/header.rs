//! The header of a file, which is read and checked before any tensor is.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read};
use std::path::Path;

use safetensors::tensor::Metadata;
use serde_json::Value;

use super::{FileProblem, VERSION};

pub(super) const KEY_VERSION: &str = "thalweg.version";
pub(super) const KEY_MODEL: &str = "thalweg.model";
pub(super) const KEY_CONFIG: &str = "thalweg.config";
pub(super) const KEY_IDS: &str = "thalweg.ids";
pub(super) const KEY_CHECKSUM: &str = "thalweg.crc32";

/// Bytes of the header's length, in front of it.
const LENGTH: usize = 8;
/// The longest header, which is that of the `safetensors` library.
const LONGEST: u64 = 100_000_000;

/// The header of a thalweg file in a version that this program reads.
pub(super) struct Header {
    pub(super) tensors: Metadata,
    texts: HashMap<String, String>,
    pub(super) version: u32,
    /// The length of the file that the header belongs to.
    pub(super) bytes: u64,
}

impl Header {
    /// The header at the begin of a file of `bytes` bytes.
    ///
    /// Nothing is read beyond the header, and no more memory is taken than a small multiple of its length.
    fn read(file: &mut impl Read, bytes: u64) -> Result<Self, FileProblem> {
        let mut length = [0; LENGTH];
        file.read_exact(&mut length)
            .map_err(|error| ended(error, "its first 8 bytes"))?;
        let length = u64::from_le_bytes(length);
        let rest = bytes.saturating_sub(LENGTH as u64);
        if length > rest.min(LONGEST) {
            return Err(FileProblem::malformed(format!(
                "it declares a header of {length} bytes, {rest} bytes follow, and a header has at most {LONGEST}"
            )));
        }
        let mut header = vec![0; length as usize];
        file.read_exact(&mut header)
            .map_err(|error| ended(error, "its header"))?;
        let tensors: Metadata = serde_json::from_slice(&header).map_err(FileProblem::malformed)?;
        let (held, declared) = (rest - length, tensors.data_len() as u64);
        if held != declared {
            return Err(FileProblem::malformed(format!(
                "its header declares tensors of {declared} bytes, {held} bytes follow"
            )));
        }
        let texts = tensors.metadata().clone().unwrap_or_default();
        let mut this = Self {
            tensors,
            texts,
            version: 0,
            bytes,
        };
        let not_a_number = |_| FileProblem::malformed(format!("its {KEY_VERSION} is not a number"));
        this.version = this.text(KEY_VERSION)?.parse().map_err(not_a_number)?;
        if this.version > VERSION {
            let (version, newest) = (this.version, VERSION);
            return Err(FileProblem::Newer { version, newest });
        }
        Ok(this)
    }

    /// The number of values in all tensors.
    pub(super) fn numbers(&self) -> u128 {
        let tensors = self.tensors.tensors();
        let sizes = tensors
            .values()
            .map(|info| info.shape.iter().product::<usize>());
        sizes.map(|size| size as u128).sum()
    }

    /// A text of the metadata, which every file of this program has.
    pub(super) fn text(&self, key: &str) -> Result<&str, FileProblem> {
        let missing = || FileProblem::Foreign(key.to_owned());
        self.optional(key).ok_or_else(missing)
    }

    /// A text of the metadata, which files of earlier versions may lack.
    pub(super) fn optional(&self, key: &str) -> Option<&str> {
        self.texts.get(key).map(String::as_str)
    }
}

/// The header of the file at `path`.
pub(super) fn at(path: &Path) -> Result<Header, FileProblem> {
    let (mut file, bytes) = thalweg_file::open(path)?;
    Header::read(&mut file, bytes)
}

/// The header of the file at `path`, and the bytes of its tensors.
pub(super) fn with_data(path: &Path) -> Result<(Header, Vec<u8>), FileProblem> {
    let (mut file, bytes) = thalweg_file::open(path)?;
    let header = Header::read(&mut file, bytes)?;
    let data = thalweg_file::exactly(&mut file, header.tensors.data_len() as u64)?;
    Ok((header, data))
}

/// The header of the file with these bytes, and the bytes of its tensors.
pub(super) fn with_data_of(bytes: &[u8]) -> Result<(Header, Vec<u8>), FileProblem> {
    let mut rest = bytes;
    let header = Header::read(&mut rest, bytes.len() as u64)?;
    // Exactly those that the header declares: it was compared with the length.
    Ok((header, rest.to_vec()))
}

/// The error of a file that ends early, or another one of reading.
fn ended(error: io::Error, within: &str) -> FileProblem {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => FileProblem::malformed(format!("it ends within {within}")),
        _ => FileProblem::Io(error),
    }
}

/// The same file with the entries of its header sorted: `safetensors` writes the metadata in the
/// order of a hash map, which differs between runs, and equal models should give equal files.
pub(super) fn sorted(file: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
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
