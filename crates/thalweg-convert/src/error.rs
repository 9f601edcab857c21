//! Why a checkpoint is no model.

use std::io;
use std::path::{Path, PathBuf};

use thalweg_flow::FlowError;
use thalweg_models::ConfigError;

use crate::Source;

/// Why a checkpoint is no model.
///
/// ```
/// use thalweg_convert::{ConvertError, Options};
///
/// let misspelt = "tail_bounds = 3.0".parse::<Options>();
/// assert!(matches!(misspelt, Err(ConvertError::Options(_))));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// A file that cannot be read.
    #[error("{}: {problem}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Of the operating system.
        problem: io::Error,
    },
    /// No safetensors file.
    #[error(
        "no safetensors file: {0}; write the state dict by `safetensors.torch.save_file({{k: v.clone() for k, v in flow.state_dict().items()}}, path)`"
    )]
    Format(String),
    /// A tensor of a type that holds no weights.
    #[error(
        "the tensor `{name}` is of type {dtype}; weights are floats, indices are whole numbers"
    )]
    Dtype {
        /// The tensor.
        name: String,
        /// Its type.
        dtype: String,
    },
    /// A tensor that its layer needs.
    #[error("the checkpoint lacks the tensor `{0}`, which the tensors beside it belong to")]
    Missing(String),
    /// A tensor of another shape.
    #[error("the tensor `{name}` has the shape {found:?}, its layer takes {expected}")]
    Shape {
        /// The tensor.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// What it should be.
        expected: String,
    },
    /// A number in a tensor that does not belong there.
    #[error("the tensor `{name}`: {problem}")]
    Value {
        /// The tensor.
        name: String,
        /// Number, bound and way out.
        problem: String,
    },
    /// Tensors without a home.
    #[error("no layer of {source_library} that this library knows has the tensors {names:?}")]
    Unknown {
        /// The library.
        source_library: Source,
        /// The tensors.
        names: Vec<String>,
    },
    /// A module that this library has no layer for.
    #[error("the module `{module}` is not supported: {what}")]
    Unsupported {
        /// Its name in the checkpoint.
        module: String,
        /// The reason, and the way out.
        what: String,
    },
    /// Options that are no options.
    #[error("the options: {0}")]
    Options(#[from] toml::de::Error),
    /// Layers that are no model.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Numbers to compare with that a model does not take.
    #[error(transparent)]
    Flow(#[from] FlowError),
}

impl ConvertError {
    pub(crate) fn io(path: &Path, problem: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            problem,
        }
    }

    pub(crate) fn unsupported(module: &str, what: impl Into<String>) -> Self {
        Self::Unsupported {
            module: module.to_owned(),
            what: what.into(),
        }
    }
}
