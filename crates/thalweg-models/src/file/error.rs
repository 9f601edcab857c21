//! Files that hold no usable model.

use std::path::PathBuf;

use thiserror::Error;

use crate::ConfigError;

/// Why a model was not saved or loaded.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModelFileError {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// Not a safetensors file, or a damaged one.
    #[error("{}: not a readable model file ({reason}); it may be truncated", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A safetensors file of another program.
    #[error(
        "{}: not written by thalweg (its metadata has no {key}); weights of other libraries need \
         an import, not a load",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The metadata key that it lacks.
        key: String,
    },
    /// A file of a later version of this crate.
    #[error(
        "{}: format version {version}, but this program reads up to {newest}; update thalweg",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
        /// The newest version that can be read.
        newest: u32,
    },
    /// A file of another model.
    #[error("{}: holds a '{found}', not a '{wanted}'", path.display())]
    OtherModel {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: String,
        /// What was to be loaded.
        wanted: &'static str,
    },
    /// Weights or configuration that changed after they were written.
    #[error(
        "{}: the checksum does not match; the file was damaged or edited, restore \
         it from a copy",
        path.display()
    )]
    Altered {
        /// The file.
        path: PathBuf,
    },
    /// A configuration that describes no model.
    #[error("{}: {source}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ConfigError,
    },
    /// Weights that do not fit the configuration.
    #[error("{}: the weights do not fit the configuration: {problems}", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// Each tensor that is missing, superfluous or of another shape.
        problems: String,
    },
}
