//! The models that a file may hold.

use std::path::Path;
use std::str::FromStr;

use thalweg::burn::tensor::Device;
use thalweg::images::{AnyImages, FILE_KIND, ImagesError};
use thalweg::models::any::{self, AnyVectors};
use thalweg::models::file::{FileProblem, ModelFile, ModelFileError};
use thalweg::tabular::FittedDensity;

use crate::failure::Failure;

/// The kind of a file with the density of a table.
pub(crate) const TABLE: &str = "density of a table";

/// A model, by the kind of its file.
#[derive(Debug)]
pub(crate) enum Loaded {
    Table(Box<FittedDensity>),
    /// A density of images: of a fit, of the library, or of another library's weights.
    Images(Box<AnyImages>),
    /// A density of vectors of the library, or of another library's weights.
    Vectors(Box<dyn AnyVectors>),
}

impl Loaded {
    /// The model in a file. The shape is that of images, for a model that does not say it.
    pub(crate) fn open(
        path: &Path,
        shape: Option<Shape>,
        device: &Device,
    ) -> Result<Self, Failure> {
        let shape = shape.map(|Shape(shape)| shape);
        let file = ModelFile::open(path)?;
        let model = match file.kind() {
            TABLE => Self::Table(Box::new(FittedDensity::of_file(&file, device)?)),
            kind if any::is_of_vectors(kind) => Self::Vectors(any::vectors_of(&file, device)?),
            kind => {
                let model = AnyImages::of_file(&file, shape, device);
                return match model {
                    Ok(model) => Ok(Self::Images(Box::new(model))),
                    Err(ImagesError::File(error)) if is_other(&error) => Err(Failure::OtherKind {
                        path: path.to_owned(),
                        kind: kind.to_owned(),
                        verbs: "info and check",
                    }),
                    Err(error) => Err(error.into()),
                };
            }
        };
        match shape {
            None => Ok(model),
            Some(_) => Err(Failure::Usage(format!(
                "`--shape` is for models of images, and {} is a density of rows",
                path.display()
            ))),
        }
    }

    /// The density of a table, for a verb that knows no other model.
    pub(crate) fn table(self, path: &Path) -> Result<FittedDensity, Failure> {
        match self {
            Self::Table(model) => Ok(*model),
            other => Err(other.refused(path)),
        }
    }

    /// The density of images, for a verb that knows no other model.
    pub(crate) fn images(self, path: &Path) -> Result<AnyImages, Failure> {
        match self {
            Self::Images(model) => Ok(*model),
            other => Err(other.refused(path)),
        }
    }

    /// Why there is no report on this model, and what says how good it is.
    pub(crate) fn without_report(&self, path: &Path) -> Failure {
        let kind = match self {
            Self::Vectors(model) => model.kind(),
            Self::Table(_) => TABLE,
            Self::Images(_) => FILE_KIND,
        };
        Failure::NoReport {
            path: path.to_owned(),
            kind: kind.to_owned(),
        }
    }

    /// Why a verb does not take this model.
    pub(crate) fn refused(&self, path: &Path) -> Failure {
        let (kind, verbs) = match self {
            Self::Table(_) => (
                TABLE,
                "score, sample, encode, decode, report, compare, check, info, bench and view",
            ),
            Self::Images(_) => (
                FILE_KIND,
                "score, sample, encode, decode, interpolate, report, compare, check, info, bench and view",
            ),
            Self::Vectors(model) => (
                model.kind(),
                "score, sample, encode, decode, compare, check and info",
            ),
        };
        Failure::OtherKind {
            path: path.to_owned(),
            kind: kind.to_owned(),
            verbs,
        }
    }
}

/// Whether a file holds a model of another kind than the one that was asked for.
fn is_other(error: &ModelFileError) -> bool {
    matches!(error.problem, FileProblem::OtherModel { .. })
}

/// Channels, height and width of images, as `1x20x28`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape(pub(crate) [usize; 3]);

impl FromStr for Shape {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sides = text.split('x').map(str::parse);
        let sides: Option<Vec<usize>> = sides.map(Result::ok).collect();
        match sides.as_deref() {
            Some(&[channels, height, width]) if ![channels, height, width].contains(&0) => {
                Ok(Self([channels, height, width]))
            }
            _ => Err("a shape is CHANNELSxHEIGHTxWIDTH, such as 1x28x28 or 3x32x32".to_owned()),
        }
    }
}
