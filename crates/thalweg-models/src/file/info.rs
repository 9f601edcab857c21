//! What a file says of itself.

use serde_json::Value;

/// What a model file holds, as [`describe`](super::describe) reads it.
///
/// See [`describe`](super::describe) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct FileInfo {
    /// The kind of model, such as `nice`; `module` for a file of [`save`](super::save).
    pub kind: String,
    /// The version of the format.
    pub version: u32,
    /// The configuration as it stands in the file; null for a file of [`save`](super::save).
    pub config: Value,
    /// The tensors, in order of their names.
    pub tensors: Vec<TensorInfo>,
    /// The length of the file in bytes.
    pub bytes: u64,
}

/// A tensor in a model file.
///
/// See [`describe`](super::describe) for an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// The path of the parameter in the model.
    pub name: String,
    /// The type of its numbers, such as `F32`.
    pub dtype: String,
    /// Its shape.
    pub shape: Vec<usize>,
}

impl FileInfo {
    /// The number of values in all tensors: trained parameters, fixed ones, and orders of features.
    pub fn parameters(&self) -> u128 {
        self.tensors.iter().map(TensorInfo::len).sum()
    }
}

impl TensorInfo {
    /// The number of values.
    fn len(&self) -> u128 {
        self.shape.iter().map(|size| *size as u128).product()
    }
}
