//! Errors of files.

use std::path::PathBuf;

use thiserror::Error;

use crate::ConfigError;

/// A module was not saved or not loaded.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_models::CouplingFlow;
/// use thalweg_models::file::FileProblem;
///
/// let error = CouplingFlow::load("no such file.safetensors", &Device::default()).unwrap_err();
/// assert!(matches!(error.problem, FileProblem::Io(_)));
/// assert!(error.to_string().contains("no such file.safetensors"));
/// ```
#[derive(Debug, Error)]
#[error("{}: {problem}", path.display())]
pub struct ModelFileError {
    /// The file.
    pub path: PathBuf,
    /// The reason.
    #[source]
    pub problem: FileProblem,
}

/// The reason of a [`ModelFileError`].
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_models::file::FileProblem;
/// use thalweg_models::{AutoregressiveFlow, CouplingFlowConfig};
///
/// # let folder = std::env::temp_dir().join(format!("thalweg-problem-{}", std::process::id()));
/// # let path = folder.join("flow.safetensors");
/// let device = Device::default();
/// CouplingFlowConfig::nsf(2).init(&device).save(&path)?;
/// let error = AutoregressiveFlow::load(&path, &device).unwrap_err();
/// # std::fs::remove_dir_all(folder).ok();
/// assert!(matches!(error.problem, FileProblem::OtherModel { .. }));
/// # Ok::<(), thalweg_models::ModelFileError>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileProblem {
    /// An error of the operating system.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Not a safetensors file, or a damaged one.
    #[error("not a readable model file ({0}); it may be truncated")]
    Malformed(String),
    /// A safetensors file of another program, without this metadata key.
    #[error(
        "not written by thalweg (its metadata has no {0}); weights of other libraries need an import, \
         not a load"
    )]
    Foreign(String),
    /// A file of a later version of this crate.
    #[error("format version {version}, but this program reads up to {newest}; update thalweg")]
    Newer {
        /// Its version.
        version: u32,
        /// The newest version that can be read.
        newest: u32,
    },
    /// A file of another model.
    #[error("holds a '{found}', not a '{wanted}'")]
    OtherModel {
        /// Its kind.
        found: String,
        /// The expected kind.
        wanted: &'static str,
    },
    /// Weights or configuration that changed after they were written.
    #[error("the checksum does not match; the file was damaged or edited, restore it from a copy")]
    Altered,
    /// An invalid configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A weight that is NaN or infinite, which is neither saved nor loaded.
    #[error(
        "number {place} of {name} is {value}; a training that fails leaves such weights, go back to an earlier model"
    )]
    NotFinite {
        /// The name of the tensor.
        name: String,
        /// The place of the number in it, counted from 0, row by row.
        place: usize,
        /// The number.
        value: f64,
    },
    /// Tensors that do not fit the module.
    #[error("the weights do not fit the model: {}", listed(.0))]
    Weights(Vec<WeightProblem>),
}

impl FileProblem {
    /// A malformed file.
    pub(super) fn malformed(reason: impl ToString) -> Self {
        Self::Malformed(reason.to_string())
    }

    /// A configuration that cannot be read.
    pub(super) fn config(error: serde_json::Error) -> Self {
        Self::malformed(format!("its configuration does not read: {error}"))
    }
}

/// A tensor in a file that does not fit the module.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_flow::DiagonalScale;
/// use thalweg_models::file::{self, FileProblem, WeightProblem};
///
/// # let folder = std::env::temp_dir().join(format!("thalweg-weight-{}", std::process::id()));
/// # let path = folder.join("scale.safetensors");
/// let device = Device::default();
/// file::save(&DiagonalScale::<2>::new(3, &device), &path)?;
/// let error = file::load(DiagonalScale::<2>::new(4, &device), &path).unwrap_err();
/// # std::fs::remove_dir_all(folder).ok();
/// assert!(error.to_string().contains("log_scale"));
/// let FileProblem::Weights(problems) = error.problem else { panic!() };
/// let (name, found, needed) = ("log_scale".to_string(), vec![3], vec![4]);
/// assert_eq!(problems, [WeightProblem::Shape { name, found, needed }]);
/// # Ok::<(), file::ModelFileError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WeightProblem {
    /// A parameter without a tensor.
    #[error("{name} is missing")]
    Missing {
        /// The name of the parameter.
        name: String,
    },
    /// A tensor without a parameter.
    #[error("{name} has no place in the model")]
    Superfluous {
        /// The name of the tensor.
        name: String,
    },
    /// A tensor of another shape.
    #[error("{name} has shape {found:?}, the model needs {needed:?}")]
    Shape {
        /// The name of the parameter.
        name: String,
        /// The shape of the tensor.
        found: Vec<usize>,
        /// The shape of the parameter.
        needed: Vec<usize>,
    },
    /// A tensor of another kind of number.
    #[error("{name} is of type {found}, the model needs {needed}")]
    Type {
        /// The name of the parameter.
        name: String,
        /// The type of the tensor.
        found: String,
        /// The types that fit.
        needed: &'static str,
    },
    /// An order of features that is none.
    #[error("{name} does not hold each of the whole numbers from 0 to {last} once")]
    Order {
        /// The name of the parameter.
        name: String,
        /// The largest number.
        last: usize,
    },
    /// Far fewer values than the configuration describes.
    #[error("the configuration describes {described} numbers, the file holds {held}")]
    TooFew {
        /// The values of the configuration.
        described: u128,
        /// The values of the file.
        held: u128,
    },
}

fn listed(problems: &[WeightProblem]) -> String {
    let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
    texts.join("; ")
}
