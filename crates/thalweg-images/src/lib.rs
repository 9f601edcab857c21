#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | task | item |
//! |---|---|
//! | which model, how large, how long | [`ImageDensity`], [`ImageKind`] |
//! | what a fit will do, and about how long | [`ImageDensity::plan`], [`ImageDensity::estimate`] |
//! | log-densities and bits a dimension | [`AnyImages::log_prob`], [`AnyImages::bits_per_dim`] |
//! | p-values | [`AnyImages::p_values`] |
//! | how good the density is | [`AnyImages::report`], [`AnyImages::reporting`] |
//! | draws | [`AnyImages::sample`] |
//! | latents and back, without a loss | [`AnyImages::encode`], [`AnyImages::decode`], [`Codes`] |
//! | paths between images | [`AnyImages::strip`], [`AnyImages::square`] |
//! | one file with everything | [`FittedImages::save`], [`FittedImages::load`] |
//! | models of the library and their files | [`AnyImages::of_flow`], [`AnyImages::of_nice`], [`AnyImages::load`] |
#![recursion_limit = "256"]

mod any;
mod codes;
mod density;
mod description;
mod error;
mod fit;
mod fitted;
mod kind;
mod model;
mod report;
mod summary;

pub use any::AnyImages;
pub use codes::{Codes, CodesError, CodesWriter};
pub use density::ImageDensity;
pub use error::{ImageError, ImagesError};
pub use fit::{Estimate, ImagesPlan};
pub use fitted::FittedImages;
pub use kind::{ImageKind, ImageKindError};
pub use report::{ImageScore, ImagesReport, ImagesReportBuilder, PValues, Reached};
pub use summary::ImagesSummary;

/// The kind of a model file with a density of images, as [`kind`](thalweg_models::file::kind) says it.
///
/// ```
/// assert_eq!(thalweg_images::FILE_KIND, "density of images");
/// ```
pub const FILE_KIND: &str = <description::Description as thalweg_models::ModelConfig>::KIND;
