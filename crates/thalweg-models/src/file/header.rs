//! The header of a safetensors file in one order.

use std::collections::BTreeMap;

use serde_json::Value;

/// Bytes of the header's length, in front of it.
const LENGTH: usize = 8;

/// The same file with the entries of its header sorted: `safetensors` writes the metadata in the
/// order of a hash map, another one in each run, and equal models should be equal files.
pub(super) fn sorted(file: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
    let mut length = [0; LENGTH];
    length.copy_from_slice(&file[..LENGTH]);
    let (header, data) = file[LENGTH..].split_at(u64::from_le_bytes(length) as usize);
    let entries: BTreeMap<String, BTreeMap<String, Value>> = serde_json::from_slice(header)?;
    let mut header = serde_json::to_vec(&entries)?;
    // The format wants tensors to begin at a multiple of eight, and pads by spaces.
    header.resize(header.len().next_multiple_of(8), b' ');
    let length = (header.len() as u64).to_le_bytes();
    Ok([&length, header.as_slice(), data].concat())
}
