//! The models that a file may hold.

use std::path::Path;

use thalweg::burn::tensor::Device;
use thalweg::images::{FILE_KIND, FittedImages};
use thalweg::models::any::{self, AnyVectors};
use thalweg::models::file::{self, FileProblem};
use thalweg::tabular::FittedDensity;

use crate::failure::Failure;

/// The kind of a file with the density of a table.
pub(crate) const TABLE: &str = "density of a table";

/// A model, by the kind of its file.
#[derive(Debug)]
pub(crate) enum Loaded {
    Table(Box<FittedDensity>),
    Images(Box<FittedImages>),
    /// A density of the library, or one of another library's weights.
    Vectors(Box<dyn AnyVectors>),
}

impl Loaded {
    /// The model in a file.
    pub(crate) fn open(path: &Path, device: &Device) -> Result<Self, Failure> {
        Ok(match file::kind(path)?.as_str() {
            TABLE => Self::Table(Box::new(FittedDensity::load(path, device)?)),
            FILE_KIND => Self::Images(Box::new(FittedImages::load(path, device)?)),
            kind => Self::Vectors(any::vectors(path, device).map_err(
                |error| match error.problem {
                    FileProblem::OtherModel { .. } => Failure::OtherKind {
                        path: path.to_owned(),
                        kind: kind.to_owned(),
                        verbs: "info and check",
                    },
                    _ => error.into(),
                },
            )?),
        })
    }

    /// The density of a table, for a verb that knows no other model.
    pub(crate) fn table(self, path: &Path) -> Result<FittedDensity, Failure> {
        match self {
            Self::Table(model) => Ok(*model),
            other => Err(other.refused(path)),
        }
    }

    /// The density of images, for a verb that knows no other model.
    pub(crate) fn images(self, path: &Path) -> Result<FittedImages, Failure> {
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
                "score, sample, encode, decode, report, compare, check, info and bench",
            ),
            Self::Images(_) => (
                FILE_KIND,
                "score, sample, encode, decode, interpolate, report, compare, check, info and bench",
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
