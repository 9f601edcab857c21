//! A report of images that come in parts.

use thalweg_data::Images;
use thalweg_metrics::{PitHistogram, RunningMean, ks_two_sample};

use super::sample::Sample;
use super::{ImageScore, ImagesReport, PValues};
use crate::{AnyImages, ImagesError};

/// Images of the lowest and of the highest bits a dimension that are named.
const NAMED: usize = 10;
/// Bins of p-values.
const BINS: usize = 20;
/// The seed of the draws.
const SEED: u64 = 0;

/// Takes images part by part and makes an [`ImagesReport`] of all of them. It keeps a number of each image, and a random
/// sample of 64 images, the same one each time, for the picture.
///
/// ```
/// use thalweg_data::digits;
/// use thalweg_images::{AnyImages, ImagesReportBuilder};
/// use thalweg_models::NiceConfig;
///
/// let nice = NiceConfig::paper(64, 17).with_depth(1).with_hidden(4);
/// let model = AnyImages::of_nice(nice.init(&Default::default()), None)?;
/// let images = digits();
/// let mut builder: ImagesReportBuilder = model.reporting();
/// for rows in (0..200).collect::<Vec<_>>().chunks(100) {
///     builder.add(&images.select(rows))?;
/// }
/// let last = images.select(&[200, 201]);
/// builder.add_scored(&last, &model.log_prob(&last)?)?; // the nats are known
/// builder.refuse("202.png", "it ends early");
/// let report = builder.finish()?;
/// println!("{report}");
/// assert_eq!((report.images, report.errors), (203, 1));
/// # Ok::<(), thalweg_images::ImagesError>(())
/// ```
#[derive(Debug)]
pub struct ImagesReportBuilder<'m> {
    model: &'m AnyImages,
    images: usize,
    errors: usize,
    first_error: Option<String>,
    means: [RunningMean; 2],
    /// Of all images with a density, impossible ones too.
    nats: Vec<f64>,
    best: Vec<ImageScore>,
    worst: Vec<ImageScore>,
    sample: Sample,
}

impl<'m> ImagesReportBuilder<'m> {
    pub(super) fn new(model: &'m AnyImages) -> Self {
        Self {
            model,
            images: 0,
            errors: 0,
            first_error: None,
            means: Default::default(),
            nats: vec![],
            best: vec![],
            worst: vec![],
            sample: Sample::default(),
        }
    }

    /// Adds images.
    ///
    /// # Errors
    ///
    /// Images of another size or other levels; an integration that fails.
    pub fn add(&mut self, images: &Images) -> Result<(), ImagesError> {
        let nats = self.model.log_prob(images)?;
        self.add_scored(images, &nats)
    }

    /// Adds images whose nats by [`log_prob`](AnyImages::log_prob) are known.
    ///
    /// # Errors
    ///
    /// Images of another size or other levels.
    ///
    /// # Panics
    ///
    /// If there are not nats for each image.
    pub fn add_scored(&mut self, images: &Images, nats: &[f64]) -> Result<(), ImagesError> {
        assert!(
            nats.len() == images.count(),
            "there must be nats for each image, got {} nats and {} images",
            nats.len(),
            images.count()
        );
        self.model.require(images)?;
        let p_values = match self.model.has_p_values() {
            true => Some(self.model.p_values(nats)?),
            false => None,
        };
        let units = self.model.units();
        for (row, nats) in nats.iter().enumerate() {
            let name = match images.names() {
                Some(names) => names[row].clone(),
                None => self.images.to_string(),
            };
            if nats.is_nan() {
                self.refuse(&name, "its density is not a number");
                continue;
            }
            self.images += 1;
            self.nats.push(*nats);
            self.sample.add(images, row);
            let score = ImageScore {
                name,
                bits_per_dim: units.from_nats(*nats),
                p_value: p_values.as_ref().map(|p_values| p_values[row]),
            };
            if nats.is_finite() {
                self.means[0].add(*nats, 1.0);
                self.means[1].add(score.bits_per_dim, 1.0);
                insert(&mut self.best, &score, |a, b| a < b);
            }
            insert(&mut self.worst, &score, |a, b| a > b);
        }
        Ok(())
    }

    /// Counts an image that has no score, such as a damaged picture.
    pub fn refuse(&mut self, name: &str, problem: &str) {
        self.images += 1;
        self.errors += 1;
        self.first_error
            .get_or_insert_with(|| format!("{name}: {problem}"));
    }

    /// The report of all images.
    ///
    /// # Errors
    ///
    /// No image with a score; draws that fail.
    pub fn finish(self) -> Result<ImagesReport, ImagesError> {
        if self.nats.is_empty() {
            return Err(ImagesError::Unscored {
                images: self.images,
                first: self.first_error,
            });
        }
        let (model, units, temperature) =
            (self.model, self.model.units(), self.model.temperature());
        let p_values = match model.has_p_values() {
            true => Some(PValues::of(model, &self.nats)?),
            false => None,
        };
        let data = self.sample.finish()?;
        let draws = model.sample(data.count(), temperature, SEED)?;
        let finite = |nats: &&f64| nats.is_finite();
        let [nats, bits] = self.means;
        Ok(ImagesReport {
            images: self.images,
            errors: self.errors,
            first_error: self.first_error,
            impossible: self.nats.iter().filter(|nats| !nats.is_finite()).count(),
            nats: nats.mean(),
            nats_error: nats.standard_error(),
            bits_per_dim: bits.mean(),
            bits_error: bits.standard_error(),
            bound: model.is_bound(),
            fit: model.reached().cloned(),
            best: self.best,
            worst: self.worst,
            p_values,
            temperature,
            bits: self
                .nats
                .iter()
                .filter(finite)
                .map(|nats| units.from_nats(*nats))
                .collect(),
            sheet: Some([data, draws]),
        })
    }
}

impl PValues {
    fn of(model: &AnyImages, nats: &[f64]) -> Result<Self, ImagesError> {
        let histogram = PitHistogram::of(&model.p_values(nats)?, BINS)?;
        let test = ks_two_sample(model.reference(), nats)?;
        Ok(Self {
            counts: histogram.counts().to_vec(),
            distance: test.statistic,
            p_value: test.p_value,
        })
    }
}

/// Puts a score to its place among the first ones; of equal ones the earlier image is first.
fn insert(first: &mut Vec<ImageScore>, score: &ImageScore, before: impl Fn(f64, f64) -> bool) {
    let after = |other: &ImageScore| !before(score.bits_per_dim, other.bits_per_dim);
    let place = first.partition_point(after);
    if place < NAMED {
        first.insert(place, score.clone());
        first.truncate(NAMED);
    }
}
