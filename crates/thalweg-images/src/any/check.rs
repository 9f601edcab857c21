//! How far the flow of images can be trusted.

use thalweg_check::{Check, Options};
use thalweg_data::Images;

use crate::{AnyImages, ImagesError};

impl AnyImages {
    /// A report on the flow, on images: round trips, log-determinants, condition numbers, scales.
    ///
    /// # Errors
    ///
    /// Images of another size, none at all, and a VAE or an f-VAE, which have no flow of images.
    pub fn check(&self, images: &Images, options: &Options) -> Result<Check, ImagesError> {
        self.require(images)?;
        let first: Vec<usize> = (0..images.count().min(options.rows)).collect();
        let levels = self.levels(&images.select(&first));
        Ok(self.model.check(levels, self.dequantize(), options)?)
    }
}
