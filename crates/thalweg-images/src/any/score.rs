//! Scores of images.

use thalweg_data::Images;
use thalweg_metrics::Calibration;
use thalweg_train::fingerprint;

use super::Choices;
use crate::{AnyImages, ImagesError};

impl AnyImages {
    /// `ln p` of each image in nats, of pixels with uniform noise of one level in the unit cube.
    ///
    /// The noise comes from the model's seed and the image's own pixels, so an image has the same figure whatever the
    /// images beside it are; for flow matching, within the tolerance of its integration. For a VAE and an f-VAE it is the
    /// importance-weighted bound of 64 samples, or of [`importance`](crate::ImagesSummary::importance) of a fit, which is below `ln p` on average
    /// (Burda, Grosse, Salakhutdinov: *Importance weighted autoencoders*, 2016, eq. 8).
    ///
    /// # Errors
    ///
    /// Images of another size or other levels, see [`conform`](Self::conform); an integration that fails.
    pub fn log_prob(&self, images: &Images) -> Result<Vec<f64>, ImagesError> {
        self.require(images)?;
        let mut nats = Vec::with_capacity(images.count());
        let Choices {
            seed, importance, ..
        } = self.choices;
        for rows in Self::chunks(images.count(), images.dim()) {
            let seeds: Vec<u64> = rows
                .iter()
                .map(|row| seed ^ fingerprint(images.image(*row).iter().copied()))
                .collect();
            let levels = self.levels(&images.select(&rows));
            let dequantize = self.dequantize();
            nats.extend(
                self.model
                    .log_probs(levels, &seeds, dequantize, importance)?,
            );
        }
        Ok(nats)
    }

    /// Bits a dimension of each image: `(D ln L − ln p) / (D ln 2)` of D numbers of L levels.
    ///
    /// # Errors
    ///
    /// As [`log_prob`](Self::log_prob).
    pub fn bits_per_dim(&self, images: &Images) -> Result<Vec<f64>, ImagesError> {
        let units = self.units();
        let nats = self.log_prob(images)?.into_iter();
        Ok(nats.map(|nats| units.from_nats(nats)).collect())
    }

    /// Whether there are scores of held-out images, which p-values compare with: those of a fit.
    pub fn has_p_values(&self) -> bool {
        !self.reference.is_empty()
    }

    /// The p-value of each image by its nats: the share of held-out images, itself counted in, with nats at most as high.
    ///
    /// It is the conformal p-value of [`Calibration`]: of images like those of the fit, a share of at most `α` has a p-value
    /// up to `α`. Nats of an image that is not a number have the lowest.
    ///
    /// # Errors
    ///
    /// A model without a fit, which has no held-out images; see [`has_p_values`](Self::has_p_values).
    pub fn p_values(&self, nats: &[f64]) -> Result<Vec<f64>, ImagesError> {
        if !self.has_p_values() {
            return Err(ImagesError::NoReference);
        }
        let surprise = |nats: &f64| if nats.is_nan() { f64::INFINITY } else { -nats };
        let reference: Vec<f64> = self.reference.iter().map(surprise).collect();
        let surprises: Vec<f64> = nats.iter().map(surprise).collect();
        Ok(Calibration::new(&reference)?.p_values(&surprises)?)
    }
}
