//! Scores of images.

use thalweg_data::Images;
use thalweg_metrics::Calibration;
use thalweg_train::fingerprint;

use crate::{FittedImages, ImagesError};

impl FittedImages {
    /// `ln p` of each image in nats, of pixels with uniform noise of one level in the unit cube.
    ///
    /// The noise comes from the model's seed and the image's own pixels, so an image has the same figure whatever the
    /// images beside it are; for flow matching, within the tolerance of its integration. For a VAE and an f-VAE it is the
    /// importance-weighted bound of [`importance`](crate::ImagesSummary::importance) samples, which is below `ln p` on average
    /// (Burda, Grosse, Salakhutdinov: *Importance weighted autoencoders*, 2016, eq. 8).
    ///
    /// # Errors
    ///
    /// Images of another size or other levels, see [`conform`](Self::conform); an integration that fails.
    pub fn log_prob(&self, images: &Images) -> Result<Vec<f64>, ImagesError> {
        self.require(images)?;
        let mut nats = Vec::with_capacity(images.count());
        let k = self.summary().importance;
        for rows in Self::chunks(images.count(), images.dim()) {
            let seeds: Vec<u64> = rows
                .iter()
                .map(|row| self.description.seed ^ fingerprint(images.image(*row).iter().copied()))
                .collect();
            let levels = images.select(&rows).to_planes(&self.device);
            nats.extend(self.model.log_probs(levels, &seeds, self.dequantize(), k)?);
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

    /// The p-value of each image by its nats: the share of held-out images, itself counted in, with nats at most as high.
    ///
    /// It is the conformal p-value of [`Calibration`]: of images like those of the fit, a share of at most `α` has a p-value
    /// up to `α`. Nats of an image that is not a number have the lowest.
    ///
    /// # Errors
    ///
    /// None for nats of [`log_prob`](Self::log_prob).
    pub fn p_values(&self, nats: &[f64]) -> Result<Vec<f64>, ImagesError> {
        let surprise = |nats: &f64| if nats.is_nan() { f64::INFINITY } else { -nats };
        let reference: Vec<f64> = self.description.reference.iter().map(surprise).collect();
        let surprises: Vec<f64> = nats.iter().map(surprise).collect();
        Ok(Calibration::new(&reference)?.p_values(&surprises)?)
    }
}
