//! A report of a density on images that it did not see.

mod builder;
mod picture;
mod sample;
mod text;

use std::path::Path;

use serde::{Deserialize, Serialize};
use thalweg_data::Images;

use crate::{AnyImages, ImagesError};
pub use builder::ImagesReportBuilder;

/// How well a density describes images that it did not see: [`AnyImages::report`].
///
/// As text by `Display`, as JSON by [`to_json`](Self::to_json) and `serde`, as a picture by [`save`](Self::save).
///
/// ```
/// use thalweg_data::digits;
/// use thalweg_images::{ImageDensity, ImageKind, ImageScore, ImagesReport, PValues, Reached};
///
/// # let folder = std::env::temp_dir().join(format!("thalweg-images-report-{}", std::process::id()));
/// # let path = folder.join("report.json");
/// let [train, test] = [0..100, 100..200].map(|rows| digits().select(&rows.collect::<Vec<_>>()));
/// let density = ImageDensity::new().model(ImageKind::Nice).depth(1).hidden(8).steps(5);
/// let model = density.fit(&train)?;
/// let report: ImagesReport = model.report(&test)?;
/// let reached: Option<Reached> = report.fit.clone();
/// assert_eq!(reached.map(|fit| fit.bits_per_dim), Some(model.summary().bits_per_dim));
///
/// let strangest: &ImageScore = &report.worst[0];
/// let index: usize = strangest.name.parse()?; // images without names have their index
/// assert!((model.bits_per_dim(&test)?[index] - strangest.bits_per_dim).abs() < 1e-9);
/// let p_values: &PValues = report.p_values.as_ref().expect("a fit");
/// assert_eq!(p_values.counts.iter().sum::<usize>(), 100);
///
/// report.save(&path)?;
/// assert_eq!(std::fs::read_to_string(&path)?.trim_end(), report.to_json());
/// # std::fs::remove_dir_all(folder).ok();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImagesReport {
    /// All images.
    pub images: usize,
    /// Those without a score, such as pictures that are damaged.
    pub errors: usize,
    /// The first of these, and the reason.
    pub first_error: Option<String>,
    /// Images with `ln p = −∞`.
    pub impossible: usize,
    /// The mean of `ln p` in nats over all other images, as [`AnyImages::log_prob`]; none where there are none.
    pub nats: Option<f64>,
    /// Its standard error.
    pub nats_error: Option<f64>,
    /// The mean in bits a dimension.
    pub bits_per_dim: Option<f64>,
    /// Its standard error.
    pub bits_error: Option<f64>,
    /// Whether the nats are a lower bound.
    pub bound: bool,
    /// What the fit said of itself; none of a model without one.
    pub fit: Option<Reached>,
    /// The images of the lowest bits a dimension, the lowest first.
    pub best: Vec<ImageScore>,
    /// The images of the highest bits a dimension, the highest first.
    pub worst: Vec<ImageScore>,
    /// How the p-values are distributed; none of a model without a fit.
    pub p_values: Option<PValues>,
    /// The temperature of the draws.
    pub temperature: f64,
    /// Bits a dimension of each image, for the picture. They are not in the JSON.
    #[serde(skip)]
    bits: Vec<f64>,
    /// Images beside draws, for the picture. They are not in the JSON.
    #[serde(skip)]
    sheet: Option<[Images; 2]>,
}

/// What a fit reached on the images that it held out.
///
/// See [`ImagesReport`] for an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reached {
    /// The fit in words.
    pub words: String,
    /// Bits a dimension.
    pub bits_per_dim: f64,
}

/// An image and its score.
///
/// See [`ImagesReport`] for an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageScore {
    /// The name of the image, or its index from 0.
    pub name: String,
    /// Its bits a dimension.
    pub bits_per_dim: f64,
    /// Its p-value, as [`AnyImages::p_values`]; none of a model without a fit.
    pub p_value: Option<f64>,
}

/// The distribution of p-values: flat for images like those that the fit held out, and high at the left for stranger ones.
///
/// See [`ImagesReport`] for an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PValues {
    /// The images in each of 20 bins of equal width.
    pub counts: Vec<usize>,
    /// The largest difference of the distribution functions of `ln p`, of these images and of those that the fit held out.
    pub distance: f64,
    /// The probability of a difference at least as large between images of one kind (Kolmogorov and Smirnov).
    pub p_value: f64,
}

impl ImagesReport {
    /// The report as one JSON object. A figure that cannot be computed is `null`.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("numbers and words are JSON")
    }

    /// Saves the report: a picture as `.png` or `.svg`, the figures as `.json`, the text as `.txt`.
    ///
    /// # Errors
    ///
    /// Another ending, and a file that cannot be written; an older file at `path` is then unchanged.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), ImagesError> {
        let (page, json) = (|| self.page(), || self.to_json());
        Ok(thalweg_plot::save_report(path, page, json, || {
            self.to_string()
        })?)
    }
}

impl AnyImages {
    /// How well the density describes images: give images that it was not fitted to. P-values and what the fit reached are
    /// there where the model comes from a fit.
    ///
    /// ```no_run
    /// let (train, test) = thalweg_data::fashion_mnist();
    /// let model = thalweg_images::ImageDensity::new().fit(&train)?;
    /// let report = model.report(&test)?;
    /// println!("{report}");
    /// report.save("report.png")?;
    /// # Ok::<(), thalweg_images::ImagesError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Images of another size or other levels, see [`conform`](Self::conform); no image with a score; an integration that
    /// fails.
    pub fn report(&self, images: &Images) -> Result<ImagesReport, ImagesError> {
        let mut builder = self.reporting();
        builder.add(images)?;
        builder.finish()
    }

    /// A report of images that come in parts, see [`ImagesReportBuilder`].
    pub fn reporting(&self) -> ImagesReportBuilder<'_> {
        ImagesReportBuilder::new(self)
    }
}
