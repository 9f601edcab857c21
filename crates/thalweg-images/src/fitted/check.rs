//! How far the flow of images can be trusted.

use thalweg_check::{Check, CheckError, Options, check};
use thalweg_data::Images;
use thalweg_flow::Noise;

use crate::model::{ImageModel, rows};
use crate::{FittedImages, ImagesError};

impl FittedImages {
    /// A report on the flow, on images: round trips, log-determinants, condition numbers, scales.
    ///
    /// # Errors
    ///
    /// Images of another size, none at all, and a VAE or an f-VAE, which have no flow of images.
    pub fn check(&self, images: &Images, options: &Options) -> Result<Check, ImagesError> {
        self.require(images)?;
        let first: Vec<usize> = (0..images.count().min(options.rows)).collect();
        let levels = images.select(&first).to_planes(&self.device);
        Ok(match &self.model {
            ImageModel::Glow(model) => check(model, &levels, options)?,
            ImageModel::RealNvp(model) => check(model, &levels, options)?,
            ImageModel::Nice(model) => check(model, &rows(levels), options)?,
            ImageModel::FlowMatching(model) => {
                let noise = &mut Noise::seeded(options.seed);
                let (y, _) = self.dequantize().apply(rows(levels), noise)?;
                check(model, &y, options)?
            }
            ImageModel::Vae(_) | ImageModel::Fvae(_) => {
                let kind = self.kind().to_string();
                return Err(CheckError::NoFlow { kind }.into());
            }
        })
    }
}
